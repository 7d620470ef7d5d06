#pragma once
// JSON as Go's json.Marshal prints it, with HTML characters escaped.

#include <string>

#include "base/value/value.h"

namespace swell::kustomize {

std::string GoJson(const Value& value);
std::string GoJsonIndented(const Value& value);  // by two spaces

}  // namespace swell::kustomize
