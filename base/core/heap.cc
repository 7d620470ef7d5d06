#include "base/core/heap.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace swell {
namespace {

constexpr std::size_t kChunkBytes = 256u << 10;
std::atomic<bool> quick_heap_enabled = false;

}  // namespace

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

void QuickHeap::Enable() {
  mallopt(M_ARENA_MAX, 1);  // chunks of all threads from the large heap
  quick_heap_enabled = true;
}

void* QuickHeap::NewSlowly(std::size_t bytes) {
  const bool cut = bytes <= kLargest && quick_heap_enabled.load(std::memory_order_relaxed);
  const std::size_t wanted = cut ? kChunkBytes : bytes + kUnit;
  char* const memory = wanted < bytes ? nullptr : static_cast<char*>(std::malloc(wanted));
  if (memory == nullptr) throw std::bad_alloc();
  if (!cut) {
    UnitsOf(memory + kUnit) = 0;
    return memory + kUnit;
  }
  lists_.at = memory + kUnit - kHeader;
  lists_.end = memory + kChunkBytes;
  return New(bytes);
}

void QuickHeap::FreeSlowly(void* memory) noexcept { std::free(static_cast<char*>(memory) - kUnit); }

}  // namespace swell
