#pragma once
// gzip, bounded. Internal to renderer/source.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/core/result.h"

namespace swell {

bool LooksLikeGzip(std::string_view bytes);
// All members of the stream, one after the other. kResourceExhausted where they expand beyond
// max_bytes, kInvalidArgument where the stream is damaged or cut off.
Result<std::string> Gunzip(std::string_view bytes, std::uint64_t max_bytes);

}  // namespace swell
