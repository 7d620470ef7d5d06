#pragma once
// The reader that knows all of YAML, through libyaml's events. Internal to base/value: tests
// compare the fast reader with it.

#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/value/yaml.h"

namespace swell::yaml {

// What ParseAll promises, by libyaml alone.
Result<std::vector<Document>> ReadEvents(std::string_view text, const ParseOptions& options);

}  // namespace swell::yaml
