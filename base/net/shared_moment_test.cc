#include "base/net/shared_moment.h"

#include <gtest/gtest.h>

#include <set>

namespace swell::net {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using Time = std::chrono::steady_clock::time_point;

TEST(SharedMomentTest, NeverEarlierAndALittleLater) {
  for (const int delay : {1, 7, 50, 999, 15'000, 3'600'000}) {
    for (int now = 0; now < 4000; now += 37) {
      const Time at{microseconds(now * 1000 + 123)};
      const milliseconds got = UntilSharedMoment(milliseconds(delay), at);
      EXPECT_GE(got, milliseconds(delay)) << delay << " at " << now;
      EXPECT_LE(got, milliseconds(delay + std::min(delay / 8, 1000) + 2)) << delay << " at " << now;
    }
  }
}

TEST(SharedMomentTest, ManyEndTogether) {
  std::set<milliseconds> ends;
  for (int now = 0; now < 1000; ++now) {
    const Time at{milliseconds(now)};
    ends.insert(milliseconds(now) + UntilSharedMoment(milliseconds(15'000), at));
  }
  EXPECT_LE(ends.size(), 2u);
}

}  // namespace
}  // namespace swell::net
