#pragma once
// The transformer fields of one kustomization, in kustomize's fixed order.

#include <memory>
#include <vector>

#include "base/core/result.h"
#include "renderer/kustomize/kustomization.h"
#include "renderer/kustomize/loader.h"
#include "renderer/kustomize/step.h"
#include "renderer/kustomize/transforms/config.h"
#include "renderer/kustomize/transforms/merge_schema.h"

namespace swell::kustomize {

// Reads every patch and replacement that the kustomization names. The steps refer to the
// kustomization and to the config, which must outlive them. `configured_in` is the origin of the
// kustomization's file, where the build keeps notes.
Result<std::vector<Step>> ConfigureTransformers(const Loader& loader,
                                                const Kustomization& kustomization,
                                                const TransformerConfig& config,
                                                const std::shared_ptr<const MergeSchema>& types,
                                                const std::optional<Origin>& configured_in);

// Runs them one after the other; what a step deletes is gone for the next.
Status RunSteps(const std::vector<Step>& steps, ResourceMap& map);

// In place, or from the files that the entries name.
Result<std::vector<Replacement>> LoadReplacements(const Loader& loader,
                                                  const std::vector<ReplacementEntry>& entries);

}  // namespace swell::kustomize
