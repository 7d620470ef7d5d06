#include <cstddef>
#include <string>
#include <vector>

#include "base/core/heap.h"
#include "cli/commands/app.h"

#ifdef SWELL_QUICK_HEAP  // not with sanitizers, which have their own
void* operator new(std::size_t bytes) { return swell::QuickHeap::New(bytes); }
void operator delete(void* memory) noexcept { swell::QuickHeap::Delete(memory); }
void operator delete(void* memory, std::size_t) noexcept { swell::QuickHeap::Delete(memory); }
#endif

int main(int argc, char** argv) {
  swell::PreferLargeHeap();
  return swell::cli::RunSwell(std::vector<std::string>(argv + 1, argv + argc));
}
