#pragma once
// Accumulating a kustomization with everything below it.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "renderer/kustomize/kustomization.h"
#include "renderer/kustomize/kustomize.h"
#include "renderer/kustomize/loader.h"
#include "renderer/kustomize/transforms/config.h"
#include "renderer/kustomize/transforms/merge_schema.h"
#include "renderer/kustomize/transforms/origin.h"
#include "renderer/kustomize/transforms/resource_map.h"

namespace swell::kustomize {

struct Accumulated {
  explicit Accumulated(Budget& budget) : resources(budget) {}

  ResourceMap resources;
  // Defaults plus what `configurations` and `crds` added on the way up; null: no kustomization
  // has said anything yet.
  std::shared_ptr<const TransformerConfig> config;
  std::vector<Var> vars;
};

// What all kustomizations of one build share.
struct BuildState {
  BuildState(const Options& options, Budget& budget) : options(options), budget(budget) {}

  const Options& options;
  Budget& budget;
  // The nearest namespace of the kustomization and those above it: what charts are rendered for.
  std::string helm_namespace;
  // The outermost kustomization's `openapi` or else the first one below it that has any.
  // Null: none so far.
  std::shared_ptr<const MergeSchema> types;
  // What has been asked of the built-in types while there was no `openapi`: it decides what
  // becomes of them when there is.
  bool merged_by_builtin = false;     // a patch was merged
  bool met_unknown_kind = false;      // an object was read of a kind that they do not have
  std::vector<std::string> warnings;  // of deprecated fields, and of charts
  bool used_capabilities = false;     // by a chart

  std::shared_ptr<const MergeSchema> MergeTypes() const {
    return types ? types : BuiltinMergeSchema();
  }
};

// One kustomization where it stands in the build.
struct Target {
  const Loader& loader;
  const Kustomization& kustomization;
  std::optional<Origin> origin;  // its folder; nothing where the build keeps no such notes

  // The origin of what the kustomization's file configures.
  std::optional<Origin> ConfiguredIn() const;
};

// Adds what the paths name to `into`: files with objects, or folders with kustomizations.
Result<Accumulated> AddResources(const Target& target, const std::vector<std::string>& paths,
                                 Accumulated into, BuildState& build);

// Also takes its `openapi`, and notes its warnings.
Result<Kustomization> LoadKustomization(const Loader& loader, BuildState& build);

// Resources, generators, components and transformers of the kustomization, depth first, in
// kustomize's order (facts: kustomize.md C3). `start` is what a component works on.
Result<Accumulated> Accumulate(const Target& target, Accumulated start, BuildState& build);

}  // namespace swell::kustomize
