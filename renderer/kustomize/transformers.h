#pragma once
// The transformer fields of one kustomization, in kustomize's fixed order.

#include "base/core/result.h"
#include "renderer/kustomize/kustomization.h"
#include "renderer/kustomize/loader.h"
#include "renderer/kustomize/transforms/config.h"
#include "renderer/kustomize/transforms/resource_map.h"

namespace swell::kustomize {

// Every patch is read before the first one is applied, as kustomize configures all of its
// transformers first.
Status RunTransformers(const Loader& loader, const Kustomization& kustomization,
                       const TransformerConfig& config, ResourceMap& map);

// In place, or from the files that the entries name.
Result<std::vector<Replacement>> LoadReplacements(const Loader& loader,
                                                  const std::vector<ReplacementEntry>& entries);

}  // namespace swell::kustomize
