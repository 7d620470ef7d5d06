#include "reconciler/diff/durations.h"

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

namespace swell::diff {
namespace {

using Wide = __int128;

// Nanoseconds in a unit, the longer names first.
constexpr std::array<std::pair<std::string_view, std::int64_t>, 8> kUnits = {{
    {"ns", 1},
    {"us", 1'000},
    {"\u00b5s", 1'000},
    {"\u03bcs", 1'000},
    {"ms", 1'000'000},
    {"h", 3'600'000'000'000},
    {"m", 60'000'000'000},
    {"s", 1'000'000'000},
}};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::optional<std::int64_t> TakeUnit(std::string_view& text) {
  for (const auto& [name, nanoseconds] : kUnits) {
    if (!text.starts_with(name)) continue;
    text.remove_prefix(name.size());
    return nanoseconds;
  }
  return {};
}

// One number with its unit from the front of `text`, in nanoseconds.
std::optional<Wide> TakePart(std::string_view& text) {
  constexpr Wide kMax = static_cast<Wide>(1) << 63;
  Wide whole = 0, fraction = 0, scale = 1;
  bool any = false;
  for (; !text.empty() && IsDigit(text.front()); text.remove_prefix(1)) {
    whole = whole * 10 + (text.front() - '0');
    if (whole > kMax) return {};
    any = true;
  }
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    for (; !text.empty() && IsDigit(text.front()); text.remove_prefix(1)) {
      any = true;
      if (scale > 1'000'000'000'000'000) continue;  // below a nanosecond of an hour
      fraction = fraction * 10 + (text.front() - '0');
      scale *= 10;
    }
  }
  const auto unit = any ? TakeUnit(text) : std::nullopt;
  if (!unit) return {};
  return whole * *unit + fraction * *unit / scale;
}

// time.ParseDuration of Go; nothing for what it refuses.
std::optional<Wide> Nanoseconds(std::string_view text) {
  bool negative = false;
  if (text.starts_with('-') || text.starts_with('+')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  if (text == "0") return 0;
  if (text.empty()) return {};
  constexpr Wide kMax = (static_cast<Wide>(1) << 63) - 1;
  Wide sum = 0;
  while (!text.empty()) {
    const auto part = TakePart(text);
    if (!part) return {};
    sum += *part;
    if (sum > kMax) return {};
  }
  return negative ? -sum : sum;
}

}  // namespace

bool SameDuration(std::string_view a, std::string_view b) {
  const auto left = Nanoseconds(a);
  const auto right = Nanoseconds(b);
  return left && right && *left == *right;
}

}  // namespace swell::diff
