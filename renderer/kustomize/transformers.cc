#include "renderer/kustomize/transformers.h"

#include <functional>
#include <utility>

#include "base/core/strings.h"
#include "base/value/yaml.h"
#include "renderer/kustomize/patch_loader.h"

namespace swell::kustomize {
namespace {

// The fields that one entry of `labels` writes to.
Result<std::vector<FieldSpec>> LabelSpecs(const LabelEntry& label, const TransformerConfig& config,
                                          Budget& budget) {
  std::vector<FieldSpec> specs = label.fields;
  TRY_WRAP(MergeFieldSpecs(specs, config.labels, budget), "failed to merge labels");
  if (label.include_selectors) {
    TRY_WRAP(MergeFieldSpecs(specs, config.common_labels, budget), "failed to merge labels");
    return specs;
  }
  if (label.include_templates) {
    TRY_WRAP(MergeFieldSpecs(specs, config.template_labels, budget),
             "failed to merge template fieldSpec");
  }
  static const FieldSpec kMetadataLabels[] = {{{}, "metadata/labels", true}};
  TRY_WRAP(MergeFieldSpecs(specs, kMetadataLabels, budget), "failed to merge labels");
  return specs;
}

// Gathers the steps of one kustomization.
class Plan {
 public:
  explicit Plan(const std::optional<Origin>& configured_in) : configured_in_(configured_in) {}

  void Add(const char* kind, std::function<Status(ResourceMap&)> run) {
    Step step{std::move(run), configured_in_};
    if (step.origin) {
      step.origin->api_version = "builtin";
      step.origin->kind = kind;
    }
    steps_.push_back(std::move(step));
  }
  std::vector<Step> Take() { return std::move(steps_); }

 private:
  const std::optional<Origin>& configured_in_;
  std::vector<Step> steps_;
};

using Types = std::shared_ptr<const MergeSchema>;

Status PlanMerges(const Loader& loader, const Kustomization& k, const Types& types, Plan& plan) {
  if (k.patches_strategic_merge.empty()) return {};
  std::vector<Value> merges = TRY(LoadStrategicMerges(loader, k.patches_strategic_merge));
  plan.Add("PatchStrategicMergeTransformer",
           [merges = std::move(merges), types](ResourceMap& map) -> Status {
             for (const Value& merge : merges) TRY(ApplyMergeById(map, merge, *types));
             return {};
           });
  return {};
}

Status PlanPatches(const Loader& loader, const Kustomization& k, const Types& types, Plan& plan) {
  for (const PatchEntry& entry : k.patches) {
    Patch patch =
        TRY_WRAP(LoadPatch(loader, entry), "trouble configuring builtin PatchTransformer");
    plan.Add("PatchTransformer",
             [patch = std::move(patch), types, &entry](ResourceMap& map) -> Status {
               if (entry.path.empty()) return ApplyPatch(map, patch, *types);
               TRY_WRAP(ApplyPatch(map, patch, *types), "patch " + entry.path);
               return {};
             });
  }
  return {};
}

void PlanNames(const Kustomization& k, const TransformerConfig& config, Plan& plan) {
  if (!k.ns.empty()) {
    plan.Add("NamespaceTransformer", [&k, &config](ResourceMap& map) {
      return SetNamespace(map, {.ns = k.ns}, config.ns);
    });
  }
  if (!k.name_prefix.empty()) {
    plan.Add("PrefixTransformer", [&k, &config](ResourceMap& map) {
      return AddNamePrefix(map, k.name_prefix, config.name_prefix);
    });
  }
  if (!k.name_suffix.empty()) {
    plan.Add("SuffixTransformer", [&k, &config](ResourceMap& map) {
      return AddNameSuffix(map, k.name_suffix, config.name_suffix);
    });
  }
}

Status PlanMetadata(const Kustomization& k, const TransformerConfig& config, Plan& plan,
                    Budget& budget) {
  for (const LabelEntry& label : k.labels) {
    std::vector<FieldSpec> specs = TRY(LabelSpecs(label, config, budget));
    plan.Add("LabelTransformer", [&label, specs = std::move(specs)](ResourceMap& map) {
      return AddEntries(map, label.pairs, specs);
    });
  }
  // Where there are labels of either form, kustomize runs this one too.
  if (!k.labels.empty() || !k.common_labels.empty()) {
    plan.Add("LabelTransformer", [&k, &config](ResourceMap& map) {
      return AddEntries(map, k.common_labels, config.common_labels);
    });
  }
  if (!k.common_annotations.empty()) {
    plan.Add("AnnotationsTransformer", [&k, &config](ResourceMap& map) {
      return AddEntries(map, k.common_annotations, config.common_annotations);
    });
  }
  return {};
}

Status PlanJsonPatches(const Loader& loader, const Kustomization& k, Plan& plan) {
  for (const PatchEntry& entry : k.patches_json6902) {
    Value operations = TRY_WRAP(LoadJsonPatch(loader, entry),
                                "trouble configuring builtin PatchJson6902Transformer");
    plan.Add("PatchJson6902Transformer",
             [&entry, operations = std::move(operations)](ResourceMap& map) {
               return ApplyJsonPatchEntry(map, *entry.target, operations);
             });
  }
  return {};
}

Status PlanValues(const Loader& loader, const Kustomization& k, const TransformerConfig& config,
                  Plan& plan) {
  for (const Replica& replica : k.replicas) {
    plan.Add("ReplicaCountTransformer", [&replica, &config](ResourceMap& map) {
      return SetReplicas(map, replica, config.replicas);
    });
  }
  for (const Image& image : k.images) {
    plan.Add("ImageTagTransformer",
             [&image, &config](ResourceMap& map) { return SetImage(map, image, config.images); });
  }
  if (k.replacements.empty()) return {};
  std::vector<Replacement> replacements = TRY(LoadReplacements(loader, k.replacements));
  plan.Add("ReplacementTransformer",
           [replacements = std::move(replacements)](ResourceMap& map) -> Status {
             for (const Replacement& replacement : replacements) {
               TRY(ApplyReplacement(map, replacement));
             }
             return {};
           });
  return {};
}

}  // namespace

Result<std::vector<Replacement>> LoadReplacements(const Loader& loader,
                                                  const std::vector<ReplacementEntry>& entries) {
  std::vector<Replacement> all;
  for (const ReplacementEntry& entry : entries) {
    if (entry.path.empty()) {
      all.push_back(entry.replacement);
      continue;
    }
    if (entry.replacement.source || entry.replacement.source_value ||
        !entry.replacement.targets.empty()) {
      return Fail(InvalidArgument("cannot specify both path and inline replacement"));
    }
    const std::string text = TRY(loader.Load(entry.path));
    yaml::ParseOptions options;
    options.file = entry.path;
    const Value document = TRY(yaml::Parse(text, options));
    TRY_WRAP(loader.budget().Parsed(document), entry.path);
    for (Replacement& replacement : TRY_WRAP(ParseReplacements(document), entry.path)) {
      all.push_back(std::move(replacement));
    }
  }
  return all;
}

Result<std::vector<Step>> ConfigureTransformers(const Loader& loader, const Kustomization& k,
                                                const TransformerConfig& config,
                                                const std::shared_ptr<const MergeSchema>& types,
                                                const std::optional<Origin>& configured_in) {
  Plan plan(configured_in);
  TRY(PlanMerges(loader, k, types, plan));
  TRY(PlanPatches(loader, k, types, plan));
  PlanNames(k, config, plan);
  TRY(PlanMetadata(k, config, plan, loader.budget()));
  TRY(PlanJsonPatches(loader, k, plan));
  TRY(PlanValues(loader, k, config, plan));
  return plan.Take();
}

Status RunSteps(const std::vector<Step>& steps, ResourceMap& map) {
  for (const Step& step : steps) {
    TRY(step.run(map));
    if (step.origin) TRY(AddTransformation(map, *step.origin));
    map.DropDeleted();
  }
  return {};
}

}  // namespace swell::kustomize
