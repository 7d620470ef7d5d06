#include "renderer/kustomize/kustomization.h"

#include <algorithm>
#include <utility>

#include "base/core/strings.h"
#include "base/value/yaml.h"
#include "renderer/kustomize/decode.h"

namespace swell::kustomize {
namespace {

void AppendAll(std::vector<FieldRule>& rules, std::vector<FieldRule> more) {
  for (FieldRule& rule : more) rules.push_back(std::move(rule));
}

std::vector<FieldRule> GvkRules(GroupVersionKind& gvk) {
  return {{"group", Into(gvk.group)}, {"version", Into(gvk.version)}, {"kind", Into(gvk.kind)}};
}

std::vector<FieldRule> IdRules(Selector& selector) {
  std::vector<FieldRule> rules = GvkRules(selector.gvk);
  AppendAll(rules, {{"name", Into(selector.name)}, {"namespace", Into(selector.ns)}});
  return rules;
}

Status ReadSelector(const Value& value, Selector& selector) {
  std::vector<FieldRule> rules = IdRules(selector);
  AppendAll(rules, {{"labelSelector", Into(selector.label_selector)},
                    {"annotationSelector", Into(selector.annotation_selector)}});
  return ReadStruct(value, "Selector", rules);
}

Status ReadFieldSpec(const Value& value, FieldSpec& spec) {
  std::vector<FieldRule> rules = GvkRules(spec.gvk);
  AppendAll(rules, {{"path", Into(spec.path)}, {"create", Into(spec.create)}});
  return ReadStruct(value, "FieldSpec", rules);
}

Status ReadLabel(const Value& value, LabelEntry& label) {
  bool claim_templates = false;
  TRY(ReadStruct(value, "Label",
                 {{"pairs", Into(label.pairs)},
                  {"includeSelectors", Into(label.include_selectors)},
                  {"includeTemplates", Into(label.include_templates)},
                  {"includeVolumeClaimTemplates", Into(claim_templates)},
                  {"fields", IntoList(label.fields, ReadFieldSpec)}}));
  if (claim_templates) {
    return Fail(Unimplemented(
        "labels.includeVolumeClaimTemplates is not supported (it is newer than kustomize 5.8.1, "
        "where includeTemplates covers volumeClaimTemplates)"));
  }
  return {};
}

Status ReadImage(const Value& value, Image& image) {
  return ReadStruct(value, "Image",
                    {{"name", Into(image.name)},
                     {"newName", Into(image.new_name)},
                     {"tagSuffix", Into(image.tag_suffix)},
                     {"newTag", Into(image.new_tag)},
                     {"digest", Into(image.digest)}});
}

Status ReadReplica(const Value& value, Replica& replica) {
  return ReadStruct(value, "Replica",
                    {{"name", Into(replica.name)}, {"count", Into(replica.count)}});
}

Status ReadPatch(const Value& value, PatchEntry& patch) {
  const FieldReader options = [&patch](const Value& v, const std::string&) -> Status {
    return ReadStruct(v, "PatchArgs",
                      {{"allowNameChange", Into(patch.allow_name_change)},
                       {"allowKindChange", Into(patch.allow_kind_change)}});
  };
  return ReadStruct(value, "Patch",
                    {{"path", Into(patch.path)},
                     {"patch", Into(patch.patch)},
                     {"target", IntoOptional(patch.target, ReadSelector)},
                     {"options", options}});
}

Status ReadGeneratorOptions(const Value& value, GeneratorOptions& options) {
  return ReadStruct(value, "GeneratorOptions",
                    {{"labels", Into(options.labels)},
                     {"annotations", Into(options.annotations)},
                     {"disableNameSuffixHash", Into(options.disable_name_suffix_hash)},
                     {"immutable", Into(options.immutable)}});
}

enum class GeneratorKind : std::uint8_t { kConfigMap, kSecret };

Status ReadGenerator(const Value& value, GeneratorEntry& entry, GeneratorKind kind) {
  std::string env;
  std::vector<FieldRule> rules = {{"name", Into(entry.args.name)},
                                  {"namespace", Into(entry.args.ns)},
                                  {"behavior", Into(entry.args.behavior)},
                                  {"literals", Into(entry.literals)},
                                  {"files", Into(entry.files)},
                                  {"envs", Into(entry.envs)},
                                  {"env", Into(env)},
                                  {"options", [&entry](const Value& v, const std::string&) {
                                     return ReadGeneratorOptions(v, entry.args.options);
                                   }}};
  if (kind == GeneratorKind::kSecret) rules.push_back({"type", Into(entry.args.type)});
  TRY(ReadStruct(value, kind == GeneratorKind::kSecret ? "SecretArgs" : "ConfigMapArgs", rules));
  if (!env.empty()) entry.envs.push_back(std::move(env));
  return {};
}

Status ReadConfigMap(const Value& value, GeneratorEntry& entry) {
  return ReadGenerator(value, entry, GeneratorKind::kConfigMap);
}

Status ReadSecret(const Value& value, GeneratorEntry& entry) {
  return ReadGenerator(value, entry, GeneratorKind::kSecret);
}

Status ReadFieldOptions(const Value& value, ReplacementField& options) {
  std::int64_t index = 0;
  std::string encoding;
  TRY(ReadStruct(value, "FieldOptions",
                 {{"delimiter", Into(options.delimiter)},
                  {"index", Into(index)},
                  {"encoding", Into(encoding)},
                  {"create", Into(options.create)}}));
  options.index = static_cast<int>(std::clamp<std::int64_t>(index, -1, 1'000'000'000));
  return {};
}

FieldReader IntoOptions(ReplacementField& options) {
  return [&options](const Value& v, const std::string&) { return ReadFieldOptions(v, options); };
}

Status ReadSource(const Value& value, ReplacementSource& source) {
  std::vector<FieldRule> rules = IdRules(source.selector);
  AppendAll(rules,
            {{"fieldPath", Into(source.field_path)}, {"options", IntoOptions(source.options)}});
  TRY(ReadStruct(value, "SourceSelector", rules));
  if (source.field_path.empty()) source.field_path = "metadata.name";
  return {};
}

Status ReadTarget(const Value& value, ReplacementTarget& target) {
  std::optional<Selector> select;
  TRY(ReadStruct(value, "TargetSelector",
                 {{"select", IntoOptional(select, ReadSelector)},
                  {"reject", IntoList(target.reject, ReadSelector)},
                  {"fieldPaths", Into(target.field_paths)},
                  {"options", IntoOptions(target.options)}}));
  if (!select) return Fail(InvalidArgument("target must specify resources to select"));
  target.select = std::move(*select);
  if (target.field_paths.empty()) target.field_paths = {"metadata.name"};
  return {};
}

std::vector<FieldRule> ReplacementRules(Replacement& replacement) {
  return {{"source", IntoOptional(replacement.source, ReadSource)},
          {"sourceValue", Into(replacement.source_value)},
          {"targets", IntoList(replacement.targets, ReadTarget)}};
}

Status ReadReplacement(const Value& value, ReplacementEntry& entry) {
  std::vector<FieldRule> rules = ReplacementRules(entry.replacement);
  rules.push_back({"path", Into(entry.path)});
  return ReadStruct(value, "Replacement", rules);
}

Status ReadSortOptions(const Value& value, SortOptions& options) {
  const FieldReader legacy = [&options](const Value& v, const std::string&) -> Status {
    options.has_legacy_options = true;
    return ReadStruct(
        v, "LegacySortOptions",
        {{"orderFirst", Into(options.order_first)}, {"orderLast", Into(options.order_last)}});
  };
  return ReadStruct(value, "SortOptions",
                    {{"order", Into(options.order)}, {"legacySortOptions", legacy}});
}

// A field that kustomize knows and Swell does not: refused by name where it says something.
FieldReader Refused(std::string_view field, std::string_view instead) {
  return [field, instead](const Value& value, const std::string&) -> Status {
    if ((value.is_array() || value.is_object()) && value.empty()) return {};
    return Fail(Unimplemented("the kustomization field '" + std::string(field) +
                              "' is not supported; " + std::string(instead)));
  };
}

std::vector<FieldRule> RefusedRules() {
  return {
      {"crds", Refused("crds", "name the fields in `configurations` instead")},
      {"openapi", Refused("openapi", "Swell merges by the built-in schema")},
      {"vars", Refused("vars", "use `replacements`")},
      {"helmCharts", Refused("helmCharts", "use a Helm application for the chart")},
      {"helmGlobals", Refused("helmGlobals", "use a Helm application for the chart")},
      {"helmChartInflationGenerator",
       Refused("helmChartInflationGenerator", "use a Helm application for the chart")},
      {"generators", Refused("generators",
                             "plugins are not run; use configMapGenerator or "
                             "secretGenerator")},
      {"transformers", Refused("transformers",
                               "plugins are not run; use the fields of the "
                               "kustomization")},
      {"validators", Refused("validators", "plugins are not run")},
  };
}

std::vector<FieldRule> Rules(Kustomization& k, std::vector<std::string>& bases,
                             std::vector<Image>& image_tags, Value& metadata) {
  std::vector<FieldRule> rules = {
      {"apiVersion", Into(k.api_version)},
      {"kind", Into(k.kind)},
      {"metadata", Into(metadata)},
      {"resources", Into(k.resources)},
      {"bases", Into(bases)},
      {"components", Into(k.components)},
      {"configurations", Into(k.configurations)},
      {"namePrefix", Into(k.name_prefix)},
      {"nameSuffix", Into(k.name_suffix)},
      {"namespace", Into(k.ns)},
      {"commonLabels", Into(k.common_labels)},
      {"labels", IntoList(k.labels, ReadLabel)},
      {"commonAnnotations", Into(k.common_annotations)},
      {"patchesStrategicMerge", Into(k.patches_strategic_merge)},
      {"patchesJson6902", IntoList(k.patches_json6902, ReadPatch)},
      {"patches", IntoList(k.patches, ReadPatch)},
      {"images", IntoList(k.images, ReadImage)},
      {"imageTags", IntoList(image_tags, ReadImage)},
      {"replicas", IntoList(k.replicas, ReadReplica)},
      {"replacements", IntoList(k.replacements, ReadReplacement)},
      {"configMapGenerator", IntoList(k.config_maps, ReadConfigMap)},
      {"secretGenerator", IntoList(k.secrets, ReadSecret)},
      {"generatorOptions",
       [&k](const Value& v, const std::string&) {
         return ReadGeneratorOptions(v, k.generator_options);
       }},
      {"sortOptions", IntoOptional(k.sort_options, ReadSortOptions)},
      {"buildMetadata", Into(k.build_metadata)},
  };
  AppendAll(rules, RefusedRules());
  return rules;
}

bool IsEmptyFile(const Value& document) {
  return std::ranges::all_of(document.members(), [](const Member& member) {
    const std::string name = ToLower(member.name());
    return member.value.is_null() || name == "apiversion" || name == "kind";
  });
}

Status CheckKind(const Kustomization& k, const std::string& folder) {
  std::string problems;
  if (k.kind != "Kustomization" && k.kind != "Component") {
    problems += "\nkind should be Kustomization or Component";
  }
  const std::string wanted =
      k.is_component() ? "kustomize.config.k8s.io/v1alpha1" : "kustomize.config.k8s.io/v1beta1";
  if (k.api_version != wanted) {
    problems += "\napiVersion for " + k.kind + " should be " + wanted;
  }
  if (problems.empty()) return {};
  return Fail(
      InvalidArgument("Failed to read kustomization file under " + folder + ":" + problems));
}

}  // namespace

Result<Kustomization> ParseKustomization(std::string_view text, const std::string& folder) {
  yaml::ParseOptions options;
  options.file = folder.empty() ? "kustomization.yaml" : folder + "/kustomization.yaml";
  options.reject_duplicate_keys = false;
  const std::vector<yaml::Document> documents =
      TRY_WRAP(yaml::ParseAll(text, options), "invalid Kustomization");
  // Only the first document counts.
  const Value document = documents.empty() ? Value() : documents.front().value;
  Kustomization k;
  std::vector<std::string> bases;
  std::vector<Image> image_tags;
  Value metadata;
  const Status read = ReadStruct(document, "Kustomization", Rules(k, bases, image_tags, metadata));
  if (!read) {
    Error error = read.error();
    if (error.code() == ErrorCode::kUnimplemented) return Fail(std::move(error));
    return Fail(std::move(error).Wrap("invalid Kustomization"));
  }
  if (IsEmptyFile(document)) return Fail(InvalidArgument("kustomization.yaml is empty"));
  if (k.kind.empty()) k.kind = "Kustomization";
  if (k.api_version.empty()) {
    k.api_version =
        k.is_component() ? "kustomize.config.k8s.io/v1alpha1" : "kustomize.config.k8s.io/v1beta1";
  }
  for (std::string& base : bases) k.resources.push_back(std::move(base));
  for (Image& image : image_tags) k.images.push_back(std::move(image));
  TRY(CheckKind(k, folder));
  return k;
}

Result<std::vector<Replacement>> ParseReplacements(const Value& document) {
  std::vector<Replacement> replacements;
  const bool is_list = document.is_array();
  const std::span<const Value> items =
      is_list ? document.items() : std::span<const Value>(&document, 1);
  for (const Value& item : items) {
    Replacement replacement;
    TRY(ReadStruct(item, "Replacement", ReplacementRules(replacement)));
    replacements.push_back(std::move(replacement));
  }
  return replacements;
}

}  // namespace swell::kustomize
