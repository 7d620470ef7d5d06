#pragma once
// go-yaml's order of map keys.

#include <string_view>

namespace swell {

// Whose order: they differ in keys where one goes on with a letter after the same digits, as
// "a1b" and "a1-".
enum class KeyOrder { kGoYaml2, kGoYaml3 };

// Letters after everything else, digit runs as numbers: "_x" < "1a" < "a" < "a2" < "a10".
// Not a strict weak order for some mixtures (a10 < a1b < a9 < a10, a fault of go-yaml's that is
// copied), so sort with std::stable_sort, which stays within bounds whatever this says.
bool NaturalLess(std::string_view a, std::string_view b, KeyOrder order = KeyOrder::kGoYaml2);

}  // namespace swell
