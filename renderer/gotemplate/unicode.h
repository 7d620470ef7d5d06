#pragma once
// What Go's package unicode says about runes, as far as templates ask.

#include <string>
#include <string_view>

namespace swell::gotemplate {

bool IsLetter(char32_t rune);
bool IsDigit(char32_t rune);      // category Nd
bool IsSpace(char32_t rune);      // Unicode's White_Space
bool IsPrintable(char32_t rune);  // strconv.IsPrint
bool IsUpper(char32_t rune);
bool IsLower(char32_t rune);
char32_t ToUpper(char32_t rune);
char32_t ToLower(char32_t rune);
char32_t ToTitle(char32_t rune);

// Rune by rune; malformed bytes become U+FFFD, as Go's strings.Map leaves them.
std::string ToUpper(std::string_view text);
std::string ToLower(std::string_view text);

// The number of runes; each malformed byte counts as one.
std::size_t CountRunes(std::string_view text);

}  // namespace swell::gotemplate
