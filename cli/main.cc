#include <string>
#include <vector>

#include "base/core/heap.h"
#include "cli/commands/app.h"

int main(int argc, char** argv) {
  swell::PreferLargeHeap();
  return swell::cli::RunSwell(std::vector<std::string>(argv + 1, argv + argc));
}
