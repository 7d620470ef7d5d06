#pragma once
// ValueAddTransformer: one text into the same field of several resources.

#include <span>
#include <string>

#include "base/core/result.h"
#include "renderer/kustomize/transforms/resource_map.h"

namespace swell::kustomize {

// Sets the field ("spec/template/metadata/labels/a\/b"), which is made where it is absent. With a
// position above 0 the field holds a file path, and the text becomes its position-th part
// (counted from 1; beyond the end, the last).
Status AddValue(ResourceMap& map, std::span<const std::size_t> positions,
                const std::string& field_path, int path_position, const std::string& text);

}  // namespace swell::kustomize
