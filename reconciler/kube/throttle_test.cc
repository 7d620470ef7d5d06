#include "reconciler/kube/throttle.h"

#include <gtest/gtest.h>

namespace swell::kube {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(ThrottleTest, BoundsWhatIsInFlight) {
  ManualClock clock;
  Throttle throttle(clock, {.max_in_flight = 2});
  EXPECT_EQ(throttle.Ask(0), std::nullopt);
  EXPECT_EQ(throttle.Ask(1), std::nullopt);
  EXPECT_EQ(throttle.Ask(2), Duration::max());
}

TEST(ThrottleTest, BoundsTheRate) {
  ManualClock clock;
  Throttle throttle(clock, {.max_in_flight = 100, .requests_per_second = 10, .burst = 3});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(throttle.Ask(0), std::nullopt) << i;
  EXPECT_EQ(throttle.Ask(0), milliseconds(100));
  clock.Advance(milliseconds(100));
  EXPECT_EQ(throttle.Ask(0), std::nullopt);
  EXPECT_NE(throttle.Ask(0), std::nullopt);
  clock.Advance(seconds(60));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(throttle.Ask(0), std::nullopt) << i;
  EXPECT_NE(throttle.Ask(0), std::nullopt) << "no more than the burst is saved up";
}

TEST(ThrottleTest, ARefusalHoldsEverythingBack) {
  ManualClock clock(Timestamp(seconds(1000)));
  Throttle throttle(clock, {.max_in_flight = 32});
  const Timestamp sent = clock.Now();
  clock.Advance(milliseconds(5));
  // Thirty-two refusals of one round are one.
  for (int i = 0; i < 32; ++i) throttle.OnRefused(sent, seconds(2));
  EXPECT_EQ(throttle.limit(), 16u);
  EXPECT_EQ(throttle.Ask(0), seconds(2));
  clock.Advance(seconds(2));
  EXPECT_EQ(throttle.Ask(15), std::nullopt);
  EXPECT_EQ(throttle.Ask(16), Duration::max());
  // Refused again: half of that, and never less than one.
  for (int i = 0; i < 10; ++i) {
    clock.Advance(seconds(1));
    throttle.OnRefused(clock.Now(), Duration(0));
  }
  EXPECT_EQ(throttle.limit(), 1u);
  EXPECT_EQ(throttle.Ask(0), std::nullopt);
  // It grows by one a round of answers, up to where it was.
  throttle.OnAnswer();
  EXPECT_EQ(throttle.limit(), 2u);
  for (int i = 0; i < 2000; ++i) throttle.OnAnswer();
  EXPECT_EQ(throttle.limit(), 32u);
}

}  // namespace
}  // namespace swell::kube
