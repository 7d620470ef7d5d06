#pragma once
// Which style a string takes as a YAML scalar: the rules of go-yaml's encode.go and of
// yaml_emitter_analyze_scalar in emitterc.go. Internal to base/value.

#include <cstdint>
#include <string_view>

#include "base/value/yaml.h"

namespace swell::yaml {

// What kinds of bytes a text holds, one bit each. One pass that most strings need no more than.
using ByteKinds = std::uint8_t;
inline constexpr ByteKinds kHasSpace = 1;
inline constexpr ByteKinds kHasNewline = 2;
inline constexpr ByteKinds kHasColon = 4;
inline constexpr ByteKinds kHasHash = 8;
inline constexpr ByteKinds kHasTab = 16;
inline constexpr ByteKinds kHasControl = 32;  // below U+0020 but tab and newline; U+007F
inline constexpr ByteKinds kHasNonAscii = 64;
inline constexpr ByteKinds kHasNonNumeric = 128;  // what no number and no time consists of
ByteKinds KindsOf(std::string_view text);

// Whether the text is plain for a reason that needs no look at the rest: it is one word, and
// nothing else than a string starts as it does. False says nothing.
bool IsPlainWord(std::string_view text, ByteKinds kinds);

enum class Style : std::uint8_t { kPlain, kSingleQuoted, kDoubleQuoted, kLiteral };

struct Shape {
  Style style = Style::kPlain;
  bool has_break = false;  // then it cannot stand in front of a ':' on the same line
};

// Requires valid UTF-8 and its KindsOf.
Shape ShapeOf(std::string_view text, ByteKinds kinds, Printer printer);

// The length of YAML 1.1's line break at the start of `text`: CR, LF, U+0085, U+2028, U+2029;
// 0 where there is none.
std::size_t BreakLength(std::string_view text);

// Whether the rune (valid UTF-8, `length` bytes from `at`) may stand unescaped.
bool IsPrintable(const char* at, std::size_t length);

// Of the rune that starts with this byte. Requires valid UTF-8.
inline std::size_t RuneLength(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

}  // namespace swell::yaml
