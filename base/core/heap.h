#pragma once
// How a short-lived program gets its memory.

#include <cstddef>
#include <cstdint>

namespace swell {

// For programs that use tens of megabytes and end: lets malloc grow in one large step backed by
// huge pages where the kernel has them, and give nothing back. Taking memory page by page was a
// third of what rendering a large chart cost. To be called first in main; does nothing where the
// kernel or the C library do not play along.
void PreferLargeHeap();

// Small blocks for a program's operator new and delete (cli/main.cc). Until Enable() it is malloc.
// Afterwards each thread cuts its blocks from chunks one behind the other and keeps what it frees
// for its own next blocks of that size; nothing goes back. So it is for commands that compute one
// thing and end, whatever they free is bounded by what they were allowed to use, and not for
// servers. A block may be freed by another thread than that which took it.
class QuickHeap {
 public:
  // From now on, on all threads. Cannot be undone.
  static void Enable();

  // 16-aligned, never null; throws std::bad_alloc as operator new has to.
  static void* New(std::size_t bytes) {
    if (bytes <= kLargest) [[likely]] {
      const std::size_t units = (bytes + kHeader + kUnit - 1) / kUnit;
      Lists& own = lists_;
      if (Free* const block = own.free[units]) {
        own.free[units] = block->next;
        return block;
      }
      if (static_cast<std::size_t>(own.end - own.at) >= units * kUnit) [[likely]] {
        return Cut(own, units);
      }
    }
    return NewSlowly(bytes);
  }

  // What New gave, or null.
  static void Delete(void* memory) noexcept {
    if (memory == nullptr) return;
    const std::uint64_t units = UnitsOf(memory);
    if (units == 0) return FreeSlowly(memory);
    Free* const block = static_cast<Free*>(memory);
    block->next = lists_.free[units];
    lists_.free[units] = block;
  }

 private:
  static constexpr std::size_t kUnit = 16;
  static constexpr std::size_t kHeader = 8;  // before the block: its units, or 0 of malloc's
  static constexpr std::size_t kLargest = 1024;

  struct Free {
    Free* next;
  };
  struct Lists {
    Free* free[(kLargest + kHeader + kUnit - 1) / kUnit + 1];  // by units
    char* at;                                                  // of the chunk; 8 beyond a unit
    char* end;
  };

  static std::uint64_t& UnitsOf(void* memory) {
    return *reinterpret_cast<std::uint64_t*>(static_cast<char*>(memory) - kHeader);
  }
  static void* Cut(Lists& own, std::size_t units) {
    char* const memory = own.at + kHeader;
    own.at += units * kUnit;
    UnitsOf(memory) = units;
    return memory;
  }
  static void* NewSlowly(std::size_t bytes);
  static void FreeSlowly(void* memory) noexcept;

  static inline constinit thread_local Lists lists_ = {};
};

}  // namespace swell
