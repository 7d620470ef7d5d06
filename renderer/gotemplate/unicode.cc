#include "renderer/gotemplate/unicode.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "base/text/utf8.h"

namespace swell::gotemplate {

namespace {

struct Range {
  char32_t first;
  char32_t last;
};

struct Mapping {
  char32_t first;
  char32_t last;
  int stride;
  std::int32_t difference;
};

#include "renderer/gotemplate/unicode_tables.inc"

template <class Row, std::size_t N>
const Row* FindRow(const Row (&table)[N], char32_t rune) {
  const Row* it = std::partition_point(std::begin(table), std::end(table),
                                       [rune](const Row& row) { return row.last < rune; });
  return it == std::end(table) || it->first > rune ? nullptr : it;
}

template <std::size_t N>
char32_t Map(const Mapping (&table)[N], char32_t rune) {
  const Mapping* row = FindRow(table, rune);
  if (row == nullptr || (rune - row->first) % static_cast<char32_t>(row->stride) != 0) return rune;
  return static_cast<char32_t>(static_cast<std::int32_t>(rune) + row->difference);
}

std::string MapText(std::string_view text, char32_t (*map)(char32_t)) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const DecodedRune decoded = DecodeRune(text);
    AppendUtf8(out, map(decoded.rune));
    text.remove_prefix(static_cast<std::size_t>(decoded.length));
  }
  return out;
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

bool IsLetter(char32_t rune) {
  if (rune < 0x80) return (rune | 0x20) >= 'a' && (rune | 0x20) <= 'z';
  return FindRow(kLetters, rune) != nullptr;
}

bool IsDigit(char32_t rune) {
  if (rune < 0x80) return rune >= '0' && rune <= '9';
  return FindRow(kDigits, rune) != nullptr;
}

bool IsSpace(char32_t rune) {
  if (rune < 0x80) return rune == ' ' || (rune >= '\t' && rune <= '\r');
  return rune == 0x85 || rune == 0xa0 || rune == 0x1680 || (rune >= 0x2000 && rune <= 0x200a) ||
         rune == 0x2028 || rune == 0x2029 || rune == 0x202f || rune == 0x205f || rune == 0x3000;
}

bool IsPrintable(char32_t rune) {
  if (rune < 0x80) return rune >= 0x20 && rune < 0x7f;
  return FindRow(kPrintable, rune) != nullptr;
}

bool IsUpper(char32_t rune) { return ToLower(rune) != rune && ToUpper(rune) == rune; }
bool IsLower(char32_t rune) {
  return (ToUpper(rune) != rune && ToLower(rune) == rune) || rune == 0xdf;
}

char32_t ToUpper(char32_t rune) {
  if (rune < 0x80) return rune >= 'a' && rune <= 'z' ? rune - 32 : rune;
  return Map(kToUpper, rune);
}

char32_t ToLower(char32_t rune) {
  if (rune < 0x80) return rune >= 'A' && rune <= 'Z' ? rune + 32 : rune;
  return Map(kToLower, rune);
}

char32_t ToTitle(char32_t rune) {
  if (rune < 0x80) return ToUpper(rune);
  return Map(kToTitle, rune);
}

std::string ToUpper(std::string_view text) {
  if (!IsAscii(text)) return MapText(text, &ToUpper);
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return out;
}

std::string ToLower(std::string_view text) {
  if (!IsAscii(text)) return MapText(text, &ToLower);
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

std::size_t CountRunes(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    text.remove_prefix(static_cast<std::size_t>(DecodeRune(text).length));
    ++count;
  }
  return count;
}

}  // namespace swell::gotemplate
