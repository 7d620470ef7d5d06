#include "base/value/natural_order.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "base/text/runes.h"
#include "base/text/utf8.h"

namespace swell {
namespace {

std::u32string Runes(std::string_view text) {
  std::u32string out;
  while (!text.empty()) {
    const DecodedRune next = DecodeRune(text);
    out += next.rune;
    text.remove_prefix(static_cast<std::size_t>(next.length));
  }
  return out;
}

struct DigitRun {
  std::uint64_t number;
  std::size_t end;
};

DigitRun ReadDigits(const std::u32string& text, std::size_t from, std::uint64_t number) {
  for (; from < text.size() && IsDigit(text[from]); ++from)
    number = number * 10 + (text[from] - '0');
  return {number, from};
}

// Compares at the first difference, as sorter.go's keyList.Less does.
bool LessAt(const std::u32string& a, const std::u32string& b, std::size_t i) {
  const bool a_letter = IsLetter(a[i]), b_letter = IsLetter(b[i]);
  if (a_letter && b_letter) return a[i] < b[i];
  if (a_letter || b_letter) return b_letter;
  // Zeros that follow a digit other than 0 are part of a number, not leading zeros.
  std::uint64_t start = 0;
  if (a[i] == '0' || b[i] == '0') {
    for (std::size_t j = i; j > 0 && IsDigit(a[j - 1]); --j) {
      if (a[j - 1] != '0') {
        start = 1;
        break;
      }
    }
  }
  const DigitRun x = ReadDigits(a, i, start), y = ReadDigits(b, i, start);
  if (x.number != y.number) return x.number < y.number;
  if (x.end != y.end) return x.end < y.end;
  return a[i] < b[i];
}

bool IsAscii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool IsAsciiLetter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

}  // namespace

bool NaturalLess(std::string_view a, std::string_view b) {
  const std::size_t shorter = std::min(a.size(), b.size());
  const std::size_t i = static_cast<std::size_t>(
      std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(shorter), b.begin()).first -
      a.begin());
  if (IsAscii(a) && IsAscii(b)) {
    if (i == shorter) return a.size() < b.size();
    if (IsAsciiLetter(a[i]) && IsAsciiLetter(b[i])) return a[i] < b[i];
  }
  const std::u32string x = Runes(a), y = Runes(b);
  for (std::size_t at = 0; at < x.size() && at < y.size(); ++at) {
    if (x[at] != y[at]) return LessAt(x, y, at);
  }
  return x.size() < y.size();
}

}  // namespace swell
