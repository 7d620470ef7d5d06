#include "renderer/kustomize/kustomization.h"

#include <algorithm>
#include <utility>

#include "base/core/strings.h"
#include "base/value/yaml.h"
#include "renderer/kustomize/decode.h"
#include "renderer/kustomize/entries.h"
#include "renderer/source/path.h"

namespace swell::kustomize {
namespace {

constexpr UnknownFields kStrict = UnknownFields::kRefuse;

// Fields of older forms, which become others once all is read.
struct Deprecated {
  std::vector<std::string> bases;
  std::vector<Image> image_tags;
  std::vector<HelmChart> inflated;  // helmChartInflationGenerator
  HelmGlobals inflated_globals;
  bool has_globals = false;  // the newer field is there
};

std::vector<FieldRule> Rules(Kustomization& k, Deprecated& deprecated, Value& metadata) {
  return {
      {"apiVersion", Into(k.api_version)},
      {"kind", Into(k.kind)},
      {"metadata", Into(metadata)},
      {"resources", Into(k.resources)},
      {"bases", Into(deprecated.bases)},
      {"components", Into(k.components)},
      {"generators", Into(k.generators)},
      {"transformers", Into(k.transformers)},
      {"validators", Into(k.validators)},
      {"crds", Into(k.crds)},
      {"openapi", Into(k.openapi)},
      {"vars", IntoList(k.vars, ReadVar, kStrict)},
      {"helmCharts", IntoList(k.helm_charts, ReadHelmChart, kStrict)},
      {"helmGlobals",
       [&](const Value& v, const std::string&) {
         deprecated.has_globals = true;
         return ReadHelmGlobals(v, k.helm_globals, kStrict);
       }},
      {"helmChartInflationGenerator",
       [&](const Value& v, const std::string& where) -> Status {
         if (!v.is_array()) return Fail(WrongType(v, where, "[]types.HelmChartArgs"));
         for (const Value& item : v.items()) {
           TRY(ReadHelmChartArgs(item, deprecated.inflated.emplace_back(),
                                 deprecated.inflated_globals, kStrict));
         }
         return {};
       }},
      {"configurations", Into(k.configurations)},
      {"namePrefix", Into(k.name_prefix)},
      {"nameSuffix", Into(k.name_suffix)},
      {"namespace", Into(k.ns)},
      {"commonLabels", Into(k.common_labels)},
      {"labels", IntoList(k.labels, ReadLabel, kStrict)},
      {"commonAnnotations", Into(k.common_annotations)},
      {"patchesStrategicMerge", Into(k.patches_strategic_merge)},
      {"patchesJson6902", IntoList(k.patches_json6902, ReadPatch, kStrict)},
      {"patches", IntoList(k.patches, ReadPatch, kStrict)},
      {"images", IntoList(k.images, ReadImage, kStrict)},
      {"imageTags", IntoList(deprecated.image_tags, ReadImage, kStrict)},
      {"replicas", IntoList(k.replicas, ReadReplica, kStrict)},
      {"replacements", IntoList(k.replacements, ReadReplacement, kStrict)},
      {"configMapGenerator", IntoList(k.config_maps, ReadConfigMap, kStrict)},
      {"secretGenerator", IntoList(k.secrets, ReadSecret, kStrict)},
      {"generatorOptions",
       [&k](const Value& v, const std::string&) {
         return ReadGeneratorOptions(v, k.generator_options, kStrict);
       }},
      {"sortOptions", IntoOptional(k.sort_options, ReadSortOptions, kStrict)},
      {"buildMetadata", Into(k.build_metadata)},
  };
}

// In kustomize's order and words.
std::vector<std::string> Warnings(const Value& document) {
  struct Rule {
    std::string_view field;
    std::string_view instead;
    std::string_view run = "Run";
  };
  static constexpr Rule kRules[] = {
      {"bases", "resources"},
      {"commonLabels", "labels"},
      {"imageTags", "images"},
      {"patchesJson6902", "patches"},
      {"patchesStrategicMerge", "patches"},
      {"vars", "replacements", "[EXPERIMENTAL] Run"},
  };
  std::vector<std::string> warnings;
  for (const Rule& rule : kRules) {
    const bool used = std::ranges::any_of(document.members(), [&](const Member& member) {
      return !member.value.is_null() && ToLower(member.name()) == ToLower(rule.field);
    });
    if (!used) continue;
    warnings.push_back("# Warning: '" + std::string(rule.field) + "' is deprecated. Please use '" +
                       std::string(rule.instead) + "' instead. " + std::string(rule.run) +
                       " 'kustomize edit fix' to update your Kustomization automatically.");
  }
  return warnings;
}

// Moves what stands in the older fields to the newer ones.
void Modernise(Deprecated deprecated, Kustomization& k) {
  for (std::string& base : deprecated.bases) k.resources.push_back(std::move(base));
  for (Image& image : deprecated.image_tags) k.images.push_back(std::move(image));
  for (HelmChart& chart : deprecated.inflated) k.helm_charts.push_back(std::move(chart));
  if (!deprecated.has_globals && !deprecated.inflated.empty()) {
    k.helm_globals = std::move(deprecated.inflated_globals);
  }
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

Result<Kustomization> ParseKustomization(std::string_view text, const std::string& folder,
                                         const std::string& file_name, Budget& budget) {
  yaml::ParseOptions options;
  options.file = folder == "." ? file_name : JoinPath(folder, file_name);
  options.reject_duplicate_keys = false;
  const std::vector<yaml::Document> documents =
      TRY_WRAP(yaml::ParseAll(text, options), "invalid Kustomization");
  // Only the first document counts.
  const Value document = documents.empty() ? Value() : documents.front().value;
  TRY_WRAP(budget.Parsed(document), options.file);
  Kustomization k;
  k.file = options.file;
  k.file_name = file_name;
  Deprecated deprecated;
  Value metadata;
  const Status read = ReadStruct(document, "Kustomization", Rules(k, deprecated, metadata));
  if (!read) {
    Error error = read.error();
    if (error.code() != ErrorCode::kUnimplemented) error.Wrap("invalid Kustomization");
    return Fail(std::move(error.Wrap(k.file)));
  }
  if (IsEmptyFile(document)) {
    return Fail(InvalidArgument("kustomization.yaml is empty").Wrap(k.file));
  }
  if (k.kind.empty()) k.kind = "Kustomization";
  if (k.api_version.empty()) {
    k.api_version =
        k.is_component() ? "kustomize.config.k8s.io/v1alpha1" : "kustomize.config.k8s.io/v1beta1";
  }
  k.warnings = Warnings(document);
  Modernise(std::move(deprecated), k);
  TRY(CheckKind(k, folder));
  return k;
}

}  // namespace swell::kustomize
