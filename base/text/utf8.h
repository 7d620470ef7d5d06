#pragma once
// UTF-8, one rune at a time.

#include <string>
#include <string_view>

namespace swell {

// The length (1 to 4) of the well-formed UTF-8 sequence at the start of `text`, or 0 where
// there is none (overlong forms, surrogates and runes beyond U+10FFFF are malformed).
int Utf8SequenceLength(std::string_view text);
// Decodes the rune at the start of `text`; U+FFFD and length 1 where it is malformed, as
// Go's utf8.DecodeRune. Requires non-empty text.
struct DecodedRune {
  char32_t rune;
  int length;
};
DecodedRune DecodeRune(std::string_view text);
bool IsValidUtf8(std::string_view text);
void AppendUtf8(std::string& out, char32_t rune);
// Each byte that is not part of well-formed UTF-8 becomes U+FFFD, as Go's encoding/json reads it.
std::string ReplaceInvalidUtf8(std::string_view text);

}  // namespace swell
