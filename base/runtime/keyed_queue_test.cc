#include "base/runtime/keyed_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

namespace swell {
namespace {

using Item = KeyedQueue::Item;

TEST(KeyedQueueTest, CoalescesAndKeepsOrder) {
  KeyedQueue queue;
  EXPECT_TRUE(queue.Push("g", "a"));
  EXPECT_TRUE(queue.Push("g", "b"));
  EXPECT_FALSE(queue.Push("g", "a"));
  EXPECT_EQ(queue.size(), 2u);
  EXPECT_EQ(queue.TryTake(), (Item{"g", "a"}));
  EXPECT_EQ(queue.TryTake(), (Item{"g", "b"}));
  EXPECT_EQ(queue.TryTake(), std::nullopt);
}

TEST(KeyedQueueTest, GroupsTakeTurns) {
  KeyedQueue queue;
  for (int i = 0; i < 4; ++i) queue.Push("big", std::to_string(i));
  queue.Push("small", "x");
  queue.Push("tiny", "y");
  std::string order;
  while (auto item = queue.TryTake()) order += item->group[0] + item->key + " ";
  EXPECT_EQ(order, "b0 sx ty b1 b2 b3 ");
}

TEST(KeyedQueueTest, APushDuringWorkComesAgainAfterDone) {
  KeyedQueue queue;
  queue.Push("g", "a");
  const Item item = *queue.TryTake();
  EXPECT_TRUE(queue.Push("g", "a"));
  EXPECT_FALSE(queue.Push("g", "a"));
  EXPECT_EQ(queue.TryTake(), std::nullopt) << "one key must not be handled twice at a time";
  EXPECT_EQ(queue.in_work(), 1u);
  queue.Done(item);
  EXPECT_EQ(queue.TryTake(), item);
  queue.Done(item);
  EXPECT_EQ(queue.TryTake(), std::nullopt);
}

TEST(KeyedQueueTest, Remove) {
  KeyedQueue queue;
  queue.Push("g", "a");
  queue.Push("g", "b");
  EXPECT_TRUE(queue.Remove("g", "a"));
  EXPECT_FALSE(queue.Remove("g", "a"));
  EXPECT_FALSE(queue.Remove("none", "a"));
  const Item item = *queue.TryTake();
  EXPECT_EQ(item.key, "b");
  queue.Push("g", "b");
  EXPECT_TRUE(queue.Remove("g", "b"));
  queue.Done(item);
  EXPECT_EQ(queue.TryTake(), std::nullopt);
  // Removed and pushed anew: comes once.
  queue.Push("g", "c");
  queue.Remove("g", "c");
  queue.Push("g", "c");
  EXPECT_TRUE(queue.TryTake());
  EXPECT_FALSE(queue.TryTake());
}

TEST(KeyedQueueTest, TakeWaitsUntilTheDeadlineOrClose) {
  KeyedQueue queue;
  EXPECT_EQ(queue.Take(Deadline::After(std::chrono::milliseconds(20))), std::nullopt);
  std::thread closer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    queue.Push("g", "last");
    queue.Close();
  });
  EXPECT_EQ(queue.Take(), (Item{"g", "last"}));
  EXPECT_EQ(queue.Take(), std::nullopt);
  closer.join();
  EXPECT_FALSE(queue.Push("g", "late"));
}

// Every push is followed by a handling that begins after it; no key is handled by two.
TEST(KeyedQueueTest, LosesNothingUnderLoad) {
  KeyedQueue queue;
  constexpr int kKeys = 50;
  std::vector<std::atomic<int>> version(kKeys), handled(kKeys), busy(kKeys);
  std::vector<std::thread> takers;
  std::atomic<bool> overlap = false;
  for (int t = 0; t < 3; ++t) {
    takers.emplace_back([&] {
      while (auto item = queue.Take()) {
        const int key = std::stoi(item->key);
        if (busy[key]++ != 0) overlap = true;
        handled[key] = version[key].load();
        --busy[key];
        queue.Done(*item);
      }
    });
  }
  std::vector<std::thread> pushers;
  for (int t = 0; t < 2; ++t) {
    pushers.emplace_back([&, t] {
      std::mt19937 random(t);
      for (int i = 0; i < 20'000; ++i) {
        const int key = static_cast<int>(random() % kKeys);
        ++version[key];
        queue.Push("g" + std::to_string(key % 7), std::to_string(key));
      }
    });
  }
  for (auto& thread : pushers) thread.join();
  queue.Close();
  for (auto& thread : takers) thread.join();
  EXPECT_FALSE(overlap);
  for (int key = 0; key < kKeys; ++key) EXPECT_EQ(handled[key], version[key]) << key;
}

}  // namespace
}  // namespace swell
