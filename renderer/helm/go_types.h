#pragma once
// How Go's fmt names and prints a values-file value: for messages that must match helm's.

#include <string>

#include "base/value/value.h"

namespace swell::helm {

// "%T": "float64", "map[string]interface {}", "nil" for null.
std::string GoTypeName(const Value& value);
// "%t" of anything but a bool, as in "type mismatch on one: %!t(int64=5)".
std::string GoBadBool(const Value& value);
// "%v": "map[a:1 b:[x y]]".
std::string GoPrint(const Value& value);

}  // namespace swell::helm
