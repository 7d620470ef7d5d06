#pragma once
// `generators` and `transformers` of the kinds that kustomize has built in (apiVersion:
// builtin). Everything else would run programs or containers and is refused by name.

#include <string>
#include <vector>

#include "base/core/result.h"
#include "renderer/kustomize/accumulate.h"
#include "renderer/kustomize/loader.h"
#include "renderer/kustomize/transforms/resource_map.h"

namespace swell::kustomize {

// Each entry is YAML in place, a file, or a folder with a kustomization.
Status RunGeneratorPlugins(const Loader& loader, const std::vector<std::string>& entries,
                           BuildBudget& budget, ResourceMap& map);
Status RunTransformerPlugins(const Loader& loader, const std::vector<std::string>& entries,
                             BuildBudget& budget, ResourceMap& map);

}  // namespace swell::kustomize
