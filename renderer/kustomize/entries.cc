#include "renderer/kustomize/entries.h"

#include <algorithm>
#include <utility>

namespace swell::kustomize {

static void AppendAll(std::vector<FieldRule>& rules, std::vector<FieldRule> more) {
  for (FieldRule& rule : more) rules.push_back(std::move(rule));
}

static std::vector<FieldRule> GvkRules(GroupVersionKind& gvk) {
  return {{"group", Into(gvk.group)}, {"version", Into(gvk.version)}, {"kind", Into(gvk.kind)}};
}

static std::vector<FieldRule> IdRules(Selector& selector) {
  std::vector<FieldRule> rules = GvkRules(selector.gvk);
  AppendAll(rules, {{"name", Into(selector.name)}, {"namespace", Into(selector.ns)}});
  return rules;
}

Status ReadSelector(const Value& value, Selector& selector, UnknownFields unknown) {
  std::vector<FieldRule> rules = IdRules(selector);
  AppendAll(rules, {{"labelSelector", Into(selector.label_selector)},
                    {"annotationSelector", Into(selector.annotation_selector)}});
  return ReadStruct(value, "Selector", rules, unknown);
}

Status ReadFieldSpec(const Value& value, FieldSpec& spec, UnknownFields unknown) {
  std::vector<FieldRule> rules = GvkRules(spec.gvk);
  AppendAll(rules, {{"path", Into(spec.path)}, {"create", Into(spec.create)}});
  return ReadStruct(value, "FieldSpec", rules, unknown);
}

Status ReadLabel(const Value& value, LabelEntry& label, UnknownFields unknown) {
  bool claim_templates = false;
  TRY(ReadStruct(value, "Label",
                 {{"pairs", Into(label.pairs)},
                  {"includeSelectors", Into(label.include_selectors)},
                  {"includeTemplates", Into(label.include_templates)},
                  {"includeVolumeClaimTemplates", Into(claim_templates)},
                  {"fields", IntoList(label.fields, ReadFieldSpec, unknown)}},
                 unknown));
  if (claim_templates) {
    return Fail(Unimplemented(
        "labels.includeVolumeClaimTemplates is not supported (it is newer than kustomize 5.8.1, "
        "where includeTemplates covers volumeClaimTemplates)"));
  }
  return {};
}

Status ReadImage(const Value& value, Image& image, UnknownFields unknown) {
  return ReadStruct(value, "Image",
                    {{"name", Into(image.name)},
                     {"newName", Into(image.new_name)},
                     {"tagSuffix", Into(image.tag_suffix)},
                     {"newTag", Into(image.new_tag)},
                     {"digest", Into(image.digest)}},
                    unknown);
}

Status ReadReplica(const Value& value, Replica& replica, UnknownFields unknown) {
  return ReadStruct(value, "Replica",
                    {{"name", Into(replica.name)}, {"count", Into(replica.count)}}, unknown);
}

Status ReadPatch(const Value& value, PatchEntry& patch, UnknownFields unknown) {
  const FieldReader options = [&patch, unknown](const Value& v, const std::string&) -> Status {
    return ReadStruct(v, "PatchArgs",
                      {{"allowNameChange", Into(patch.allow_name_change)},
                       {"allowKindChange", Into(patch.allow_kind_change)}},
                      unknown);
  };
  return ReadStruct(value, "Patch",
                    {{"path", Into(patch.path)},
                     {"patch", Into(patch.patch)},
                     {"target", IntoOptional(patch.target, ReadSelector, unknown)},
                     {"options", options}},
                    unknown);
}

Status ReadGeneratorOptions(const Value& value, GeneratorOptions& options, UnknownFields unknown) {
  return ReadStruct(value, "GeneratorOptions",
                    {{"labels", Into(options.labels)},
                     {"annotations", Into(options.annotations)},
                     {"disableNameSuffixHash", Into(options.disable_name_suffix_hash)},
                     {"immutable", Into(options.immutable)}},
                    unknown);
}

namespace {
enum class EntryKind : std::uint8_t { kConfigMap, kSecret };
}  // namespace

static Status ReadGenerator(const Value& value, GeneratorEntry& entry, EntryKind kind,
                            UnknownFields unknown) {
  std::string env;
  std::vector<FieldRule> rules = {
      {"name", Into(entry.args.name)},
      {"namespace", Into(entry.args.ns)},
      {"behavior", Into(entry.args.behavior)},
      {"literals", Into(entry.literals)},
      {"files", Into(entry.files)},
      {"envs", Into(entry.envs)},
      {"env", Into(env)},
      {"options", [&entry, unknown](const Value& v, const std::string&) {
         return ReadGeneratorOptions(v, entry.args.options, unknown);
       }}};
  if (kind == EntryKind::kSecret) rules.push_back({"type", Into(entry.args.type)});
  TRY(ReadStruct(value, kind == EntryKind::kSecret ? "SecretArgs" : "ConfigMapArgs", rules,
                 unknown));
  if (!env.empty()) entry.envs.push_back(std::move(env));
  return {};
}

Status ReadConfigMap(const Value& value, GeneratorEntry& entry, UnknownFields unknown) {
  return ReadGenerator(value, entry, EntryKind::kConfigMap, unknown);
}

Status ReadSecret(const Value& value, GeneratorEntry& entry, UnknownFields unknown) {
  return ReadGenerator(value, entry, EntryKind::kSecret, unknown);
}

static Status ReadFieldOptions(const Value& value, ReplacementField& options,
                               UnknownFields unknown) {
  std::int64_t index = 0;
  std::string encoding;
  TRY(ReadStruct(value, "FieldOptions",
                 {{"delimiter", Into(options.delimiter)},
                  {"index", Into(index)},
                  {"encoding", Into(encoding)},
                  {"create", Into(options.create)}},
                 unknown));
  options.index = static_cast<int>(std::clamp<std::int64_t>(index, -1, 1'000'000'000));
  return {};
}

static FieldReader IntoOptions(ReplacementField& options, UnknownFields unknown) {
  return [&options, unknown](const Value& v, const std::string&) {
    return ReadFieldOptions(v, options, unknown);
  };
}

static Status ReadSource(const Value& value, ReplacementSource& source, UnknownFields unknown) {
  std::vector<FieldRule> rules = IdRules(source.selector);
  AppendAll(rules, {{"fieldPath", Into(source.field_path)},
                    {"options", IntoOptions(source.options, unknown)}});
  TRY(ReadStruct(value, "SourceSelector", rules, unknown));
  if (source.field_path.empty()) source.field_path = "metadata.name";
  return {};
}

static Status ReadTarget(const Value& value, ReplacementTarget& target, UnknownFields unknown) {
  std::optional<Selector> select;
  TRY(ReadStruct(value, "TargetSelector",
                 {{"select", IntoOptional(select, ReadSelector, unknown)},
                  {"reject", IntoList(target.reject, ReadSelector, unknown)},
                  {"fieldPaths", Into(target.field_paths)},
                  {"options", IntoOptions(target.options, unknown)}},
                 unknown));
  if (!select) return Fail(InvalidArgument("target must specify resources to select"));
  target.select = std::move(*select);
  if (target.field_paths.empty()) target.field_paths = {"metadata.name"};
  return {};
}

static std::vector<FieldRule> ReplacementRules(Replacement& replacement, UnknownFields unknown) {
  return {{"source", IntoOptional(replacement.source, ReadSource, unknown)},
          {"sourceValue", Into(replacement.source_value)},
          {"targets", IntoList(replacement.targets, ReadTarget, unknown)}};
}

Status ReadReplacement(const Value& value, ReplacementEntry& entry, UnknownFields unknown) {
  std::vector<FieldRule> rules = ReplacementRules(entry.replacement, unknown);
  rules.push_back({"path", Into(entry.path)});
  return ReadStruct(value, "Replacement", rules, unknown);
}

Status ReadSortOptions(const Value& value, SortOptions& options, UnknownFields unknown) {
  const FieldReader legacy = [&options, unknown](const Value& v, const std::string&) -> Status {
    options.has_legacy_options = true;
    return ReadStruct(
        v, "LegacySortOptions",
        {{"orderFirst", Into(options.order_first)}, {"orderLast", Into(options.order_last)}},
        unknown);
  };
  return ReadStruct(value, "SortOptions",
                    {{"order", Into(options.order)}, {"legacySortOptions", legacy}}, unknown);
}

Status ReadVar(const Value& value, Var& var, UnknownFields unknown) {
  std::string api_version;
  const FieldReader object = [&](const Value& v, const std::string&) -> Status {
    std::vector<FieldRule> rules = GvkRules(var.object.gvk);
    AppendAll(rules, {{"apiVersion", Into(api_version)},
                      {"name", Into(var.object.name)},
                      {"namespace", Into(var.object.ns)}});
    return ReadStruct(v, "Target", rules, unknown);
  };
  const FieldReader field = [&](const Value& v, const std::string&) -> Status {
    return ReadStruct(v, "FieldSelector", {{"fieldPath", Into(var.field_path)}}, unknown);
  };
  TRY(ReadStruct(value, "Var", {{"name", Into(var.name)}, {"objref", object}, {"fieldref", field}},
                 unknown));
  if (!api_version.empty()) {
    const std::size_t slash = api_version.find('/');
    if (slash != api_version.npos) var.object.gvk.group = api_version.substr(0, slash);
    var.object.gvk.version =
        slash == api_version.npos ? api_version : api_version.substr(slash + 1);
  }
  if (var.field_path.empty()) var.field_path = "metadata.name";
  return {};
}

Status ReadHelmChartArgs(const Value& value, HelmChart& chart, HelmGlobals& globals,
                         UnknownFields unknown) {
  std::string ignored;  // of helm 2, or of the program; kustomize ignores them, too
  std::vector<std::string> ignored_args;
  std::string chart_home;
  TRY(ReadStruct(value, "HelmChartArgs",
                 {{"chartName", Into(chart.name)},
                  {"chartVersion", Into(chart.version)},
                  {"chartRepoUrl", Into(chart.repo)},
                  {"chartHome", Into(chart_home)},
                  {"chartRepoName", Into(ignored)},
                  {"helmBin", Into(ignored)},
                  {"helmHome", Into(ignored)},
                  {"values", Into(chart.values_file)},
                  {"valuesLocal", Into(chart.values_inline)},
                  {"valuesMerge", Into(chart.values_merge)},
                  {"releaseName", Into(chart.release_name)},
                  {"releaseNamespace", Into(ignored)},
                  {"extraArgs", Into(ignored_args)}},
                 unknown));
  if (!chart_home.empty()) globals.chart_home = chart_home;
  return {};
}

Status ReadHelmGlobals(const Value& value, HelmGlobals& globals, UnknownFields unknown) {
  std::string config_home;  // helm's own files: there are none in process
  TRY(ReadStruct(value, "HelmGlobals",
                 {{"chartHome", Into(globals.chart_home)}, {"configHome", Into(config_home)}},
                 unknown));
  if (globals.chart_home.empty()) globals.chart_home = "charts";
  return {};
}

Status ReadHelmChart(const Value& value, HelmChart& chart, UnknownFields unknown) {
  bool debug = false;
  bool devel = false;
  TRY(ReadStruct(value, "HelmChart",
                 {{"name", Into(chart.name)},
                  {"version", Into(chart.version)},
                  {"repo", Into(chart.repo)},
                  {"releaseName", Into(chart.release_name)},
                  {"namespace", Into(chart.ns)},
                  {"valuesFile", Into(chart.values_file)},
                  {"additionalValuesFiles", Into(chart.additional_values_files)},
                  {"valuesInline", Into(chart.values_inline)},
                  {"valuesMerge", Into(chart.values_merge)},
                  {"includeCRDs", Into(chart.include_crds)},
                  {"skipHooks", Into(chart.skip_hooks)},
                  {"skipTests", Into(chart.skip_tests)},
                  {"apiVersions", Into(chart.api_versions)},
                  {"kubeVersion", Into(chart.kube_version)},
                  {"nameTemplate", Into(chart.name_template)},
                  {"debug", Into(debug)},
                  {"devel", Into(devel)}},
                 unknown));
  return {};
}

Result<std::vector<Replacement>> ParseReplacements(const Value& document) {
  std::vector<Replacement> replacements;
  const bool is_list = document.is_array();
  const std::span<const Value> items =
      is_list ? document.items() : std::span<const Value>(&document, 1);
  for (const Value& item : items) {
    Replacement replacement;
    TRY(ReadStruct(item, "Replacement", ReplacementRules(replacement, UnknownFields::kRefuse)));
    replacements.push_back(std::move(replacement));
  }
  return replacements;
}

}  // namespace swell::kustomize
