#include "base/value/natural_order.h"

#include <algorithm>
#include <cstdint>

#include "base/text/runes.h"
#include "base/text/utf8.h"

namespace swell {
namespace {

bool IsAsciiLetter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

std::size_t RuneStart(std::string_view text, std::size_t at) {
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) --at;
  return at;
}

// Whether the digits right before `at` hold one that is not 0: zeros that follow it are part of
// a number, not leading.
bool FollowsNumber(std::string_view text, std::size_t at) {
  while (at > 0) {
    at = RuneStart(text, at - 1);
    const char32_t rune = DecodeRune(text.substr(at)).rune;
    if (!IsDigit(rune)) return false;
    if (rune != '0') return true;
  }
  return false;
}

struct DigitRun {
  std::uint64_t number;  // wraps around, as sorter.go's int64
  std::size_t length;    // in runes
};

DigitRun ReadDigits(std::string_view text, std::uint64_t number) {
  std::size_t length = 0;
  for (; !text.empty(); ++length) {
    const DecodedRune next = DecodeRune(text);
    if (!IsDigit(next.rune)) break;
    number = number * 10 + (next.rune - '0');
    text.remove_prefix(static_cast<std::size_t>(next.length));
  }
  return {number, length};
}

// Compares at the first rune that differs, as sorter.go's keyList.Less does. What is before it
// is the same in both.
bool LessAt(std::string_view a, std::string_view b, std::size_t at, KeyOrder order) {
  const char32_t x = DecodeRune(a.substr(at)).rune, y = DecodeRune(b.substr(at)).rune;
  const bool x_letter = IsLetter(x), y_letter = IsLetter(y);
  if (x_letter && y_letter) return x < y;
  if (x_letter || y_letter) {
    // Between digits that are the same and a difference, go-yaml v3 puts letters first.
    const bool after_digit = order == KeyOrder::kGoYaml3 && at > 0 &&
                             IsDigit(DecodeRune(a.substr(RuneStart(a, at - 1))).rune);
    return after_digit ? x_letter : y_letter;
  }
  const std::uint64_t start = (x == '0' || y == '0') && FollowsNumber(a, at) ? 1 : 0;
  const DigitRun m = ReadDigits(a.substr(at), start), n = ReadDigits(b.substr(at), start);
  if (m.number != n.number) {
    return static_cast<std::int64_t>(m.number) < static_cast<std::int64_t>(n.number);
  }
  if (m.length != n.length) return m.length < n.length;
  return x < y;
}

}  // namespace

bool NaturalLess(std::string_view a, std::string_view b, KeyOrder order) {
  const std::size_t shorter = std::min(a.size(), b.size());
  std::size_t at = 0;
  while (at < shorter && a[at] == b[at]) ++at;
  if (at == shorter) return a.size() < b.size();
  // Most keys differ in letters.
  if (IsAsciiLetter(a[at]) && IsAsciiLetter(b[at])) return a[at] < b[at];
  return LessAt(a, b, std::min(RuneStart(a, at), RuneStart(b, at)), order);
}

}  // namespace swell
