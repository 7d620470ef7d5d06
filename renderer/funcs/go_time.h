#pragma once
// Go's time package as far as templates use it: times, layouts, durations, zones.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/core/result.h"

namespace swell::funcs {

// An instant and the zone to show it in. The zero value is Go's: 0001-01-01 00:00:00 UTC.
struct GoTime {
  std::int64_t seconds = -62135596800;  // since the UNIX epoch
  std::int32_t nanoseconds = 0;
  std::int32_t offset = 0;  // of the zone, in seconds east of UTC
  std::string zone = "UTC";
};

struct CivilTime {
  std::int64_t year = 1;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int weekday = 1;  // 0 is Sunday
  int year_day = 1;
};

CivilTime ToCivil(const GoTime& time);
// Months and days out of range run over, as in Go's time.Date. In UTC.
std::int64_t FromCivil(std::int64_t year, std::int64_t month, std::int64_t day);

// By Go layout: "2006-01-02T15:04:05Z07:00".
std::string FormatGoTime(const GoTime& time, std::string_view layout);
// In UTC where the text names no zone. Errors are Go's: `parsing time "x" as "2006": cannot
// parse "x" as "2006"`.
Result<GoTime> ParseGoTime(std::string_view layout, std::string_view text);
std::string_view MonthName(int month);      // 1 is January
std::string_view WeekdayName(int weekday);  // 0 is Sunday

// The instant in a zone of the system's time zone database; "", "UTC" and "Local" are UTC (a
// render must not depend on where it runs), and so are names that are not there.
GoTime InZone(GoTime time, std::string_view zone);

// Nanoseconds. "1h30m", "-1.5h", "300ms"; the error is Go's: `time: invalid duration "x"`.
Result<std::int64_t> ParseGoDuration(std::string_view text);
// "1h30m0s", "1.5s", "0s".
std::string FormatGoDuration(std::int64_t nanoseconds);

// The pieces of a layout, for formatting and parsing alike.
enum class LayoutPiece : std::uint8_t {
  kText,
  kLongMonth,
  kMonth,
  kNumMonth,
  kZeroMonth,
  kLongWeekday,
  kWeekday,
  kDay,
  kUnderDay,
  kZeroDay,
  kUnderYearDay,
  kZeroYearDay,
  kHour,
  kHour12,
  kZeroHour12,
  kMinute,
  kZeroMinute,
  kSecond,
  kZeroSecond,
  kLongYear,
  kYear,
  kUpperPm,
  kLowerPm,
  kZoneName,
  kIsoZone,
  kIsoColonZone,
  kIsoSecondsZone,
  kIsoColonSecondsZone,
  kIsoShortZone,
  kNumZone,
  kNumColonZone,
  kNumSecondsZone,
  kNumColonSecondsZone,
  kNumShortZone,
  kFraction0,
  kFraction9,
};
struct LayoutStep {
  std::string_view before;                 // text in front of the piece
  LayoutPiece piece = LayoutPiece::kText;  // kText: the layout is used up
  std::string_view text;                   // the piece as written
  std::string_view rest;
};
LayoutStep NextLayoutStep(std::string_view layout);

}  // namespace swell::funcs
