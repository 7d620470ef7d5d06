#include "renderer/kustomize/kustomization.h"

#include <algorithm>
#include <utility>

#include "base/core/strings.h"
#include "base/value/yaml.h"
#include "renderer/kustomize/decode.h"
#include "renderer/kustomize/entries.h"

namespace swell::kustomize {
namespace {

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
      {"helmChartInflationGenerator",
       Refused("helmChartInflationGenerator", "use a Helm application for the chart")},
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
      {"generators", Into(k.generators)},
      {"transformers", Into(k.transformers)},
      {"vars", IntoList(k.vars, ReadVar)},
      {"helmCharts", IntoList(k.helm_charts, ReadHelmChart)},
      {"helmGlobals",
       [&k](const Value& v, const std::string&) { return ReadHelmGlobals(v, k.helm_globals); }},
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
  for (FieldRule& rule : RefusedRules()) rules.push_back(std::move(rule));
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

}  // namespace swell::kustomize
