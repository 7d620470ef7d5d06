#pragma once
// Sizes as people write them in flags: "1500000", "64Ki", "256Mi", "4Gi".

#include <cstdint>
#include <string>
#include <string_view>

#include "base/core/result.h"

namespace swell {

// Whole numbers with a unit of Kubernetes' binary ones. kInvalidArgument shows the text.
Result<std::uint64_t> ParseByteSize(std::string_view text);
// In the largest unit that leaves no rest: 4294967296 is "4Gi".
std::string FormatByteSize(std::uint64_t bytes);

}  // namespace swell
