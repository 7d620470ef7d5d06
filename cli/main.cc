#include <string>
#include <vector>

#include "cli/commands/app.h"

int main(int argc, char** argv) {
  return swell::cli::RunSwell(std::vector<std::string>(argv + 1, argv + argc));
}
