#pragma once
// Unicode categories, as Go's unicode package has them.

namespace swell {

bool IsLetter(char32_t rune);  // category L
bool IsDigit(char32_t rune);   // category Nd

}  // namespace swell
