#pragma once
// Durations as Go writes them: "1h30m", "250ms", "0".

#include <string_view>

namespace swell::diff {

// True where both are durations of the same length ("60m" and "1h0m0s").
bool SameDuration(std::string_view a, std::string_view b);

}  // namespace swell::diff
