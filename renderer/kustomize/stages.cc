#include "renderer/kustomize/stages.h"

#include <string>
#include <utility>

#include "renderer/kustomize/generator_loader.h"
#include "renderer/kustomize/helm_charts.h"
#include "renderer/kustomize/plugins.h"
#include "renderer/kustomize/transformers.h"

namespace swell::kustomize {
namespace {

// Validators may leave this label.
constexpr std::string_view kValidatedBy = "validated-by";

Value WithoutValidatedBy(const Value& object) {
  const Value& labels = object["metadata"]["labels"];
  if (!labels.Has(kValidatedBy)) return object;
  const Value rest = labels.Without(kValidatedBy);
  const Value& metadata = object["metadata"];
  return object.With("metadata",
                     rest.empty() ? metadata.Without("labels") : metadata.With("labels", rest));
}

Status RunValidators(const Target& target, BuildState& build, ResourceMap& map) {
  const std::vector<Step> validators =
      TRY(LoadTransformerPlugins(target, target.kustomization.validators, build));
  for (const Step& validator : validators) {
    std::vector<Value> before;
    for (const auto& resource : map.all()) before.push_back(resource->value());
    TRY(validator.run(map));
    bool same = before.size() == map.size();
    for (std::size_t i = 0; same && i < map.size(); ++i) {
      same = WithoutValidatedBy(map.at(i).value()) == before[i];
    }
    if (!same) return Fail(InvalidArgument("validator shouldn't modify the resource map"));
  }
  return {};
}

}  // namespace

Status RunGenerators(const Target& target, BuildState& build, ResourceMap& map) {
  TRY(AddGenerated(target, map));
  TRY(AddHelmCharts(target, build, map));
  return RunGeneratorPlugins(target, build, map);
}

Status RunTransformers(const Target& target, BuildState& build, Accumulated& accumulated) {
  const Kustomization& k = target.kustomization;
  if (!build.types && (!k.patches.empty() || !k.patches_strategic_merge.empty())) {
    build.merged_by_builtin = true;
  }
  std::vector<Step> steps = TRY(ConfigureTransformers(target.loader, k, *accumulated.config,
                                                      build.MergeTypes(), target.ConfiguredIn()));
  for (Step& step : TRY(LoadTransformerPlugins(target, k.transformers, build))) {
    steps.push_back(std::move(step));
  }
  TRY(RunSteps(steps, accumulated.resources));
  return RunValidators(target, build, accumulated.resources);
}

}  // namespace swell::kustomize
