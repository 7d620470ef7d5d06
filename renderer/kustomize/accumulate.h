#pragma once
// Accumulating a kustomization with everything below it.

#include <string>

#include "base/core/result.h"
#include "renderer/helm/limits.h"
#include "renderer/kustomize/kustomization.h"
#include "renderer/kustomize/loader.h"
#include "renderer/kustomize/transforms/config.h"
#include "renderer/kustomize/transforms/resource_map.h"

namespace swell::kustomize {

struct Accumulated {
  ResourceMap resources;
  // Defaults plus what `configurations` added on the way up.
  TransformerConfig config = DefaultConfig();
  bool config_is_default = true;
  std::vector<Var> vars;
};

// Budget of one build: kustomizations loaded, so that components that name each other over
// and over come to an end.
struct BuildBudget {
  int kustomizations = 10'000;
  bool enable_helm = false;
  helm::Limits helm_limits;
  // The nearest namespace of the kustomization and those above it: what charts are rendered for.
  std::string helm_namespace;
};

// Adds what the paths name to `into`: files with objects, or folders with kustomizations.
Result<Accumulated> AddResources(const Loader& loader, const std::vector<std::string>& paths,
                                 Accumulated into, BuildBudget& budget);

Result<Kustomization> LoadKustomization(const Loader& loader);

// Resources, generators, components and transformers of the kustomization, depth first, in
// kustomize's order (facts: kustomize.md C3). `start` is what a component works on.
Result<Accumulated> Accumulate(const Loader& loader, const Kustomization& kustomization,
                               Accumulated start, BuildBudget& budget);

}  // namespace swell::kustomize
