#pragma once
// `generators`, `transformers` and `validators` of the kinds that kustomize has built in
// (apiVersion: builtin). Everything else would run programs or containers and is refused by name.

#include <string>
#include <vector>

#include "base/core/result.h"
#include "renderer/kustomize/accumulate.h"
#include "renderer/kustomize/step.h"

namespace swell::kustomize {

Status RunGeneratorPlugins(const Target& target, BuildState& build, ResourceMap& map);

// Each entry is YAML in place, a file, or a folder with a kustomization. The steps refer to
// `target` and `build`, which must outlive them.
Result<std::vector<Step>> LoadTransformerPlugins(const Target& target,
                                                 const std::vector<std::string>& entries,
                                                 BuildState& build);

}  // namespace swell::kustomize
