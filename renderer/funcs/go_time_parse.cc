// Times and durations read from text.

#include <cmath>
#include <optional>

#include "base/core/strings.h"
#include "renderer/funcs/go_time.h"

namespace swell::funcs {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

class Parser {
 public:
  Parser(std::string_view layout, std::string_view text) : layout_(layout), text_(text) {}

  Result<GoTime> Parse() {
    std::string_view layout = layout_;
    rest_ = text_;
    for (;;) {
      const LayoutStep step = NextLayoutStep(layout);
      if (!TakeText(step.before)) return Unparsed(rest_, step.before);
      if (step.piece == LayoutPiece::kText) break;
      const std::string_view at = rest_;
      if (!Take(step)) {
        if (!out_of_range_.empty()) return Message(": " + out_of_range_ + " out of range");
        return Unparsed(at, step.text);
      }
      layout = step.rest;
    }
    if (!rest_.empty()) return Message(": extra text: " + Quote(rest_));
    return Finish();
  }

 private:
  std::unexpected<Error> Message(const std::string& what) const {
    return Fail(InvalidArgument("parsing time " + Quote(text_) + what));
  }
  std::unexpected<Error> Unparsed(std::string_view value, std::string_view piece) const {
    return Message(" as " + Quote(layout_) + ": cannot parse " + Quote(value) + " as " +
                   Quote(piece));
  }

  bool TakeText(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  // Between `min` and `max` digits.
  std::optional<int> Digits(std::size_t min, std::size_t max) {
    std::size_t n = 0;
    int value = 0;
    while (n < max && n < rest_.size() && IsDigit(rest_[n]))
      value = value * 10 + (rest_[n++] - '0');
    if (n < min) return std::nullopt;
    rest_.remove_prefix(n);
    return value;
  }

  bool Number(int& into, std::size_t min, std::size_t max, int low, int high, const char* name) {
    const auto value = Digits(min, max);
    if (!value) return false;
    into = *value;
    if (into >= low && into <= high) return true;
    out_of_range_ = name;
    return false;
  }

  bool Name(int& into, std::string_view (*name)(int), int first, int count, std::size_t length) {
    for (int i = first; i < first + count; ++i) {
      const std::string_view full = name(i).substr(0, length);
      if (ToLower(rest_.substr(0, full.size())) != ToLower(full)) continue;
      into = i;
      rest_.remove_prefix(full.size());
      return true;
    }
    return false;
  }

  bool TakeZone(const LayoutStep& step) {
    const bool iso = step.text[0] == 'Z';
    if (iso && rest_.starts_with('Z')) {
      rest_.remove_prefix(1);
      zone_offset_ = 0;
      return true;
    }
    if (rest_.empty() || (rest_[0] != '+' && rest_[0] != '-')) return false;
    const int sign = rest_[0] == '-' ? -1 : 1;
    rest_.remove_prefix(1);
    const bool colon = step.text.find(':') != std::string_view::npos;
    int total = 0;
    int scale = 3600;
    const auto parts =
        colon ? (step.text.size() + 1) / 3 - (iso ? 0 : 0) : (step.text.size() - 1) / 2;
    for (std::size_t i = 0; i < parts; ++i, scale /= 60) {
      if (colon && i > 0 && !TakeText(":")) return false;
      const auto value = Digits(2, 2);
      if (!value) return false;
      total += *value * scale;
    }
    zone_offset_ = sign * total;
    return true;
  }

  bool TakeZoneName() {
    if (TakeText("UTC")) {
      zone_offset_ = 0;
      return true;
    }
    std::size_t n = 0;
    while (n < rest_.size() && n < 5 && rest_[n] >= 'A' && rest_[n] <= 'Z') ++n;
    if (n < 3) return false;
    zone_name_ = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return true;
  }

  bool TakeFraction(std::size_t digits) {
    if (rest_.empty() || (rest_[0] != '.' && rest_[0] != ',')) return digits == 0;
    std::size_t n = 1;
    std::int64_t value = 0;
    while (n < rest_.size() && IsDigit(rest_[n]) && n < 10) value = value * 10 + (rest_[n++] - '0');
    if (n == 1 || (digits != 0 && n - 1 != digits)) return false;
    for (std::size_t i = n - 1; i < 9; ++i) value *= 10;
    nanoseconds_ = static_cast<std::int32_t>(value);
    rest_.remove_prefix(n);
    return true;
  }

  bool TakeSecond(std::size_t min, std::string_view following) {
    if (!Number(second_, min, 2, 0, 59, "second")) return false;
    // A fraction may follow although the layout has none.
    if (rest_.size() >= 2 && rest_[0] == '.' && IsDigit(rest_[1]) && !following.starts_with(".0") &&
        !following.starts_with(".9")) {
      return TakeFraction(0);
    }
    return true;
  }

  bool Take(const LayoutStep& step) {
    int ignored = 0;
    switch (step.piece) {
      case LayoutPiece::kLongYear:
        return Number(year_, 4, 4, 0, 9999, "year");
      case LayoutPiece::kYear:
        if (!Number(year_, 2, 2, 0, 99, "year")) return false;
        year_ += year_ >= 69 ? 1900 : 2000;
        return true;
      case LayoutPiece::kLongMonth:
        return Name(month_, &MonthName, 1, 12, 99);
      case LayoutPiece::kMonth:
        return Name(month_, &MonthName, 1, 12, 3);
      case LayoutPiece::kNumMonth:
        return Number(month_, 1, 2, 1, 12, "month");
      case LayoutPiece::kZeroMonth:
        return Number(month_, 2, 2, 1, 12, "month");
      case LayoutPiece::kLongWeekday:
        return Name(ignored, &WeekdayName, 0, 7, 99);
      case LayoutPiece::kWeekday:
        return Name(ignored, &WeekdayName, 0, 7, 3);
      case LayoutPiece::kUnderDay:
        if (rest_.starts_with(' ')) rest_.remove_prefix(1);
        return Number(day_, 1, 2, 1, 31, "day");
      case LayoutPiece::kDay:
        return Number(day_, 1, 2, 1, 31, "day");
      case LayoutPiece::kZeroDay:
        return Number(day_, 2, 2, 1, 31, "day");
      case LayoutPiece::kUnderYearDay:
      case LayoutPiece::kZeroYearDay:
        return Number(year_day_, 3, 3, 1, 366, "day-of-year");
      case LayoutPiece::kHour:
        return Number(hour_, 2, 2, 0, 23, "hour");
      case LayoutPiece::kHour12:
        return Number(hour_, 1, 2, 0, 12, "hour");
      case LayoutPiece::kZeroHour12:
        return Number(hour_, 2, 2, 0, 12, "hour");
      case LayoutPiece::kMinute:
        return Number(minute_, 1, 2, 0, 59, "minute");
      case LayoutPiece::kZeroMinute:
        return Number(minute_, 2, 2, 0, 59, "minute");
      case LayoutPiece::kSecond:
        return TakeSecond(1, step.rest);
      case LayoutPiece::kZeroSecond:
        return TakeSecond(2, step.rest);
      case LayoutPiece::kUpperPm:
      case LayoutPiece::kLowerPm: {
        const bool upper = step.piece == LayoutPiece::kUpperPm;
        pm_ = rest_.starts_with(upper ? "PM" : "pm");
        am_ = rest_.starts_with(upper ? "AM" : "am");
        if (pm_ || am_) rest_.remove_prefix(2);
        return pm_ || am_;
      }
      case LayoutPiece::kZoneName:
        return TakeZoneName();
      case LayoutPiece::kFraction0:
        return TakeFraction(step.text.size() - 1);
      case LayoutPiece::kFraction9:
        return TakeFraction(0);
      default:
        return TakeZone(step);
    }
  }

  Result<GoTime> Finish() {
    if (pm_ && hour_ < 12) hour_ += 12;
    if (am_ && hour_ == 12) hour_ = 0;
    std::int64_t midnight = FromCivil(year_, month_, day_);
    if (year_day_ > 0) {
      midnight = FromCivil(year_, 1, year_day_);
    } else {
      const CivilTime check = ToCivil({.seconds = midnight});
      if (check.day != day_) return Message(": day out of range");
    }
    GoTime out;
    out.seconds = midnight + hour_ * 3600 + minute_ * 60 + second_;
    out.nanoseconds = nanoseconds_;
    if (zone_offset_) {
      out.offset = *zone_offset_;
      out.seconds -= out.offset;
      if (out.offset != 0) out.zone.clear();
    } else if (!zone_name_.empty()) {
      out.zone = zone_name_;
    }
    return out;
  }

  std::string_view layout_;
  std::string_view text_;
  std::string_view rest_;
  std::string out_of_range_;
  int year_ = 0;
  int month_ = 1;
  int day_ = 1;
  int year_day_ = 0;
  int hour_ = 0;
  int minute_ = 0;
  int second_ = 0;
  std::int32_t nanoseconds_ = 0;
  bool pm_ = false;
  bool am_ = false;
  std::optional<int> zone_offset_;
  std::string zone_name_;
};

}  // namespace

Result<GoTime> ParseGoTime(std::string_view layout, std::string_view text) {
  return Parser(layout, text).Parse();
}

Result<std::int64_t> ParseGoDuration(std::string_view text) {
  const auto invalid = [&] {
    return Fail(InvalidArgument("time: invalid duration " + Quote(text)));
  };
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest == "0") return 0;
  if (rest.empty()) return invalid();
  constexpr std::pair<std::string_view, double> kUnits[] = {
      {"ns", 1},   {"us", 1e3}, {"\u00b5s", 1e3}, {"\u03bcs", 1e3},
      {"ms", 1e6}, {"s", 1e9},  {"m", 60e9},      {"h", 3600e9}};
  long double total = 0;
  while (!rest.empty()) {
    long double value = 0;
    std::size_t digits = 0;
    for (; !rest.empty() && IsDigit(rest[0]); rest.remove_prefix(1), ++digits) {
      value = value * 10 + (rest[0] - '0');
    }
    if (rest.starts_with('.')) {
      rest.remove_prefix(1);
      long double scale = 0.1L;
      for (; !rest.empty() && IsDigit(rest[0]); rest.remove_prefix(1), ++digits, scale /= 10) {
        value += (rest[0] - '0') * scale;
      }
    }
    if (digits == 0) return invalid();
    std::size_t n = 0;
    while (n < rest.size() && rest[n] != '.' && !IsDigit(rest[n])) ++n;
    const std::string_view unit = rest.substr(0, n);
    if (unit.empty()) {
      return Fail(InvalidArgument("time: missing unit in duration " + Quote(text)));
    }
    bool known = false;
    for (const auto& [name, size] : kUnits) {
      if (name != unit) continue;
      total += value * size;
      known = true;
    }
    if (!known) {
      return Fail(
          InvalidArgument("time: unknown unit " + Quote(unit) + " in duration " + Quote(text)));
    }
    rest.remove_prefix(n);
  }
  if (total > 9.2233720368547758e18L) return invalid();
  const auto size = static_cast<std::int64_t>(std::floor(total + 0.0000001L));
  return negative ? -size : size;
}

}  // namespace swell::funcs
