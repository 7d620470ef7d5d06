#include "base/core/clock.h"

#include <charconv>
#include <cstdio>

namespace swell {

using std::chrono::days;
using std::chrono::floor;

Timestamp SystemClock::Now() const {
  return floor<Duration>(std::chrono::system_clock::now());
}

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

Result<Timestamp> ParseTimestamp(std::string_view text) {
  const auto bad = [&] {
    return Fail(InvalidArgument("\"" + std::string(text) +
                                "\" is not an RFC 3339 time such as 2026-11-23T13:57:03Z"));
  };
  int year, month, day, hour, minute, second, used = 0;
  const std::string copy(text);
  if (std::sscanf(copy.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute,
                  &second, &used) != 6) {
    return bad();
  }
  std::string_view rest = text.substr(static_cast<std::size_t>(used));
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
    int h, m, n = 0;
    const std::string zone(rest);
    if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') ||
        std::sscanf(zone.c_str() + 1, "%2d:%2d%n", &h, &m, &n) != 2 || n != 5) {
      return bad();
    }
    offset_minutes = (zone[0] == '-' ? -1 : 1) * (h * 60 + m);
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
    double amount = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), amount);
    if (error != std::errc{} || amount < 0) return bad();
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
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
