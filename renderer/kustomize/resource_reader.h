#pragma once
// YAML text -> the objects in it, by kustomize's rules (facts: kustomize.md C5).

#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"

namespace swell::kustomize {

// Every object of the text, lists expanded. Errors: malformed YAML, an object without kind or
// metadata.name. Nothing in the text gives no objects.
Result<std::vector<Value>> ReadObjects(std::string_view text, const std::string& file);

}  // namespace swell::kustomize
