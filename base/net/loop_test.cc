#include "base/net/loop.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

namespace swell::net {
namespace {

using std::chrono::milliseconds;

TEST(LoopTest, RunsPostedFunctionsInOrderOnItsThread) {
  Loop loop;
  std::vector<int> seen;
  for (int i = 0; i < 1000; ++i) {
    loop.Post([&, i] {
      EXPECT_TRUE(loop.InLoopThread());
      seen.push_back(i);
    });
  }
  loop.Run([] {});
  ASSERT_EQ(seen.size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(seen[i], i);
  EXPECT_FALSE(loop.InLoopThread());
}

TEST(LoopTest, GathersWhatOthersPostWhileItsOwnRuns) {
  constexpr milliseconds kGather(400);
  using Clock = std::chrono::steady_clock;
  Loop loop("gathers", kGather);
  const auto start = Clock::now();
  loop.Run([] {});
  EXPECT_LT(Clock::now() - start, kGather / 2) << "nothing came before";
  std::vector<int> seen;
  std::promise<void> inside;
  loop.Post([&] {  // waits, as the first has just run
    seen.push_back(1);
    loop.Post([&] {
      seen.push_back(3);
      inside.set_value();
    });
  });
  loop.Post([&] { seen.push_back(2); });
  inside.get_future().wait();
  const auto gathered = Clock::now();
  EXPECT_GE(gathered - start, kGather);
  EXPECT_LT(gathered - start, kGather + kGather / 2) << "what it posts itself does not wait";
  EXPECT_EQ(seen, (std::vector<int>{1, 2, 3}));

  // A timer strikes meanwhile: what it posts does not wait either.
  std::promise<void> from_timer;
  Clock::time_point struck;
  loop.Run([&] {
    loop.PostAfter(milliseconds(1), [&] {
      struck = Clock::now();
      loop.Post([&] { from_timer.set_value(); });
    });
  });
  from_timer.get_future().wait();
  EXPECT_LT(Clock::now() - struck, kGather / 2);
}

TEST(LoopTest, TimersFireInOrderOfTime) {
  Loop loop;
  std::promise<void> done;
  std::vector<int> seen;
  loop.PostAfter(milliseconds(60), [&] {
    seen.push_back(3);
    done.set_value();
  });
  loop.PostAfter(milliseconds(20), [&] { seen.push_back(2); });
  loop.PostAfter(milliseconds(1), [&] { seen.push_back(1); });
  const auto start = std::chrono::steady_clock::now();
  done.get_future().wait();
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(55));
  EXPECT_EQ(seen, (std::vector<int>{1, 2, 3}));
}

TEST(LoopTest, ACancelledTimerDoesNotRunAndFreesItsFunction) {
  Loop loop;
  auto alive = std::make_shared<int>(1);
  std::atomic<bool> ran = false;
  TimerHandle timer = loop.PostAfter(milliseconds(20), [&, alive] { ran = true; });
  loop.Run([&] { timer.Cancel(); });
  EXPECT_EQ(alive.use_count(), 1);
  loop.PostAfter(milliseconds(60), [] {});
  std::this_thread::sleep_for(milliseconds(60));
  EXPECT_FALSE(ran);
}

TEST(LoopTest, AHandleMayOutliveItsLoop) {
  TimerHandle timer;
  {
    Loop loop;
    timer = loop.PostAfter(std::chrono::hours(1), [] {});
  }
  timer.Cancel();
}

TEST(LoopTest, StopDropsWhatIsQueued) {
  auto alive = std::make_shared<int>(1);
  Loop loop;
  loop.Run([&] {
    loop.Post([alive] {});
    loop.Stop();
  });
  loop.Stop();
  EXPECT_EQ(alive.use_count(), 1);
  loop.Post([alive] {});
  EXPECT_EQ(alive.use_count(), 1);
  loop.Run([] { FAIL() << "ran after Stop"; });
}

}  // namespace
}  // namespace swell::net
