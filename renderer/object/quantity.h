#pragma once
// Kubernetes resource quantities: "100m", "1Gi", "2e3".

#include <optional>
#include <string>
#include <string_view>

namespace swell {

// The canonical form as apimachinery prints it ("1000m" -> "1", "1024Mi" -> "1Gi"), or
// nothing where the text is no quantity.
std::optional<std::string> CanonicalQuantity(std::string_view text);
// True where both are quantities of the same amount ("1073741824" and "1Gi").
bool SameQuantity(std::string_view a, std::string_view b);

}  // namespace swell
