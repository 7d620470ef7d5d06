#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "base/runtime/backoff.h"
#include "base/runtime/cancel.h"
#include "base/runtime/deadline.h"
#include "base/runtime/executor.h"
#include "base/runtime/token_bucket.h"

namespace swell {
namespace {

using std::chrono::milliseconds;

TEST(CancelTest, CallbacksRunOnceInOrder) {
  CancelSource source;
  const CancelToken token = source.token();
  std::string seen;
  const auto a = token.OnCancel([&] { seen += "a"; });
  auto b = token.OnCancel([&] { seen += "b"; });
  const auto c = token.OnCancel([&] { seen += "c"; });
  b.Reset();
  EXPECT_FALSE(token.cancelled());
  source.Cancel("shutting down");
  source.Cancel("again");
  EXPECT_EQ(seen, "ac");
  EXPECT_TRUE(token.cancelled());
  EXPECT_EQ(token.error().ToString(), "shutting down");
  EXPECT_EQ(token.error().code(), ErrorCode::kCancelled);
  const auto late = token.OnCancel([&] { seen += "late"; });
  EXPECT_EQ(seen, "aclate");
}

TEST(CancelTest, TheDefaultTokenIsNeverCancelled) {
  const CancelToken token;
  EXPECT_FALSE(token.cancelled());
  const auto r = token.OnCancel([] { FAIL(); });
}

TEST(CancelTest, ResetWaitsForARunningCallback) {
  CancelSource source;
  std::atomic<bool> started = false, ended = false;
  auto registration = source.token().OnCancel([&] {
    started = true;
    std::this_thread::sleep_for(milliseconds(50));
    ended = true;
  });
  std::thread canceller([&] { source.Cancel(); });
  while (!started) std::this_thread::yield();
  registration.Reset();
  EXPECT_TRUE(ended);
  canceller.join();
}

TEST(CancelTest, ACallbackMayDropItsOwnRegistration) {
  CancelSource source;
  CancelRegistration registration;
  registration = source.token().OnCancel([&] { registration.Reset(); });
  source.Cancel();
}

TEST(DeadlineTest, Remaining) {
  EXPECT_TRUE(Deadline().never());
  EXPECT_EQ(Deadline::Never().Remaining(), Duration::max());
  const Deadline past = Deadline::After(milliseconds(-5));
  EXPECT_TRUE(past.passed());
  EXPECT_EQ(past.Remaining(), Duration::zero());
  const Deadline soon = Deadline::After(milliseconds(500));
  EXPECT_FALSE(soon.passed());
  EXPECT_GT(soon.Remaining(), milliseconds(100));
  EXPECT_LE(soon.Remaining(), milliseconds(500));
  EXPECT_TRUE(soon.Min(past).passed());
  EXPECT_FALSE(Deadline::Never().Min(soon).never());
}

TEST(ExecutorTest, RunsEverythingBeforeItStops) {
  std::atomic<int> ran = 0;
  {
    Executor executor({.threads = 3});
    for (int i = 0; i < 1000; ++i) ASSERT_TRUE(executor.Post([&] { ++ran; }));
  }
  EXPECT_EQ(ran, 1000);
}

TEST(ExecutorTest, TheQueueIsBounded) {
  Executor executor({.name = "small", .threads = 1, .max_queued = 2});
  std::atomic<bool> go = false, started = false;
  ASSERT_TRUE(executor.Post([&] {
    started = true;
    while (!go) std::this_thread::yield();
  }));
  while (!started) std::this_thread::yield();
  ASSERT_TRUE(executor.Post([] {}));
  ASSERT_TRUE(executor.Post([] {}));
  const Status full = executor.Post([] {});
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_TRUE(full.error().message().contains("small"));
  EXPECT_EQ(executor.queued(), 2u);
  go = true;
  executor.Drain();
  EXPECT_EQ(executor.queued(), 0u);
  executor.Stop();
  EXPECT_EQ(executor.Post([] {}).error().code(), ErrorCode::kUnavailable);
}

TEST(ExecutorTest, DrainWaitsForTasksOfTasks) {
  Executor executor({.threads = 2});
  std::atomic<int> ran = 0;
  ASSERT_TRUE(executor.Post([&] {
    std::this_thread::sleep_for(milliseconds(20));
    (void)executor.Post([&] { ++ran; });
    ++ran;
  }));
  executor.Drain();
  EXPECT_EQ(ran, 2);
}

TEST(BackoffTest, GrowsToItsLimit) {
  Backoff backoff({.initial = milliseconds(100), .max = milliseconds(1000), .jitter = 0},
                  [] { return 0.5; });
  std::vector<int> pauses;
  for (int i = 0; i < 6; ++i) pauses.push_back(static_cast<int>(backoff.Next().count()));
  EXPECT_EQ(pauses, (std::vector<int>{100, 200, 400, 800, 1000, 1000}));
  backoff.Reset();
  EXPECT_EQ(backoff.Next(), milliseconds(100));
  for (int i = 0; i < 5000; ++i) EXPECT_LE(backoff.Next(), milliseconds(1000));
}

TEST(BackoffTest, JitterStaysWithinItsShare) {
  std::set<Duration::rep> seen;
  const RandomSource random = SystemRandom();
  for (int i = 0; i < 200; ++i) {
    Backoff backoff({.initial = milliseconds(1000), .jitter = 0.2}, random);
    const auto pause = backoff.Next().count();
    EXPECT_GE(pause, 800);
    EXPECT_LE(pause, 1200);
    seen.insert(pause);
  }
  EXPECT_GT(seen.size(), 20u);
}

TEST(TokenBucketTest, RefillsWithTheClock) {
  ManualClock clock;
  TokenBucket bucket(clock, 10, 3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(bucket.TryTake());
  EXPECT_FALSE(bucket.TryTake());
  EXPECT_EQ(bucket.WaitFor(), milliseconds(100));
  clock.Advance(milliseconds(99));
  EXPECT_FALSE(bucket.TryTake());
  clock.Advance(milliseconds(1));
  EXPECT_TRUE(bucket.TryTake());
  clock.Advance(std::chrono::hours(1));
  EXPECT_EQ(bucket.WaitFor(3), Duration::zero());
  EXPECT_EQ(bucket.WaitFor(4), Duration::max());
  clock.Advance(milliseconds(-5000));
  EXPECT_TRUE(bucket.TryTake(3));
  EXPECT_FALSE(bucket.TryTake());
}

}  // namespace
}  // namespace swell
