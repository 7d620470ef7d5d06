#pragma once
// Hex and base64.

#include <string>
#include <string_view>

#include "base/core/result.h"

namespace swell {

std::string HexEncode(std::string_view bytes);  // lower case
Result<std::string> HexDecode(std::string_view text);

// RFC 4648 with padding, standard alphabet, no line breaks.
std::string Base64Encode(std::string_view bytes);
// Strict but for CR and LF, which are skipped as Go's decoder skips them.
Result<std::string> Base64Decode(std::string_view text);

}  // namespace swell
