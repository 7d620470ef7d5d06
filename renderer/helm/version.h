#pragma once
// Version checks as helm makes them (Masterminds/semver).

#include <string_view>

namespace swell::helm {

// Whether `version` lies in `constraint`; false where either is malformed.
bool IsCompatibleRange(std::string_view constraint, std::string_view version);

}  // namespace swell::helm
