#include "base/core/heap.h"

#include <gtest/gtest.h>

#include <cstring>
#include <thread>
#include <vector>

namespace swell {
namespace {

constexpr std::size_t kSizes[] = {0, 1, 8, 9, 24, 100, 1000, 1024, 1025, 5000, 300'000};

// Blocks of all sizes, each filled: one that overlaps another does not keep its bytes.
void TakeAndFree() {
  std::vector<std::pair<unsigned char*, std::size_t>> blocks;
  for (int round = 0; round < 40; ++round) {
    for (const std::size_t size : kSizes) {
      auto* const block = static_cast<unsigned char*>(QuickHeap::New(size));
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % 16, 0u) << size;
      std::memset(block, static_cast<int>(blocks.size() % 251), size);
      blocks.emplace_back(block, size);
    }
    // Every third is freed, so that later ones take its place.
    for (std::size_t i = static_cast<std::size_t>(round) % 3; i < blocks.size(); i += 3) {
      QuickHeap::Delete(blocks[i].first);
      blocks[i] = {nullptr, 0};
    }
  }
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto [block, size] = blocks[i];
    for (std::size_t at = 0; at < size; ++at) ASSERT_EQ(block[at], i % 251) << size;
    QuickHeap::Delete(block);
  }
}

TEST(QuickHeap, BlocksDoNotOverlap) {
  QuickHeap::Delete(nullptr);
  TakeAndFree();  // malloc's
  void* const before = QuickHeap::New(64);
  QuickHeap::Enable();
  TakeAndFree();
  QuickHeap::Delete(before);  // knows where it came from
  std::jthread other(&TakeAndFree);
  TakeAndFree();
}

TEST(QuickHeap, UsesAgainWhatAnyThreadFreed) {
  QuickHeap::Enable();
  void* const block = QuickHeap::New(40);
  void* again = nullptr;
  std::jthread([&] {
    QuickHeap::Delete(block);
    again = QuickHeap::New(33);  // as large in units of 16
  }).join();
  EXPECT_EQ(again, block);
  QuickHeap::Delete(again);
}

}  // namespace
}  // namespace swell
