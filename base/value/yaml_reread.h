#pragma once
// sigs.k8s.io/yaml.Marshal writes JSON and reads it back with go-yaml v2 before it prints. What
// that does to strings. Internal to base/value.

#include <string>
#include <string_view>

#include "base/core/result.h"
#include "base/value/yaml_shape.h"

namespace swell::yaml {

// Whether a text, or a text as a key, survives. `kinds` are the text's KindsOf.
Status CheckText(std::string_view text, ByteKinds kinds);
Status CheckKey(std::string_view text, ByteKinds kinds);

// What is read back, into `out`. False where that is the text itself; `out` is then untouched.
bool Reread(std::string_view text, std::string& out);

}  // namespace swell::yaml
