#pragma once
// What one kustomization does to the resources that it has gathered: generators first, then
// transformers, then validators, each built-in or by plugin configurations.

#include "base/core/result.h"
#include "renderer/kustomize/accumulate.h"

namespace swell::kustomize {

Status RunGenerators(const Target& target, BuildState& build, ResourceMap& map);

// Transformers are all configured before the first one runs. Validators come last; one that
// changes anything is an error.
Status RunTransformers(const Target& target, BuildState& build, Accumulated& accumulated);

}  // namespace swell::kustomize
