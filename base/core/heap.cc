#include "base/core/heap.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

namespace swell {

void PreferLargeHeap() {
  constexpr int kStep = 32 << 20;
  constexpr std::uintptr_t kHugePage = 2u << 20;
  mallopt(M_TOP_PAD, kStep);
  mallopt(M_MMAP_THRESHOLD, kStep);
  mallopt(M_TRIM_THRESHOLD, -1);
  const auto before = reinterpret_cast<std::uintptr_t>(::sbrk(0));
  void* volatile grown = std::malloc(256u << 10);  // by the step; volatile: it must not be elided
  std::free(grown);
  const auto after = reinterpret_cast<std::uintptr_t>(::sbrk(0));
  const std::uintptr_t begin = (before + kHugePage - 1) / kHugePage * kHugePage;
  if (before == UINTPTR_MAX || after <= begin) return;
  ::madvise(reinterpret_cast<void*>(begin), after - begin, MADV_HUGEPAGE);
}

}  // namespace swell
