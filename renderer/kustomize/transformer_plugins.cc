// The transformers that a kustomization can configure by kind.

#include <map>
#include <utility>

#include "base/core/strings.h"
#include "base/value/yaml.h"
#include "renderer/kustomize/patch_loader.h"
#include "renderer/kustomize/plugin_config.h"
#include "renderer/kustomize/resource_reader.h"
#include "renderer/kustomize/transformers.h"
#include "renderer/kustomize/transforms/value_add.h"
#include "renderer/source/path.h"

namespace swell::kustomize {
namespace {

constexpr UnknownFields kLenient = UnknownFields::kIgnore;

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
  TRY(ReadConfig(WithTexts(config, "annotations"),
                 {{"annotations", Into(annotations)},
                  {"fieldSpecs", IntoList(specs, ReadFieldSpec, kLenient)}}));
  return AddEntries(stage.map, annotations, specs);
}

Status RunLabels(const Stage& stage, const Value& config) {
  std::map<std::string, std::string> labels;
  std::vector<FieldSpec> specs;
  TRY(ReadConfig(
      WithTexts(config, "labels"),
      {{"labels", Into(labels)}, {"fieldSpecs", IntoList(specs, ReadFieldSpec, kLenient)}}));
  return AddEntries(stage.map, labels, specs);
}

Status RunNamespace(const Stage& stage, const Value& config) {
  NamespaceOptions options;
  std::vector<FieldSpec> specs;
  std::string subjects;
  TRY(ReadConfig(config, {{"fieldSpecs", IntoList(specs, ReadFieldSpec, kLenient)},
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
  TRY(ReadConfig(config, {{"prefix", Into(prefix)},
                          {"fieldSpecs", IntoList(specs, ReadFieldSpec, kLenient)}}));
  return AddNamePrefix(stage.map, prefix, specs);
}

Status RunSuffix(const Stage& stage, const Value& config) {
  std::string suffix;
  std::vector<FieldSpec> specs;
  TRY(ReadConfig(config, {{"suffix", Into(suffix)},
                          {"fieldSpecs", IntoList(specs, ReadFieldSpec, kLenient)}}));
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
  const FieldReader tag = [&](const Value& v, const std::string&) {
    return ReadImage(v, image, kLenient);
  };
  TRY(ReadConfig(config,
                 {{"imageTag", tag}, {"fieldSpecs", IntoList(specs, ReadFieldSpec, kLenient)}}));
  return SetImage(stage.map, image, specs);
}

Status RunReplicas(const Stage& stage, const Value& config) {
  Replica replica;
  std::vector<FieldSpec> specs;
  const FieldReader count = [&](const Value& v, const std::string&) {
    return ReadReplica(v, replica, kLenient);
  };
  TRY(ReadConfig(config,
                 {{"replica", count}, {"fieldSpecs", IntoList(specs, ReadFieldSpec, kLenient)}}));
  return SetReplicas(stage.map, replica, specs);
}

Status RunPatch(const Stage& stage, const Value& config) {
  PatchEntry entry;
  entry.config = yaml::Write(config);
  const FieldReader options = [&](const Value& v, const std::string&) {
    return ReadConfig(v, {{"allowNameChange", Into(entry.allow_name_change)},
                          {"allowKindChange", Into(entry.allow_kind_change)}});
  };
  TRY(ReadConfig(config, {{"path", Into(entry.path)},
                          {"patch", Into(entry.patch)},
                          {"target", IntoOptional(entry.target, ReadSelector, kLenient)},
                          {"options", options}}));
  const Patch patch = TRY(LoadPatch(stage.target.loader, entry));
  return ApplyPatch(stage.map, patch, *stage.build.MergeTypes());
}

Status RunPatchJson(const Stage& stage, const Value& config) {
  PatchEntry entry;
  TRY(ReadConfig(config, {{"path", Into(entry.path)},
                          {"jsonOp", Into(entry.patch)},
                          {"target", IntoOptional(entry.target, ReadSelector, kLenient)}}));
  const Value operations = TRY(LoadJsonPatch(stage.target.loader, entry));
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
  if (!paths.empty()) merges = TRY(LoadStrategicMerges(stage.target.loader, paths));
  for (Value& merge : TRY(ReadObjects(patches, "patches", stage.build.budget)))
    merges.push_back(std::move(merge));
  if (merges.empty()) {
    return Fail(InvalidArgument("patch appears to be empty; files=[" + Join(paths, " ") +
                                "], Patch=" + patches));
  }
  const auto types = stage.build.MergeTypes();
  for (const Value& merge : merges) TRY(ApplyMergeById(stage.map, merge, *types));
  return {};
}

Status RunReplacements(const Stage& stage, const Value& config) {
  std::vector<ReplacementEntry> entries;
  TRY(ReadConfig(config, {{"replacements", IntoList(entries, ReadReplacement, kLenient)}}));
  for (const Replacement& replacement : TRY(LoadReplacements(stage.target.loader, entries))) {
    TRY(ApplyReplacement(stage.map, replacement));
  }
  return {};
}

Status RunHash(const Stage& stage, const Value&) { return AddHashes(stage.map); }

// One target of a ValueAddTransformer.
struct AddTarget {
  std::optional<Selector> selector;
  std::string field_path;
  std::int64_t position = 0;  // in a file path; 0 replaces the value
};

Status ReadAddTarget(const Value& value, AddTarget& target, UnknownFields) {
  TRY(ReadConfig(value, {{"selector", IntoOptional(target.selector, ReadSelector, kLenient)},
                         {"fieldPath", Into(target.field_path)},
                         {"filePathPosition", Into(target.position)}}));
  if (target.field_path.empty()) return Fail(InvalidArgument("fieldPath cannot be empty"));
  if (target.position < 0) {
    return Fail(InvalidArgument("value of FilePathPosition (" + std::to_string(target.position) +
                                ") cannot be negative"));
  }
  return {};
}

Result<std::vector<AddTarget>> LoadAddTargets(const Stage& stage, const Value& config) {
  std::vector<AddTarget> targets;
  std::string file;
  TRY(ReadConfig(config, {{"targets", IntoList(targets, ReadAddTarget, kLenient)},
                          {"targetFilePath", Into(file)}}));
  if (!file.empty()) {
    const std::string text = TRY(stage.target.loader.Load(file));
    yaml::ParseOptions options;
    options.file = file;
    const Value document = TRY(yaml::Parse(text, options));
    TRY(ReadConfig(document, {{"targets", IntoList(targets, ReadAddTarget, kLenient)}}));
  }
  if (targets.empty()) return Fail(InvalidArgument("must specify at least one target"));
  return targets;
}

Status RunValueAdd(const Stage& stage, const Value& config) {
  std::string text;
  TRY(ReadConfig(config, {{"value", Into(text)}}));
  text = std::string(Trim(text));
  if (text.empty()) text = std::string(BaseName(stage.target.loader.root()));
  for (const AddTarget& target : TRY(LoadAddTargets(stage, config))) {
    const std::vector<std::size_t> selected =
        TRY(Select(stage.map, target.selector.value_or(Selector())));
    TRY(AddValue(stage.map, selected, target.field_path, static_cast<int>(target.position), text));
  }
  return {};
}

}  // namespace

const Plugins& TransformerPlugins() {
  static const Plugins plugins = {
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
      {"ValueAddTransformer", RunValueAdd},
  };
  return plugins;
}

}  // namespace swell::kustomize
