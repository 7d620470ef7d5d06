#pragma once
// How a value is shown in a FieldChange.

#include <string>

#include "base/core/digest.h"
#include "base/value/value.h"

namespace swell::diff {

// Bytes of a value that are shown; what is longer ends in "…".
inline constexpr std::size_t kMaxShown = 200;

// Compact JSON, shortened; "" for nullptr and null.
std::string Show(const Value* value);

// Both sides of a difference in a Secret's data: "***", and where both are there and differ
// "*** (before)" and "*** (after)".
struct Shown {
  std::string before;
  std::string after;
};
Shown ShowRedacted(const Value* before, const Value* after);

// FieldChange::values of two values of which not all is shown.
Digest DigestOfValues(const Value* before, const Value* after);

}  // namespace swell::diff
