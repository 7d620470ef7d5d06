#include "base/core/clock.h"

#include <charconv>
#include <cstdio>

namespace swell {

using std::chrono::days;
using std::chrono::floor;

Timestamp SystemClock::Now() const { return floor<Duration>(std::chrono::system_clock::now()); }

std::string FormatTimestamp(Timestamp t) {
  const auto day = floor<days>(t);
  const std::chrono::year_month_day date{day};
  const auto rest = (t - day).count();
  char out[48];
  const int n = std::snprintf(out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02d", int(date.year()),
                              unsigned(date.month()), unsigned(date.day()), int(rest / 3600000),
                              int(rest / 60000 % 60), int(rest / 1000 % 60));
  std::string text(out, static_cast<std::size_t>(n));
  if (rest % 1000 != 0) {
    std::snprintf(out, sizeof out, ".%03d", int(rest % 1000));
    text += out;
  }
  return text + "Z";
}

namespace {

// Compares with a pattern in which '0' stands for a digit.
bool Matches(std::string_view text, std::string_view pattern) {
  if (text.size() != pattern.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (pattern[i] == '0' ? !digit : text[i] != pattern[i]) return false;
  }
  return true;
}

int Number(std::string_view digits) {
  int number = 0;
  for (const char c : digits) number = number * 10 + (c - '0');
  return number;
}

}  // namespace

Result<Timestamp> ParseTimestamp(std::string_view text) {
  const auto bad = [&] {
    return Fail(InvalidArgument("\"" + std::string(text) +
                                "\" is not an RFC 3339 time such as 2026-11-23T13:57:03Z"));
  };
  constexpr std::string_view kPattern = "0000-00-00T00:00:00";
  if (!Matches(text.substr(0, kPattern.size()), kPattern)) return bad();
  const int year = Number(text.substr(0, 4)), month = Number(text.substr(5, 2)),
            day = Number(text.substr(8, 2)), hour = Number(text.substr(11, 2)),
            minute = Number(text.substr(14, 2)), second = Number(text.substr(17, 2));
  std::string_view rest = text.substr(kPattern.size());
  int millis = 0;
  if (!rest.empty() && rest[0] == '.') {
    rest.remove_prefix(1);
    int scale = 100, digits = 0;
    for (; !rest.empty() && rest[0] >= '0' && rest[0] <= '9'; rest.remove_prefix(1), ++digits) {
      millis += (rest[0] - '0') * scale;
      scale /= 10;
    }
    if (digits == 0) return bad();
  }
  int offset_minutes = 0;
  if (rest != "Z") {
    if (!Matches(rest, "+00:00") && !Matches(rest, "-00:00")) return bad();
    const int hours = Number(rest.substr(1, 2)), minutes = Number(rest.substr(4, 2));
    if (hours > 23 || minutes > 59) return bad();
    offset_minutes = (rest[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
  }
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return bad();
  return Timestamp{std::chrono::sys_days{date}} + std::chrono::hours{hour} +
         std::chrono::minutes{minute - offset_minutes} + std::chrono::seconds{second} +
         Duration{millis};
}

std::string FormatDuration(Duration d) {
  auto n = d.count();
  if (n == 0) return "0s";
  std::string out;
  if (n < 0) {
    out += '-';
    n = -n;
  }
  const auto part = [&](long unit, const char* name) {
    if (n >= unit) out += std::to_string(n / unit) + name;
    n %= unit;
  };
  part(3600000, "h");
  part(60000, "m");
  part(1000, "s");
  part(1, "ms");
  return out;
}

Result<Duration> ParseDuration(std::string_view text) {
  const auto bad = [&] {
    return Fail(InvalidArgument("\"" + std::string(text) +
                                "\" is not a duration such as 10m, 1h30m or 500ms"));
  };
  if (text == "0") return Duration{0};
  double total = 0;
  std::string_view rest = text;
  if (rest.empty()) return bad();
  while (!rest.empty()) {
    const std::string_view digits = rest.substr(0, rest.find_first_not_of("0123456789."));
    double amount = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), amount);
    if (error != std::errc{} || end != digits.data() + digits.size()) return bad();
    rest.remove_prefix(digits.size());
    double unit = 0;
    std::size_t length = 1;
    if (rest.starts_with("ms")) {
      unit = 1;
      length = 2;
    } else if (rest.starts_with("h")) {
      unit = 3600000;
    } else if (rest.starts_with("m")) {
      unit = 60000;
    } else if (rest.starts_with("s")) {
      unit = 1000;
    } else {
      return bad();
    }
    rest.remove_prefix(length);
    total += amount * unit;
    if (total > 1e15) return bad();
  }
  return Duration{static_cast<Duration::rep>(total)};
}

}  // namespace swell
