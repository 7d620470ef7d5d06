#include "base/text/utf8.h"

#include <cstdint>
#include <cstring>

namespace swell {

int Utf8SequenceLength(std::string_view text) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const unsigned first = byte(0);
  if (text.empty()) return 0;
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return tail(1) ? 2 : 0;
  if (first < 0xf0) {
    const unsigned low = first == 0xe0 ? 0xa0 : 0x80, high = first == 0xed ? 0x9f : 0xbf;
    return byte(1) >= low && byte(1) <= high && tail(2) ? 3 : 0;
  }
  if (first < 0xf5) {
    const unsigned low = first == 0xf0 ? 0x90 : 0x80, high = first == 0xf4 ? 0x8f : 0xbf;
    return byte(1) >= low && byte(1) <= high && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

DecodedRune DecodeRune(std::string_view text) {
  const int length = Utf8SequenceLength(text);
  if (length == 0) return {0xfffd, 1};
  const auto bits = [&](int i, unsigned mask) -> char32_t {
    return static_cast<unsigned char>(text[static_cast<std::size_t>(i)]) & mask;
  };
  switch (length) {
    case 1:
      return {bits(0, 0x7f), 1};
    case 2:
      return {bits(0, 0x1f) << 6 | bits(1, 0x3f), 2};
    case 3:
      return {bits(0, 0x0f) << 12 | bits(1, 0x3f) << 6 | bits(2, 0x3f), 3};
    default:
      return {bits(0, 0x07) << 18 | bits(1, 0x3f) << 12 | bits(2, 0x3f) << 6 | bits(3, 0x3f), 4};
  }
}

bool IsValidUtf8(std::string_view text) {
  while (!text.empty()) {
    // ASCII, eight bytes at a time.
    std::uint64_t word = 0;
    if (text.size() >= sizeof word) {
      std::memcpy(&word, text.data(), sizeof word);
      if ((word & 0x8080808080808080) == 0) {
        text.remove_prefix(sizeof word);
        continue;
      }
    }
    const int length = Utf8SequenceLength(text);
    if (length == 0) return false;
    text.remove_prefix(static_cast<std::size_t>(length));
  }
  return true;
}

void AppendUtf8(std::string& out, char32_t rune) {
  const auto put = [&](char32_t byte) { out += static_cast<char>(byte); };
  if (rune < 0x80) {
    put(rune);
  } else if (rune < 0x800) {
    put(0xc0 | rune >> 6);
    put(0x80 | (rune & 0x3f));
  } else if (rune < 0x10000) {
    put(0xe0 | rune >> 12);
    put(0x80 | (rune >> 6 & 0x3f));
    put(0x80 | (rune & 0x3f));
  } else {
    put(0xf0 | rune >> 18);
    put(0x80 | (rune >> 12 & 0x3f));
    put(0x80 | (rune >> 6 & 0x3f));
    put(0x80 | (rune & 0x3f));
  }
}

std::string ReplaceInvalidUtf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const DecodedRune next = DecodeRune(text);
    AppendUtf8(out, next.rune);
    text.remove_prefix(static_cast<std::size_t>(next.length));
  }
  return out;
}

}  // namespace swell
