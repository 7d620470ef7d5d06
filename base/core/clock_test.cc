#include "base/core/clock.h"

#include <gtest/gtest.h>

namespace swell {
namespace {

TEST(Timestamp, RoundTrip) {
  for (const char* text : {"2026-11-23T13:57:03Z", "1970-01-01T00:00:00Z", "2024-02-29T23:59:59Z",
                           "2026-11-23T13:57:03.250Z", "1969-12-31T23:59:59Z"}) {
    const auto t = ParseTimestamp(text);
    ASSERT_TRUE(t) << text;
    EXPECT_EQ(FormatTimestamp(*t), text);
  }
}

TEST(Timestamp, OffsetsAndFractions) {
  EXPECT_EQ(FormatTimestamp(ParseTimestamp("2026-11-23T13:57:03+02:30").value()),
            "2026-11-23T11:27:03Z");
  EXPECT_EQ(FormatTimestamp(ParseTimestamp("2026-11-23T23:57:03-02:30").value()),
            "2026-11-24T02:27:03Z");
  EXPECT_EQ(FormatTimestamp(ParseTimestamp("2026-11-23T13:57:03.123456789Z").value()),
            "2026-11-23T13:57:03.123Z");
}

TEST(Timestamp, RefusesNonsense) {
  for (const char* text :
       {"", "now", "2026-11-23", "2026-11-23T13:57:03", "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z", "2026-11-23T24:00:00Z", "2026-11-23T13:60:00Z",
        "2026-11-23T13:57:03.Z", "2026-11-23T13:57:03Zx", "2026-11-23T13:57:03+0200",
        "2026-11-23T13:57:03+99:00", "-026-11-23T13:57:03Z", "2026-11-23T-1:00:00Z",
        "2026- 1-23T13:57:03Z", "2026-1-23T13:57:03Z"}) {
    EXPECT_FALSE(ParseTimestamp(text)) << text;
  }
}

TEST(Duration, ReadsGoSyntax) {
  const struct {
    const char* text;
    Duration::rep ms;
  } kCases[] = {{"10m", 600000}, {"1h30m", 5400000}, {"500ms", 500},       {"1.5s", 1500},
                {"0", 0},        {"0s", 0},          {"1h0m0.5s", 3600500}};
  for (const auto& c : kCases) EXPECT_EQ(ParseDuration(c.text).value().count(), c.ms) << c.text;
  for (const char* bad :
       {"", "10", "m", "-1m", "1d", "1m 2s", "inf", "nanm", "infh", "1e3s", "1..2s", ".", "1x"}) {
    EXPECT_FALSE(ParseDuration(bad)) << bad;
  }
}

TEST(Duration, Prints) {
  EXPECT_EQ(FormatDuration(Duration{0}), "0s");
  EXPECT_EQ(FormatDuration(Duration{5400000}), "1h30m");
  EXPECT_EQ(FormatDuration(Duration{61001}), "1m1s1ms");
  EXPECT_EQ(FormatDuration(Duration{-1000}), "-1s");
}

TEST(ManualClock, MovesOnlyWhenTold) {
  ManualClock clock(ParseTimestamp("2026-11-23T13:57:03Z").value());
  EXPECT_EQ(clock.Now(), clock.Now());
  clock.Advance(Duration{1000});
  EXPECT_EQ(FormatTimestamp(clock.Now()), "2026-11-23T13:57:04Z");
}

}  // namespace
}  // namespace swell
