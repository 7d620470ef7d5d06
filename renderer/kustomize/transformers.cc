#include "renderer/kustomize/transformers.h"

#include <utility>

#include "base/core/strings.h"
#include "base/value/yaml.h"
#include "renderer/kustomize/patch_loader.h"

namespace swell::kustomize {
namespace {

// The fields that one entry of `labels` writes to.
Result<std::vector<FieldSpec>> LabelSpecs(const LabelEntry& label,
                                          const TransformerConfig& config) {
  std::vector<FieldSpec> specs = label.fields;
  TRY_WRAP(MergeFieldSpecs(specs, config.labels), "failed to merge labels");
  if (label.include_selectors) {
    TRY_WRAP(MergeFieldSpecs(specs, config.common_labels), "failed to merge labels");
    return specs;
  }
  if (label.include_templates) {
    TRY_WRAP(MergeFieldSpecs(specs, config.template_labels), "failed to merge template fieldSpec");
  }
  static const FieldSpec kMetadataLabels[] = {{{}, "metadata/labels", true}};
  TRY_WRAP(MergeFieldSpecs(specs, kMetadataLabels), "failed to merge labels");
  return specs;
}

struct LoadedPatches {
  std::vector<Value> merges;  // of patchesStrategicMerge
  std::vector<Patch> patches;
  std::vector<std::pair<Selector, Value>> json;  // of patchesJson6902
};

Result<LoadedPatches> LoadPatches(const Loader& loader, const Kustomization& k) {
  LoadedPatches loaded;
  loaded.merges = TRY(LoadStrategicMerges(loader, k.patches_strategic_merge));
  for (const PatchEntry& entry : k.patches) {
    loaded.patches.push_back(
        TRY_WRAP(LoadPatch(loader, entry), "trouble configuring builtin PatchTransformer"));
  }
  for (const PatchEntry& entry : k.patches_json6902) {
    loaded.json.emplace_back(entry.target.value_or(Selector()),
                             TRY_WRAP(LoadJsonPatch(loader, entry),
                                      "trouble configuring builtin PatchJson6902Transformer"));
  }
  return loaded;
}

Status RunNames(const Kustomization& k, const TransformerConfig& config, ResourceMap& map) {
  if (!k.ns.empty()) TRY(SetNamespace(map, {.ns = k.ns}, config.ns));
  if (!k.name_prefix.empty()) TRY(AddNamePrefix(map, k.name_prefix, config.name_prefix));
  if (!k.name_suffix.empty()) TRY(AddNameSuffix(map, k.name_suffix, config.name_suffix));
  return {};
}

Status RunMetadata(const Kustomization& k, const TransformerConfig& config, ResourceMap& map) {
  for (const LabelEntry& label : k.labels) {
    TRY(AddEntries(map, label.pairs, TRY(LabelSpecs(label, config))));
  }
  TRY(AddEntries(map, k.common_labels, config.common_labels));
  return AddEntries(map, k.common_annotations, config.common_annotations);
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
    for (Replacement& replacement : TRY_WRAP(ParseReplacements(document), entry.path)) {
      all.push_back(std::move(replacement));
    }
  }
  return all;
}

Status RunTransformers(const Loader& loader, const Kustomization& k,
                       const TransformerConfig& config, ResourceMap& map) {
  const LoadedPatches loaded = TRY(LoadPatches(loader, k));
  const std::vector<Replacement> replacements = TRY(LoadReplacements(loader, k.replacements));
  for (const Value& merge : loaded.merges) TRY(ApplyMergeById(map, merge));
  for (const Patch& patch : loaded.patches) TRY(ApplyPatch(map, patch));
  TRY(RunNames(k, config, map));
  TRY(RunMetadata(k, config, map));
  for (const auto& [target, operations] : loaded.json) {
    TRY(ApplyJsonPatchEntry(map, target, operations));
  }
  for (const Replica& replica : k.replicas) TRY(SetReplicas(map, replica, config.replicas));
  for (const Image& image : k.images) TRY(SetImage(map, image, config.images));
  for (const Replacement& replacement : replacements) TRY(ApplyReplacement(map, replacement));
  return {};
}

}  // namespace swell::kustomize
