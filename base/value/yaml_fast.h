#pragma once
// A direct reader of the YAML that manifests are written in. Internal to base/value.

#include <optional>
#include <string_view>
#include <vector>

#include "base/value/yaml.h"

namespace swell::yaml {

// The documents of `text`, exactly as ReadEvents (base/value/yaml_reader.h) gives them; or
// nothing, where the text is wrong, exceeds a budget or holds what is rare enough to be left to
// libyaml: tags, anchors, merge keys, "?", directives, "...", carriage returns, tabs outside of
// text. It reports no errors: whoever needs one asks ReadEvents.
std::optional<std::vector<Document>> ReadFast(std::string_view text, const ParseOptions& options);

}  // namespace swell::yaml
