#pragma once
// YAML as go-yaml v3's encoder prints it with an indent of two.

#include <string>

#include "base/value/value.h"

namespace swell::funcs {

// Lists stand two deeper than their key, lines are never folded, floats are printed with %g.
// Ends with a newline.
std::string WritePrettyYaml(const Value& value);

}  // namespace swell::funcs
