#include "renderer/funcs/go_time.h"

#include <array>
#include <cstdio>

namespace swell::funcs {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> kWeekdays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};

// Longest first where one is the beginning of another.
constexpr std::pair<std::string_view, LayoutPiece> kPieces[] = {
    {"January", LayoutPiece::kLongMonth},
    {"Jan", LayoutPiece::kMonth},
    {"Monday", LayoutPiece::kLongWeekday},
    {"Mon", LayoutPiece::kWeekday},
    {"MST", LayoutPiece::kZoneName},
    {"002", LayoutPiece::kZeroYearDay},
    {"01", LayoutPiece::kZeroMonth},
    {"02", LayoutPiece::kZeroDay},
    {"03", LayoutPiece::kZeroHour12},
    {"04", LayoutPiece::kZeroMinute},
    {"05", LayoutPiece::kZeroSecond},
    {"06", LayoutPiece::kYear},
    {"15", LayoutPiece::kHour},
    {"1", LayoutPiece::kNumMonth},
    {"2006", LayoutPiece::kLongYear},
    {"2", LayoutPiece::kDay},
    {"__2", LayoutPiece::kUnderYearDay},
    {"_2", LayoutPiece::kUnderDay},
    {"3", LayoutPiece::kHour12},
    {"4", LayoutPiece::kMinute},
    {"5", LayoutPiece::kSecond},
    {"PM", LayoutPiece::kUpperPm},
    {"pm", LayoutPiece::kLowerPm},
    {"-070000", LayoutPiece::kNumSecondsZone},
    {"-07:00:00", LayoutPiece::kNumColonSecondsZone},
    {"-0700", LayoutPiece::kNumZone},
    {"-07:00", LayoutPiece::kNumColonZone},
    {"-07", LayoutPiece::kNumShortZone},
    {"Z070000", LayoutPiece::kIsoSecondsZone},
    {"Z07:00:00", LayoutPiece::kIsoColonSecondsZone},
    {"Z0700", LayoutPiece::kIsoZone},
    {"Z07:00", LayoutPiece::kIsoColonZone},
    {"Z07", LayoutPiece::kIsoShortZone},
};

// ".000" or ",999" where no digit follows.
std::size_t FractionLength(std::string_view text) {
  if (text.size() < 2 || (text[0] != '.' && text[0] != ',')) return 0;
  const char digit = text[1];
  if (digit != '0' && digit != '9') return 0;
  std::size_t end = 1;
  while (end < text.size() && text[end] == digit) ++end;
  return end < text.size() && text[end] >= '0' && text[end] <= '9' ? 0 : end;
}

std::string Padded(std::int64_t number, int width, char fill = '0') {
  std::string digits = std::to_string(number < 0 ? -number : number);
  std::string out = number < 0 ? "-" : "";
  for (auto n = static_cast<int>(digits.size()); n < width; ++n) out += fill;
  return out + digits;
}

std::string ZoneText(std::int32_t offset, LayoutPiece piece) {
  const bool iso = piece >= LayoutPiece::kIsoZone && piece <= LayoutPiece::kIsoShortZone;
  if (iso && offset == 0) return "Z";
  const bool colon = piece == LayoutPiece::kIsoColonZone || piece == LayoutPiece::kNumColonZone ||
                     piece == LayoutPiece::kIsoColonSecondsZone ||
                     piece == LayoutPiece::kNumColonSecondsZone;
  const bool seconds =
      piece == LayoutPiece::kIsoSecondsZone || piece == LayoutPiece::kNumSecondsZone ||
      piece == LayoutPiece::kIsoColonSecondsZone || piece == LayoutPiece::kNumColonSecondsZone;
  const bool hours = piece == LayoutPiece::kIsoShortZone || piece == LayoutPiece::kNumShortZone;
  const std::int32_t size = offset < 0 ? -offset : offset;
  std::string out = offset < 0 ? "-" : "+";
  out += Padded(size / 3600, 2);
  if (hours) return out;
  out += (colon ? ":" : "") + Padded(size / 60 % 60, 2);
  if (seconds) out += (colon ? ":" : "") + Padded(size % 60, 2);
  return out;
}

std::string FractionText(std::int32_t nanoseconds, std::string_view piece, bool trim) {
  std::string digits = Padded(nanoseconds, 9).substr(0, piece.size() - 1);
  if (trim) {
    while (digits.ends_with('0')) digits.pop_back();
    if (digits.empty()) return "";
  }
  return std::string(1, piece[0]) + digits;
}

std::string PieceText(const GoTime& time, const CivilTime& c, const LayoutStep& step) {
  const int hour12 = c.hour % 12 == 0 ? 12 : c.hour % 12;
  switch (step.piece) {
    case LayoutPiece::kLongMonth:
      return std::string(MonthName(c.month));
    case LayoutPiece::kMonth:
      return std::string(MonthName(c.month).substr(0, 3));
    case LayoutPiece::kNumMonth:
      return std::to_string(c.month);
    case LayoutPiece::kZeroMonth:
      return Padded(c.month, 2);
    case LayoutPiece::kLongWeekday:
      return std::string(WeekdayName(c.weekday));
    case LayoutPiece::kWeekday:
      return std::string(WeekdayName(c.weekday).substr(0, 3));
    case LayoutPiece::kDay:
      return std::to_string(c.day);
    case LayoutPiece::kUnderDay:
      return Padded(c.day, 2, ' ');
    case LayoutPiece::kZeroDay:
      return Padded(c.day, 2);
    case LayoutPiece::kUnderYearDay:
      return Padded(c.year_day, 3, ' ');
    case LayoutPiece::kZeroYearDay:
      return Padded(c.year_day, 3);
    case LayoutPiece::kHour:
      return Padded(c.hour, 2);
    case LayoutPiece::kHour12:
      return std::to_string(hour12);
    case LayoutPiece::kZeroHour12:
      return Padded(hour12, 2);
    case LayoutPiece::kMinute:
      return std::to_string(c.minute);
    case LayoutPiece::kZeroMinute:
      return Padded(c.minute, 2);
    case LayoutPiece::kSecond:
      return std::to_string(c.second);
    case LayoutPiece::kZeroSecond:
      return Padded(c.second, 2);
    case LayoutPiece::kLongYear:
      return Padded(c.year, 4);
    case LayoutPiece::kYear:
      return Padded((c.year % 100 + 100) % 100, 2);
    case LayoutPiece::kUpperPm:
      return c.hour >= 12 ? "PM" : "AM";
    case LayoutPiece::kLowerPm:
      return c.hour >= 12 ? "pm" : "am";
    case LayoutPiece::kZoneName:
      return time.zone.empty() ? ZoneText(time.offset, LayoutPiece::kNumZone) : time.zone;
    case LayoutPiece::kFraction0:
      return FractionText(time.nanoseconds, step.text, false);
    case LayoutPiece::kFraction9:
      return FractionText(time.nanoseconds, step.text, true);
    default:
      return ZoneText(time.offset, step.piece);
  }
}

}  // namespace

std::string_view MonthName(int month) { return kMonths[static_cast<std::size_t>(month - 1)]; }
std::string_view WeekdayName(int weekday) { return kWeekdays[static_cast<std::size_t>(weekday)]; }

LayoutStep NextLayoutStep(std::string_view layout) {
  for (std::size_t i = 0; i < layout.size(); ++i) {
    const std::string_view here = layout.substr(i);
    if (const std::size_t length = FractionLength(here)) {
      return {layout.substr(0, i),
              here[1] == '0' ? LayoutPiece::kFraction0 : LayoutPiece::kFraction9,
              here.substr(0, length), here.substr(length)};
    }
    for (const auto& [text, piece] : kPieces) {
      if (!here.starts_with(text)) continue;
      // "Jan" and "Mon" inside longer words are text ("Janet", "Month").
      const bool word = piece == LayoutPiece::kMonth || piece == LayoutPiece::kWeekday;
      if (word && here.size() > 3 && here[3] >= 'a' && here[3] <= 'z') continue;
      // "_2006" is an underscore and a year.
      if (piece == LayoutPiece::kUnderDay && here.starts_with("_2006")) continue;
      return {layout.substr(0, i), piece, here.substr(0, text.size()), here.substr(text.size())};
    }
  }
  return {layout, LayoutPiece::kText, "", ""};
}

std::int64_t FromCivil(std::int64_t year, std::int64_t month, std::int64_t day) {
  year += (month - 1) / 12;
  month = (month - 1) % 12;
  if (month < 0) {
    month += 12;
    --year;
  }
  // Days of the proleptic Gregorian calendar, years counted from March.
  const std::int64_t y = month < 2 ? year - 1 : year;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const std::int64_t year_of_era = y - era * 400;
  const std::int64_t shifted = month < 2 ? month + 10 : month - 2;
  const std::int64_t day_of_year = (153 * shifted + 2) / 5;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return (era * 146097 + day_of_era - 719468 + day - 1) * 86400;
}

CivilTime ToCivil(const GoTime& time) {
  const std::int64_t local = time.seconds + time.offset;
  std::int64_t days = local / 86400;
  std::int64_t rest = local % 86400;
  if (rest < 0) {
    rest += 86400;
    --days;
  }
  CivilTime out;
  out.hour = static_cast<int>(rest / 3600);
  out.minute = static_cast<int>(rest / 60 % 60);
  out.second = static_cast<int>(rest % 60);
  out.weekday = static_cast<int>(((days + 4) % 7 + 7) % 7);
  const std::int64_t z = days + 719468;
  const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const std::int64_t doe = z - era * 146097;
  const std::int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const std::int64_t shifted = (5 * doy + 2) / 153;
  out.day = static_cast<int>(doy - (153 * shifted + 2) / 5 + 1);
  out.month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
  out.year = yoe + era * 400 + (out.month <= 2 ? 1 : 0);
  out.year_day = static_cast<int>(days - FromCivil(out.year, 1, 1) / 86400) + 1;
  return out;
}

std::string FormatGoTime(const GoTime& time, std::string_view layout) {
  const CivilTime civil = ToCivil(time);
  std::string out;
  for (;;) {
    const LayoutStep step = NextLayoutStep(layout);
    out += step.before;
    if (step.piece == LayoutPiece::kText) return out;
    out += PieceText(time, civil, step);
    layout = step.rest;
  }
}

std::string FormatGoDuration(std::int64_t nanoseconds) {
  if (nanoseconds == 0) return "0s";
  const bool negative = nanoseconds < 0;
  std::uint64_t n = negative ? 0 - static_cast<std::uint64_t>(nanoseconds)
                             : static_cast<std::uint64_t>(nanoseconds);
  const auto fraction = [](std::uint64_t value, std::uint64_t unit) {
    std::string out = std::to_string(value / unit);
    std::string digits;
    for (std::uint64_t rest = value % unit, scale = unit / 10; scale > 0; scale /= 10) {
      digits += static_cast<char>('0' + rest / scale % 10);
    }
    while (digits.ends_with('0')) digits.pop_back();
    return digits.empty() ? out : out + "." + digits;
  };
  std::string out = negative ? "-" : "";
  if (n < 1'000) return out + std::to_string(n) + "ns";
  if (n < 1'000'000) return out + fraction(n, 1'000) + "\u00b5s";
  if (n < 1'000'000'000) return out + fraction(n, 1'000'000) + "ms";
  constexpr std::uint64_t kMinute = 60'000'000'000;
  const std::uint64_t hours = n / (60 * kMinute);
  const std::uint64_t minutes = n / kMinute % 60;
  if (hours > 0) out += std::to_string(hours) + "h";
  if (hours > 0 || minutes > 0) out += std::to_string(minutes) + "m";
  return out + fraction(n % kMinute, 1'000'000'000) + "s";
}

}  // namespace swell::funcs
