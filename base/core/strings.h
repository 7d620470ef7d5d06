#pragma once
// Small string helpers that the standard library lacks.

#include <string>
#include <string_view>
#include <vector>

namespace swell {

// "a,,b" -> {"a","","b"}; "" -> {""}. The views point into `text`.
std::vector<std::string_view> Split(std::string_view text, char separator);
std::string Join(const std::vector<std::string>& parts, std::string_view separator);
// Cuts ASCII white space from both ends.
std::string_view Trim(std::string_view text);
std::string ToLower(std::string_view text);  // ASCII
std::string ReplaceAll(std::string_view text, std::string_view from, std::string_view to);
// Wraps in double quotes and escapes control characters, quotes and backslashes:
// for showing input in messages.
std::string Quote(std::string_view text);

}  // namespace swell
