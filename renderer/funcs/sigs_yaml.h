#pragma once
// YAML as sigs.k8s.io/yaml (go-yaml v2) reads and words it, which helm uses everywhere.

#include <string_view>

#include "base/core/result.h"
#include "base/value/value.h"

namespace swell::funcs {

// The first document of `text` as sigs.k8s.io/yaml.Unmarshal sees it: of duplicate keys the last
// wins; null where there is none. The error's message is Unmarshal's: "error converting YAML to
// JSON: yaml: line 3: …".
Result<Value> ParseSigsYaml(std::string_view text, bool integers_as_float);

// encoding/json's name of a value's kind in its errors: "array", "number".
std::string_view GoJsonKind(const Value& value);

}  // namespace swell::funcs
