#pragma once
// Schedules of cron: five fields, as robfig/cron v3's standard parser reads them, which Argo CD's
// sync windows and Kubernetes' CronJobs use.

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "base/text/time_zone.h"

namespace swell {

// Minute, hour, day of the month, month, day of the week: "0 22 * * MON-FRI", "*/15 8-17 1,15 * *",
// or @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly. '?' is '*'; "3/2" is from
// 3 in steps of 2; Sunday is 0. Where neither day field is '*' (or '*' with a step, as there), a
// day that either of them names counts.
//
// Where clocks jump: an hour of its own ("30 2 * * *") comes once on every day, in the first of
// two hours that the wall shows twice, and at the jump where the wall leaves it out (robfig/cron
// drops it then, which for a deny window would be a gate left open; and comes twice where it is
// shown twice). With every hour ("30 * * * *") it follows the time that passes.
//
// Cheap to copy; may be used from any thread.
class Cron {
 public:
  // kInvalidArgument with the field and what is wrong; also for what never comes (30 February),
  // for "@every" and for "TZ=…".
  static Result<Cron> Parse(std::string_view text);

  // The first time after `after`, and the last one not after `at`, on whole minutes. Nothing only
  // where the calendar ends: every schedule that Parse takes comes within nine years.
  std::optional<Timestamp> Next(Timestamp after, const TimeZone& zone) const;
  std::optional<Timestamp> Previous(Timestamp at, const TimeZone& zone) const;

 private:
  bool DayMatches(std::chrono::local_days day) const;
  bool MinuteMatches(LocalMinute at) const;
  // The first matching local time from `from` on, the last one up to `from`.
  std::optional<LocalMinute> FirstLocal(LocalMinute from) const;
  std::optional<LocalMinute> LastLocal(LocalMinute from) const;

  std::uint64_t minutes_ = 0, hours_ = 0, days_ = 0, months_ = 0, weekdays_ = 0;  // bits
  bool any_hour_ = false, any_day_ = false, any_weekday_ = false;                 // '*'
};

}  // namespace swell
