#include "base/text/cron.h"

#include <gtest/gtest.h>

#include <string>

namespace swell {
namespace {

TimeZone Zone(const std::string& name) { return TimeZone::Load(name).value(); }
Timestamp At(const std::string& text) { return ParseTimestamp(text).value(); }
std::string Show(const std::optional<Timestamp>& at) { return at ? FormatTimestamp(*at) : "never"; }

struct NextCase {
  const char* schedule;
  const char* zone;
  const char* after;
  const char* next;
};

class Next : public testing::TestWithParam<NextCase> {};

TEST_P(Next, ComesAndIsFoundBackwards) {
  const NextCase& c = GetParam();
  const Cron cron = Cron::Parse(c.schedule).value();
  const TimeZone zone = Zone(c.zone);
  const auto next = cron.Next(At(c.after), zone);
  ASSERT_EQ(Show(next), c.next) << c.schedule << " after " << c.after << " in " << c.zone;
  EXPECT_EQ(Show(cron.Previous(*next, zone)), c.next);
  EXPECT_LE(*cron.Previous(*next - Duration(1), zone), At(c.after));
}

// As robfig/cron v3 has them in its own spec_test.go.
INSTANTIATE_TEST_SUITE_P(
    RobfigCron, Next,
    testing::Values(
        NextCase{"0/15 * * * *", "", "2012-07-09T14:45:00Z", "2012-07-09T15:00:00Z"},
        NextCase{"0/15 * * * *", "", "2012-07-09T14:59:59Z", "2012-07-09T15:00:00Z"},
        NextCase{"20-35/15 * * * *", "", "2012-07-09T15:45:00Z", "2012-07-09T16:20:00Z"},
        NextCase{"*/15 * * * *", "", "2012-07-09T23:46:00Z", "2012-07-10T00:00:00Z"},
        NextCase{"20-35/15 * * * *", "", "2012-07-09T23:45:00Z", "2012-07-10T00:20:00Z"},
        NextCase{"20-35/15 1/2 * * *", "", "2012-07-09T23:35:51Z", "2012-07-10T01:20:00Z"},
        NextCase{"20-35/15 10-12 * * *", "", "2012-07-09T23:35:51Z", "2012-07-10T10:20:00Z"},
        NextCase{"20-35/15 1/2 */2 * *", "", "2012-07-09T23:35:51Z", "2012-07-11T01:20:00Z"},
        NextCase{"20-35/15 * 9-20 * *", "", "2012-07-09T23:35:51Z", "2012-07-10T00:20:00Z"},
        NextCase{"20-35/15 * 9-20 Jul *", "", "2012-07-09T23:35:51Z", "2012-07-10T00:20:00Z"},
        NextCase{"0 0 9 Apr-Oct ?", "", "2012-07-09T23:35:00Z", "2012-08-09T00:00:00Z"},
        NextCase{"0 0 */5 Apr,Aug,Oct Mon", "", "2012-07-09T23:35:00Z", "2012-08-01T00:00:00Z"},
        NextCase{"0 0 */5 Oct Mon", "", "2012-07-09T23:35:00Z", "2012-10-01T00:00:00Z"},
        NextCase{"0 0 * Feb Mon", "", "2012-07-09T23:35:00Z", "2013-02-04T00:00:00Z"},
        NextCase{"0 0 * Feb Mon/2", "", "2012-07-09T23:35:00Z", "2013-02-01T00:00:00Z"},
        NextCase{"0 0 29 Feb ?", "", "2012-07-09T23:35:00Z", "2016-02-29T00:00:00Z"},
        NextCase{"30 08 ? Jul Sun", "", "2012-07-14T12:00:00Z", "2012-07-15T08:30:00Z"},
        NextCase{"30 08 15 Jul ?", "", "2012-07-14T12:00:00Z", "2012-07-15T08:30:00Z"},
        NextCase{"0 0 1,15 * Sun", "", "2012-07-01T00:00:00Z", "2012-07-08T00:00:00Z"},
        NextCase{"@hourly", "", "2012-07-09T15:04:00Z", "2012-07-09T16:00:00Z"},
        NextCase{"@daily", "", "2012-07-09T15:04:00Z", "2012-07-10T00:00:00Z"},
        NextCase{"@weekly", "", "2012-07-09T00:00:00Z", "2012-07-15T00:00:00Z"},
        NextCase{"@monthly", "", "2012-07-09T00:00:00Z", "2012-08-01T00:00:00Z"},
        NextCase{"@yearly", "", "2012-07-09T00:00:00Z", "2013-01-01T00:00:00Z"}));

INSTANTIATE_TEST_SUITE_P(
    Calendar, Next,
    testing::Values(
        NextCase{"0 22 * * 1-5", "", "2026-11-27T22:00:00Z", "2026-11-30T22:00:00Z"},
        NextCase{"0 0 29 2 *", "", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"},
        NextCase{"0 0 29 2 *", "", "2096-02-29T00:00:00Z", "2104-02-29T00:00:00Z"},
        NextCase{"0 12 31 * *", "", "2028-01-31T12:00:00Z", "2028-03-31T12:00:00Z"},
        NextCase{"0 22 * * *", "Europe/Berlin", "2026-07-01T00:00:00Z", "2026-07-01T20:00:00Z"},
        NextCase{"0 22 * * *", "Asia/Kathmandu", "2026-07-01T00:00:00Z", "2026-07-01T16:15:00Z"},
        NextCase{"0 0 * * *", "Pacific/Apia", "2026-07-01T12:00:00Z", "2026-07-02T11:00:00Z"}));

INSTANTIATE_TEST_SUITE_P(
    ClocksJump, Next,
    testing::Values(
        // Berlin, 2026-03-29: 02:00 becomes 03:00, at 01:00Z.
        NextCase{"30 1 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T00:30:00Z"},
        NextCase{"30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"},
        NextCase{"30 2 * * *", "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"},
        NextCase{"0 3 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"},
        NextCase{"30 * * * *", "Europe/Berlin", "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"},
        // 2026-10-25: 03:00 becomes 02:00, at 01:00Z.
        NextCase{"30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"},
        NextCase{"30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"},
        NextCase{"30 2 * * *", "Europe/Berlin", "2026-10-25T01:10:00Z", "2026-10-26T01:30:00Z"},
        NextCase{"0 3 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T02:00:00Z"},
        NextCase{"30 * * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"},
        NextCase{"30 * * * *", "Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"},
        // New York: 2026-03-08 at 07:00Z, 2026-11-01 at 06:00Z.
        NextCase{"30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", "2026-03-08T07:00:00Z"},
        NextCase{"15 3 * * *", "America/New_York", "2026-03-07T12:00:00Z", "2026-03-08T07:15:00Z"},
        NextCase{"30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", "2026-11-01T05:30:00Z"},
        NextCase{"30 1 * * *", "America/New_York", "2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"},
        // Midnight is left out: Santiago, 2026-09-06 at 04:00Z. Half an hour: Lord Howe.
        NextCase{"0 0 * * *", "America/Santiago", "2026-09-05T12:00:00Z", "2026-09-06T04:00:00Z"},
        NextCase{"15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z",
                 "2026-10-03T15:30:00Z"}));

TEST(Cron, PreviousInTheHourThatComesTwice) {
  const Cron cron = Cron::Parse("30 2 * * *").value();
  const TimeZone berlin = Zone("Europe/Berlin");
  // The wall shows 02:10 for the second time: 02:30 was before it.
  EXPECT_EQ(Show(cron.Previous(At("2026-10-25T01:10:00Z"), berlin)), "2026-10-25T00:30:00Z");
  EXPECT_EQ(Show(cron.Previous(At("2026-10-25T00:10:00Z"), berlin)), "2026-10-24T00:30:00Z");
}

TEST(Cron, EveryMinuteOfAYearIsFoundFromBothSides) {
  for (const char* zone : {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe"}) {
    for (const char* schedule : {"30 2 * * *", "*/20 * * * *", "15 1-3 * * *", "0 */2 * * *"}) {
      const Cron cron = Cron::Parse(schedule).value();
      Timestamp at = At("2026-01-01T00:00:00Z");
      while (at < At("2027-01-01T00:00:00Z")) {
        const Timestamp next = cron.Next(at, Zone(zone)).value();
        ASSERT_GT(next, at);
        ASSERT_EQ(cron.Previous(next, Zone(zone)), next) << zone << " " << schedule;
        const auto before = cron.Previous(next - std::chrono::seconds(1), Zone(zone));
        ASSERT_EQ(before, cron.Previous(at, Zone(zone)))
            << zone << " " << schedule << " " << FormatTimestamp(next);
        at = next;
      }
    }
  }
}

TEST(Cron, RefusesWhatIsNoSchedule) {
  const struct {
    const char* text;
    const char* why;
  } cases[] = {
      {"", "fields: give five"},
      {"0 22 * *", "has 4 fields"},
      {"0 0 22 * * *", "has 6 fields"},
      {"60 * * * *", "minute \"60\": is not between 0 and 59"},
      {"0 24 * * *", "hour \"24\": is not between 0 and 23"},
      {"0 0 0 * *", "day of the month \"0\": is not between 1 and 31"},
      {"0 0 * 13 *", "month \"13\": is not between 1 and 12"},
      {"0 0 * * 7", "(Sunday is 0)"},
      {"0 0 * * funday", "is not a number or a name"},
      {"-1 * * * *", "is not a number"},
      {"0 22-5 * * *", "begins after its end"},
      {"*/0 * * * *", "is not between 1 and 59"},
      {"*/5/5 * * * *", "is not a number"},
      {"1-2-3 * * * *", "is not a number"},
      {"1,,2 * * * *", "is not a number"},
      {"1.5 * * * *", "is not a number"},
      {"99999999999999999999 * * * *", "is not a number"},
      {"0 0 30 2 *", "never comes"},
      {"0 0 31 4,6 ?", "never comes"},
      {"@reboot", "is none of"},
      {"@every 1h", "not supported"},
      {"TZ=Europe/Berlin 0 22 * * *", "time zone in the schedule"},
  };
  for (const auto& c : cases) {
    const auto cron = Cron::Parse(c.text);
    ASSERT_FALSE(cron) << c.text;
    EXPECT_NE(cron.error().ToString().find(c.why), std::string::npos)
        << c.text << ": " << cron.error().ToString();
  }
  EXPECT_TRUE(Cron::Parse("  0   22 * *  MON-fri ").has_value());
  EXPECT_TRUE(Cron::Parse("0 0 30 2 MON").has_value());  // any Monday of February
}

TEST(TimeZone, KnowsTheDatabaseAlone) {
  for (const char* name : {"", "UTC", "Europe/Berlin", "Etc/GMT+5", "America/Port-au-Prince"}) {
    EXPECT_TRUE(TimeZone::Load(name).has_value()) << name;
  }
  for (const char* name :
       {"Europe/Atlantis", "localtime", "/etc/passwd", "../../etc/passwd", "right/Europe/Berlin",
        "Fixed/UTC+01:00:00", "file:/etc/passwd", "Europe/Berlin\n"}) {
    EXPECT_FALSE(TimeZone::Load(name).has_value()) << name;
  }
  EXPECT_EQ(TimeZone::Load("").value().name(), "UTC");
}

}  // namespace
}  // namespace swell
