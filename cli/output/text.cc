#include "cli/output/text.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/text/utf8.h"

namespace swell::cli {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

bool In(std::span<const Range> ranges, char32_t rune) {
  return std::ranges::any_of(ranges,
                             [&](const Range& r) { return rune >= r.first && rune <= r.last; });
}

// The blocks that matter in names and messages; a terminal may differ on rare ones.
int RuneWidth(char32_t rune) {
  static constexpr std::array<Range, 6> kZero = {{{0x0300, 0x036F},
                                                  {0x200B, 0x200F},
                                                  {0x20D0, 0x20FF},
                                                  {0xFE00, 0xFE0F},
                                                  {0xFE20, 0xFE2F},
                                                  {0xE0100, 0xE01EF}}};
  static constexpr std::array<Range, 8> kWide = {{{0x1100, 0x115F},
                                                  {0x2E80, 0xA4CF},
                                                  {0xAC00, 0xD7A3},
                                                  {0xF900, 0xFAFF},
                                                  {0xFE30, 0xFE6F},
                                                  {0xFF00, 0xFF60},
                                                  {0x1F300, 0x1FAFF},
                                                  {0x20000, 0x3FFFD}}};
  if (rune < 0x300) return 1;
  if (In(kZero, rune)) return 0;
  return In(kWide, rune) ? 2 : 1;
}

// The length of a colour sequence at the start, or 0.
std::size_t ColorLength(std::string_view text) {
  if (!text.starts_with("\x1b[")) return 0;
  const std::size_t end = text.find_first_not_of("0123456789;", 2);
  return end != std::string_view::npos && text[end] == 'm' ? end + 1 : 0;
}

bool IsControl(char32_t rune) {
  return rune < 0x20 || (rune >= 0x7F && rune < 0xA0) || rune == 0x2028 || rune == 0x2029 ||
         (rune >= 0x202A && rune <= 0x202E) || (rune >= 0x2066 && rune <= 0x2069);
}

enum class Breaks { kKeep, kSpace };

std::string Clean(std::string_view text, Breaks breaks) {
  std::string out;
  while (!text.empty()) {
    const DecodedRune decoded = DecodeRune(text);
    const char32_t rune = decoded.rune;
    if (rune == '\n' || rune == '\t') {
      out += breaks == Breaks::kKeep ? static_cast<char>(rune) : ' ';
    } else if (rune == '\r') {
      if (breaks == Breaks::kSpace) out += ' ';
    } else if (IsControl(rune)) {
      out += '?';
    } else {
      AppendUtf8(out, rune);
    }
    text.remove_prefix(static_cast<std::size_t>(decoded.length));
  }
  return out;
}

}  // namespace

int DisplayWidth(std::string_view text) {
  int width = 0;
  while (!text.empty()) {
    if (const std::size_t color = ColorLength(text); color > 0) {
      text.remove_prefix(color);
      continue;
    }
    const DecodedRune decoded = DecodeRune(text);
    width += RuneWidth(decoded.rune);
    text.remove_prefix(static_cast<std::size_t>(decoded.length));
  }
  return width;
}

std::string Truncate(std::string_view text, int width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  if (width <= 0) return "";
  std::string out;
  int used = 0;
  bool colored = false;
  while (!text.empty()) {
    if (const std::size_t color = ColorLength(text); color > 0) {
      colored = text.substr(0, color) != "\x1b[0m";
      out += text.substr(0, color);
      text.remove_prefix(color);
      continue;
    }
    const DecodedRune decoded = DecodeRune(text);
    const int next = RuneWidth(decoded.rune);
    if (used + next > width - 1) break;
    used += next;
    out += text.substr(0, static_cast<std::size_t>(decoded.length));
    text.remove_prefix(static_cast<std::size_t>(decoded.length));
  }
  out += "…";
  if (colored) out += "\x1b[0m";
  return out;
}

std::string PadRight(std::string_view text, int width) {
  std::string out(text);
  const int missing = width - DisplayWidth(text);
  if (missing > 0) out.append(static_cast<std::size_t>(missing), ' ');
  return out;
}

std::string OneLine(std::string_view text) { return Clean(text, Breaks::kSpace); }

std::string Printable(std::string_view text) { return Clean(text, Breaks::kKeep); }

std::string WithoutColors(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t escape = text.find('\x1b');
    out += text.substr(0, escape);
    if (escape == text.npos) break;
    text.remove_prefix(escape);
    const std::size_t color = ColorLength(text);
    if (color == 0) out += text[0];
    text.remove_prefix(std::max<std::size_t>(color, 1));
  }
  return out;
}

std::string Age(Timestamp now, Timestamp then) {
  if (then == Timestamp{}) return "-";
  const std::int64_t seconds = std::max<std::int64_t>(0, (now - then).count() / 1000);
  constexpr std::int64_t kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour;
  if (seconds < kMinute) return std::to_string(seconds) + "s";
  if (seconds < kHour) return std::to_string(seconds / kMinute) + "m";
  if (seconds < 2 * kDay) return std::to_string(seconds / kHour) + "h";
  if (seconds < 730 * kDay) return std::to_string(seconds / kDay) + "d";
  return std::to_string(seconds / (365 * kDay)) + "y";
}

std::string Span(Duration length) {
  const std::int64_t seconds = std::max<std::int64_t>(0, length.count() / 1000);
  if (seconds < 60) return std::to_string(seconds) + "s";
  const auto two = [](std::int64_t big, const char* b, std::int64_t small, const char* s) {
    return std::to_string(big) + b + (small > 0 ? std::to_string(small) + s : "");
  };
  if (seconds < 3600) return two(seconds / 60, "m", seconds % 60, "s");
  if (seconds < 86400) return two(seconds / 3600, "h", seconds / 60 % 60, "m");
  return two(seconds / 86400, "d", seconds / 3600 % 24, "h");
}

std::string Count(std::size_t n, std::string_view singular) {
  return std::to_string(n) + " " + std::string(singular) + (n == 1 ? "" : "s");
}

}  // namespace swell::cli
