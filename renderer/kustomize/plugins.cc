#include "renderer/kustomize/plugins.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/core/strings.h"
#include "renderer/kustomize/decode.h"
#include "renderer/kustomize/generator_loader.h"
#include "renderer/kustomize/helm_charts.h"
#include "renderer/kustomize/patch_loader.h"
#include "renderer/kustomize/resource_reader.h"
#include "renderer/kustomize/transformers.h"

namespace swell::kustomize {
namespace {

// What a plugin runs on.
struct Stage {
  const Loader& loader;
  const BuildBudget& budget;
  ResourceMap& map;
};

// The rules of the fields that a plugin's configuration has; others are ignored, as kustomize
// ignores them there.
Status ReadConfig(const Value& config, const std::vector<FieldRule>& rules) {
  Value known = Value::EmptyObject();
  for (const Member& member : config.members()) {
    const std::string name = ToLower(member.name());
    const bool wanted = std::ranges::any_of(
        rules, [&](const FieldRule& rule) { return ToLower(rule.name) == name; });
    if (wanted) known = known.With(member.name(), member.value);
  }
  return ReadStruct(known, "plugin", rules);
}

// Scalars of a map as texts: kustomize reads these configurations that leniently.
Value WithTexts(const Value& config, std::string_view field) {
  const Value* map = config.Find(field);
  if (!map || !map->is_object()) return config;
  std::vector<Member> members;
  for (const Member& member : map->members()) {
    members.emplace_back(member.key, Value(ScalarText(member.value)));
  }
  return config.With(field, Value::Object(std::move(members)));
}

Status RunAnnotations(const Stage& stage, const Value& config) {
  std::map<std::string, std::string> annotations;
  std::vector<FieldSpec> specs;
  TRY(ReadConfig(
      WithTexts(config, "annotations"),
      {{"annotations", Into(annotations)}, {"fieldSpecs", IntoList(specs, ReadFieldSpec)}}));
  return AddEntries(stage.map, annotations, specs);
}

Status RunLabels(const Stage& stage, const Value& config) {
  std::map<std::string, std::string> labels;
  std::vector<FieldSpec> specs;
  TRY(ReadConfig(WithTexts(config, "labels"),
                 {{"labels", Into(labels)}, {"fieldSpecs", IntoList(specs, ReadFieldSpec)}}));
  return AddEntries(stage.map, labels, specs);
}

Status RunNamespace(const Stage& stage, const Value& config) {
  NamespaceOptions options;
  std::vector<FieldSpec> specs;
  std::string subjects;
  TRY(ReadConfig(config, {{"fieldSpecs", IntoList(specs, ReadFieldSpec)},
                          {"unsetOnly", Into(options.unset_only)},
                          {"setRoleBindingSubjects", Into(subjects)}}));
  options.ns = config["metadata"]["namespace"].str();
  if (options.ns.empty()) options.ns = config["namespace"].str();
  if (subjects == "allServiceAccounts") {
    options.subjects = RoleBindingSubjects::kAllServiceAccounts;
  } else if (subjects == "none") {
    options.subjects = RoleBindingSubjects::kNone;
  } else if (!subjects.empty() && subjects != "defaultOnly") {
    return Fail(InvalidArgument("invalid value " + Quote(subjects) +
                                " for setRoleBindingSubjects: must be one of \"defaultOnly\", "
                                "\"none\" or \"allServiceAccounts\""));
  }
  return SetNamespace(stage.map, options, specs);
}

Status RunPrefix(const Stage& stage, const Value& config) {
  std::string prefix;
  std::vector<FieldSpec> specs;
  TRY(ReadConfig(config,
                 {{"prefix", Into(prefix)}, {"fieldSpecs", IntoList(specs, ReadFieldSpec)}}));
  return AddNamePrefix(stage.map, prefix, specs);
}

Status RunSuffix(const Stage& stage, const Value& config) {
  std::string suffix;
  std::vector<FieldSpec> specs;
  TRY(ReadConfig(config,
                 {{"suffix", Into(suffix)}, {"fieldSpecs", IntoList(specs, ReadFieldSpec)}}));
  return AddNameSuffix(stage.map, suffix, specs);
}

// The two in one: an older name that is still in use.
Status RunPrefixSuffix(const Stage& stage, const Value& config) {
  TRY(RunPrefix(stage, config));
  return RunSuffix(stage, config);
}

Status RunImage(const Stage& stage, const Value& config) {
  Image image;
  std::vector<FieldSpec> specs;
  const FieldReader tag = [&](const Value& v, const std::string&) { return ReadImage(v, image); };
  TRY(ReadConfig(config, {{"imageTag", tag}, {"fieldSpecs", IntoList(specs, ReadFieldSpec)}}));
  return SetImage(stage.map, image, specs);
}

Status RunReplicas(const Stage& stage, const Value& config) {
  Replica replica;
  std::vector<FieldSpec> specs;
  const FieldReader count = [&](const Value& v, const std::string&) {
    return ReadReplica(v, replica);
  };
  TRY(ReadConfig(config, {{"replica", count}, {"fieldSpecs", IntoList(specs, ReadFieldSpec)}}));
  return SetReplicas(stage.map, replica, specs);
}

Status RunPatch(const Stage& stage, const Value& config) {
  PatchEntry entry;
  const FieldReader options = [&](const Value& v, const std::string&) {
    return ReadConfig(v, {{"allowNameChange", Into(entry.allow_name_change)},
                          {"allowKindChange", Into(entry.allow_kind_change)}});
  };
  TRY(ReadConfig(config, {{"path", Into(entry.path)},
                          {"patch", Into(entry.patch)},
                          {"target", IntoOptional(entry.target, ReadSelector)},
                          {"options", options}}));
  return ApplyPatch(stage.map, TRY(LoadPatch(stage.loader, entry)));
}

Status RunPatchJson(const Stage& stage, const Value& config) {
  PatchEntry entry;
  TRY(ReadConfig(config, {{"path", Into(entry.path)},
                          {"jsonOp", Into(entry.patch)},
                          {"target", IntoOptional(entry.target, ReadSelector)}}));
  const Value operations = TRY(LoadJsonPatch(stage.loader, entry));
  return ApplyJsonPatchEntry(stage.map, *entry.target, operations);
}

Status RunPatchMerge(const Stage& stage, const Value& config) {
  std::vector<std::string> paths;
  std::string patches;
  TRY(ReadConfig(config, {{"paths", Into(paths)}, {"patches", Into(patches)}}));
  if (paths.empty() && patches.empty()) {
    return Fail(InvalidArgument("empty file path and empty patch content"));
  }
  std::vector<Value> merges;
  if (!paths.empty()) merges = TRY(LoadStrategicMerges(stage.loader, paths));
  for (Value& merge : TRY(ReadObjects(patches, "patches"))) merges.push_back(std::move(merge));
  if (merges.empty()) {
    return Fail(InvalidArgument("patch appears to be empty; files=[" + Join(paths, " ") +
                                "], Patch=" + patches));
  }
  for (const Value& merge : merges) TRY(ApplyMergeById(stage.map, merge));
  return {};
}

Status RunReplacements(const Stage& stage, const Value& config) {
  std::vector<ReplacementEntry> entries;
  TRY(ReadConfig(config, {{"replacements", IntoList(entries, ReadReplacement)}}));
  for (const Replacement& replacement : TRY(LoadReplacements(stage.loader, entries))) {
    TRY(ApplyReplacement(stage.map, replacement));
  }
  return {};
}

Status RunHash(const Stage& stage, const Value&) {
  AddHashes(stage.map);
  return {};
}

using Plugin = Status (*)(const Stage&, const Value&);

const std::map<std::string_view, Plugin>& Transformers() {
  static const std::map<std::string_view, Plugin> plugins = {
      {"AnnotationsTransformer", RunAnnotations},
      {"HashTransformer", RunHash},
      {"ImageTagTransformer", RunImage},
      {"LabelTransformer", RunLabels},
      {"NamespaceTransformer", RunNamespace},
      {"PatchJson6902Transformer", RunPatchJson},
      {"PatchStrategicMergeTransformer", RunPatchMerge},
      {"PatchTransformer", RunPatch},
      {"PrefixSuffixTransformer", RunPrefixSuffix},
      {"PrefixTransformer", RunPrefix},
      {"ReplacementTransformer", RunReplacements},
      {"ReplicaCountTransformer", RunReplicas},
      {"SuffixTransformer", RunSuffix},
  };
  return plugins;
}

// What reads as a generator's entry; the name may stand in the metadata.
Value GeneratorFields(const Value& config) {
  Value fields = Value::EmptyObject();
  for (const char* name :
       {"name", "namespace", "behavior", "literals", "files", "envs", "env", "options", "type"}) {
    if (const Value* value = config.Find(name)) fields = fields.With(name, *value);
  }
  if (config["kind"].as_string() == "ConfigMapGenerator") fields = fields.Without("type");
  for (const char* name : {"name", "namespace"}) {
    const Value* value = config["metadata"].Find(name);
    if (value && !config.Has(name)) fields = fields.With(name, *value);
  }
  return fields;
}

Status RunGenerator(const Stage& stage, const Value& config) {
  GeneratorEntry entry;
  const bool secret = config["kind"].as_string() == "SecretGenerator";
  const Value fields = GeneratorFields(config);
  TRY(secret ? ReadSecret(fields, entry) : ReadConfigMap(fields, entry));
  const GeneratorKind kind = secret ? GeneratorKind::kSecret : GeneratorKind::kConfigMap;
  Resource resource = TRY(Generate(stage.loader, kind, entry, GeneratorOptions()));
  return stage.map.Absorb(std::move(resource));
}

Status RunHelmChart(const Stage& stage, const Value& config) {
  Kustomization k;
  Value fields = config;
  for (const char* name : {"apiVersion", "kind", "metadata"}) fields = fields.Without(name);
  Value globals = Value::EmptyObject();
  for (const char* name : {"chartHome", "configHome"}) {
    if (const Value* value = config.Find(name)) globals = globals.With(name, *value);
    fields = fields.Without(name);
  }
  TRY(ReadHelmGlobals(globals, k.helm_globals));
  TRY(ReadHelmChart(fields, k.helm_charts.emplace_back()));
  return AddHelmCharts(stage.loader, k, stage.budget, stage.map);
}

const std::map<std::string_view, Plugin>& Generators() {
  static const std::map<std::string_view, Plugin> plugins = {
      {"ConfigMapGenerator", RunGenerator},
      {"HelmChartInflationGenerator", RunHelmChart},
      {"SecretGenerator", RunGenerator},
  };
  return plugins;
}

// The configurations that the entries hold, as resources.
Result<ResourceMap> LoadConfigs(const Loader& loader, const std::vector<std::string>& entries,
                                BuildBudget& budget) {
  Accumulated configs;
  std::vector<std::string> paths;
  for (const std::string& entry : entries) {
    auto objects = ReadObjects(entry, "plugin");
    if (!objects) {
      paths.push_back(entry);
      continue;
    }
    for (Value& object : *objects) {
      TRY(configs.resources.Append(Resource(std::move(object), "")));
    }
  }
  configs = TRY(AddResources(loader, paths, std::move(configs), budget));
  return std::move(configs.resources);
}

Status RunPlugins(const Stage& stage, const ResourceMap& configs,
                  const std::map<std::string_view, Plugin>& plugins) {
  for (const auto& config : configs.all()) {
    const Value& value = config->value();
    auto plugin = plugins.find(value["kind"].as_string());
    if (value["apiVersion"].as_string() != "builtin" || plugin == plugins.end()) {
      return Fail(Unimplemented("external plugins disabled; unable to load external plugin '" +
                                value["kind"].str() +
                                "': Swell runs no programs or containers, only plugins with "
                                "apiVersion builtin"));
    }
    TRY_WRAP(plugin->second(stage, value), "plugin " + config->id().ToString());
  }
  return {};
}

}  // namespace

Status RunGeneratorPlugins(const Loader& loader, const std::vector<std::string>& entries,
                           BuildBudget& budget, ResourceMap& map) {
  if (entries.empty()) return {};
  const ResourceMap configs =
      TRY_WRAP(LoadConfigs(loader, entries, budget), "loading generator plugins");
  return RunPlugins({loader, budget, map}, configs, Generators());
}

Status RunTransformerPlugins(const Loader& loader, const std::vector<std::string>& entries,
                             BuildBudget& budget, ResourceMap& map) {
  if (entries.empty()) return {};
  const ResourceMap configs =
      TRY_WRAP(LoadConfigs(loader, entries, budget), "loading transformer plugins");
  return RunPlugins({loader, budget, map}, configs, Transformers());
}

}  // namespace swell::kustomize
