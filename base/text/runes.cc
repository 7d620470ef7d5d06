#include "base/text/runes.h"

#include <re2/re2.h>

#include <string>

#include "base/text/utf8.h"

namespace swell {
namespace {

bool Matches(const RE2& category, char32_t rune) {
  std::string text;
  AppendUtf8(text, rune);
  return RE2::FullMatch(text, category);
}

}  // namespace

bool IsLetter(char32_t rune) {
  if (rune < 0x80) return (rune | 0x20) >= 'a' && (rune | 0x20) <= 'z';
  static const RE2& category = *new RE2("\\pL");
  return Matches(category, rune);
}

bool IsDigit(char32_t rune) {
  if (rune < 0x80) return rune >= '0' && rune <= '9';
  static const RE2& category = *new RE2("\\p{Nd}");
  return Matches(category, rune);
}

}  // namespace swell
