#include "base/text/cron.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/core/strings.h"

namespace swell {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::local_days;
using std::chrono::minutes;
using std::chrono::year_month_day;

// The longest way between two days that a schedule names: from 29 February 2096 to that of 2104.
constexpr days kHorizon{366 * 9};
// Clocks jump by less than this.
constexpr hours kMargin{25};

constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays = {"sun", "mon", "tue", "wed",
                                                       "thu", "fri", "sat"};

struct Field {
  const char* name;
  unsigned min;
  unsigned max;
  std::span<const std::string_view> words = {};  // of min, min + 1 …
};

constexpr Field kMinute = {"minute", 0, 59};
constexpr Field kHour = {"hour", 0, 23};
constexpr Field kDay = {"day of the month", 1, 31};
constexpr Field kMonth = {"month", 1, 12, kMonths};
constexpr Field kWeekday = {"day of the week", 0, 6, kWeekdays};

Error Wrong(const Field& field, std::string_view text, const std::string& why) {
  return InvalidArgument(std::string(field.name) + " " + Quote(text) + ": " + why);
}

Result<unsigned> ParseNumber(const Field& field, std::string_view text) {
  const auto word = std::ranges::find(field.words, ToLower(text));
  if (word != field.words.end()) {
    return field.min + static_cast<unsigned>(word - field.words.begin());
  }
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    return Fail(Wrong(field, text,
                      "is not a number" + std::string(field.words.empty() ? "" : " or a name")));
  }
  return number;
}

Result<unsigned> ParseValue(const Field& field, std::string_view text) {
  const unsigned number = TRY(ParseNumber(field, text));
  if (number < field.min || number > field.max) {
    return Fail(Wrong(field, text,
                      "is not between " + std::to_string(field.min) + " and " +
                          std::to_string(field.max) +
                          (&field == &kWeekday && number == 7 ? " (Sunday is 0)" : "")));
  }
  return number;
}

struct Parsed {
  std::uint64_t bits = 0;
  bool any = false;
};

// "*", "?", "5", "mon", "1-5", each with "/step".
Result<Parsed> ParseRange(const Field& field, std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view range = text.substr(0, slash);
  Parsed out{.any = range == "*" || range == "?"};
  unsigned first = field.min;
  unsigned last = field.max;
  if (!out.any) {
    const std::size_t hyphen = range.find('-');
    first = last = TRY(ParseValue(field, range.substr(0, hyphen)));
    if (hyphen != std::string_view::npos) {
      last = TRY(ParseValue(field, range.substr(hyphen + 1)));
    } else if (slash != std::string_view::npos) {
      last = field.max;
    }
    if (last < first) {
      return Fail(Wrong(field, text, "begins after its end: write it as two, as in \"22-23,0-5\""));
    }
  }
  unsigned step = 1;
  if (slash != std::string_view::npos) {
    const Field steps = {field.name, 1, field.max};
    step = TRY(ParseValue(steps, text.substr(slash + 1)));
    out.any = out.any && step == 1;
  }
  for (unsigned i = first; i <= last; i += step) out.bits |= std::uint64_t{1} << i;
  return out;
}

Result<Parsed> ParseField(const Field& field, std::string_view text) {
  Parsed out;
  for (const std::string_view item : Split(text, ',')) {
    const Parsed one = TRY(ParseRange(field, item));
    out.bits |= one.bits;
    out.any = out.any || one.any;
  }
  return out;
}

Result<std::string> Unfold(std::string_view text) {
  if (!text.starts_with('@')) return std::string(text);
  static constexpr std::pair<std::string_view, const char*> kNamed[] = {
      {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"},
      {"@weekly", "0 0 * * 0"}, {"@daily", "0 0 * * *"},    {"@midnight", "0 0 * * *"},
      {"@hourly", "0 * * * *"},
  };
  for (const auto& [name, fields] : kNamed) {
    if (text == name) return std::string(fields);
  }
  if (text.starts_with("@every")) {
    return Fail(
        Unimplemented("\"@every\" is not supported: it counts from the start of a "
                      "program; give five fields"));
  }
  return Fail(InvalidArgument(Quote(text) + " is none of @yearly, @annually, @monthly, @weekly, "
                                            "@daily, @midnight, @hourly"));
}

bool Has(std::uint64_t bits, unsigned bit) { return (bits >> bit & 1) != 0; }

// From `at`, which the wall shows as `local`, to the next minute of the hour in `bits`; or one
// minute alone where clocks jump on the way.
minutes StepTo(std::uint64_t bits, LocalMinute local, Timestamp at, const TimeZone& zone,
               minutes one) {
  minutes way = one;
  const auto shown = [&] { return local + way - floor<hours>(local + way); };
  while (!Has(bits, static_cast<unsigned>(shown().count()))) way += one;
  return zone.ToLocal(at + way) == local + way ? way : one;
}

}  // namespace

Result<Cron> Cron::Parse(std::string_view text) {
  if (text.starts_with("TZ=") || text.starts_with("CRON_TZ=")) {
    return Fail(Unimplemented("a time zone in the schedule is not supported: give it by itself"));
  }
  const std::string unfolded = TRY(Unfold(Trim(text)));
  std::vector<std::string_view> fields;
  for (std::string_view part : Split(unfolded, ' ')) {
    if (!(part = Trim(part)).empty()) fields.push_back(part);
  }
  if (fields.size() != 5) {
    return Fail(InvalidArgument(Quote(text) + " has " + std::to_string(fields.size()) +
                                " fields: give five (minute, hour, day of the month, month, day "
                                "of the week), as in \"0 22 * * 1-5\""));
  }
  Cron out;
  out.minutes_ = TRY(ParseField(kMinute, fields[0])).bits;
  const Parsed hour = TRY(ParseField(kHour, fields[1]));
  const Parsed day = TRY(ParseField(kDay, fields[2]));
  out.months_ = TRY(ParseField(kMonth, fields[3])).bits;
  const Parsed weekday = TRY(ParseField(kWeekday, fields[4]));
  out.hours_ = hour.bits;
  out.any_hour_ = hour.any;
  out.days_ = day.bits;
  out.any_day_ = day.any;
  out.weekdays_ = weekday.bits;
  out.any_weekday_ = weekday.any;
  // With "*" as a day of the week, the day of the month decides alone, and may not exist.
  static constexpr unsigned kLengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool comes = !out.any_weekday_;
  for (unsigned month = 1; month <= 12; ++month) {
    const auto first = static_cast<unsigned>(std::countr_zero(out.days_));
    comes = comes || (Has(out.months_, month) && first <= kLengths[month - 1]);
  }
  if (!comes) return Fail(InvalidArgument(Quote(text) + " never comes: no month has that day"));
  return out;
}

bool Cron::DayMatches(local_days day) const {
  const year_month_day date(day);
  if (!Has(months_, static_cast<unsigned>(date.month()))) return false;
  const bool by_day = Has(days_, static_cast<unsigned>(date.day()));
  const bool by_weekday = Has(weekdays_, std::chrono::weekday(day).c_encoding());
  return any_day_ || any_weekday_ ? by_day && by_weekday : by_day || by_weekday;
}

bool Cron::MinuteMatches(LocalMinute at) const {
  const minutes of_day = at - floor<days>(at);
  return Has(hours_, static_cast<unsigned>(of_day / hours(1))) &&
         Has(minutes_, static_cast<unsigned>(of_day % hours(1) / minutes(1)));
}

std::optional<LocalMinute> Cron::FirstLocal(LocalMinute from) const {
  const local_days begin = floor<days>(from);
  for (local_days day = begin; day <= begin + kHorizon; day += days(1)) {
    if (!DayMatches(day)) continue;
    for (LocalMinute at = std::max<LocalMinute>(day, from); at < day + days(1);) {
      if (MinuteMatches(at)) return at;
      const bool hour = Has(hours_, static_cast<unsigned>((at - day) / hours(1)));
      at = hour ? at + minutes(1) : LocalMinute(floor<hours>(at) + hours(1));
    }
  }
  return std::nullopt;
}

std::optional<LocalMinute> Cron::LastLocal(LocalMinute from) const {
  const local_days begin = floor<days>(from);
  for (local_days day = begin; day >= begin - kHorizon; day -= days(1)) {
    if (!DayMatches(day)) continue;
    for (LocalMinute at = std::min<LocalMinute>(day + days(1) - minutes(1), from); at >= day;) {
      if (MinuteMatches(at)) return at;
      const bool hour = Has(hours_, static_cast<unsigned>((at - day) / hours(1)));
      at = hour ? at - minutes(1) : LocalMinute(floor<hours>(at) - minutes(1));
    }
  }
  return std::nullopt;
}

std::optional<Timestamp> Cron::Next(Timestamp after, const TimeZone& zone) const {
  if (!any_hour_) {
    // The moments of local times come in their order, so the first that is late enough is it.
    auto local = FirstLocal(zone.ToLocal(after));
    for (; local; local = FirstLocal(*local + minutes(1))) {
      if (const Timestamp at = zone.FromLocal(*local).first; at > after) return at;
    }
    return std::nullopt;
  }
  for (Timestamp at = floor<minutes>(after) + minutes(1); at - after < kHorizon;) {
    const LocalMinute local = zone.ToLocal(at);
    const local_days day = floor<days>(local);
    if (DayMatches(day) && MinuteMatches(local)) return at;
    if (DayMatches(day)) {
      at += StepTo(minutes_, local, at, zone, minutes(1));
    } else {
      at = std::max(at + minutes(1), zone.FromLocal(day + days(1)).first);
    }
  }
  return std::nullopt;
}

std::optional<Timestamp> Cron::Previous(Timestamp at, const TimeZone& zone) const {
  if (!any_hour_) {
    auto local = LastLocal(zone.ToLocal(at) + kMargin);
    for (; local; local = LastLocal(*local - minutes(1))) {
      if (const Timestamp found = zone.FromLocal(*local).first; found <= at) return found;
    }
    return std::nullopt;
  }
  for (Timestamp found = floor<minutes>(at); at - found < kHorizon;) {
    const LocalMinute local = zone.ToLocal(found);
    const local_days day = floor<days>(local);
    if (DayMatches(day) && MinuteMatches(local)) return found;
    if (DayMatches(day)) {
      found += StepTo(minutes_, local, found, zone, minutes(-1));
    } else {
      found = std::min<Timestamp>(found - minutes(1), zone.FromLocal(day).first - minutes(1));
    }
  }
  return std::nullopt;
}

}  // namespace swell
