#pragma once
// Following renamed objects: every field that names one gets its new name.

#include <span>

#include "base/core/result.h"
#include "renderer/kustomize/transforms/config.h"
#include "renderer/kustomize/transforms/resource_map.h"

namespace swell::kustomize {

// Once at the end of a build, when all names are final. Only objects that have a previous id
// can be meant. Errors: a name that several objects of the same right could mean.
// Linear in the number of resources: candidates come from an index over previous names.
Status FixNameReferences(ResourceMap& map, std::span<const NameReference> references);

}  // namespace swell::kustomize
