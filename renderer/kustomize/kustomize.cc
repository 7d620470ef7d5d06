#include "renderer/kustomize/kustomize.h"

#include <algorithm>
#include <utility>

#include "base/value/yaml.h"
#include "renderer/kustomize/accumulate.h"
#include "renderer/kustomize/limits.h"
#include "renderer/kustomize/parameters.h"
#include "renderer/kustomize/transforms/name_references.h"
#include "renderer/source/path.h"

namespace swell::kustomize {
namespace {

constexpr std::string_view kLocalConfig = "config.kubernetes.io/local-config";

bool IsLocalConfig(const Resource& resource) {
  const Value* text = resource.value()["metadata"]["annotations"].Find(kLocalConfig);
  return text && ScalarText(*text) != "false";
}

void DropLocalConfig(ResourceMap& map) {
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < map.size(); ++i) {
    if (!IsLocalConfig(map.at(i))) kept.push_back(i);
  }
  if (kept.size() != map.size()) map.Reorder(kept);
}

// Annotations are texts in the end, and empty ones are left out.
Value WithTextAnnotations(const Value& object) {
  const Value* annotations = object["metadata"].Find("annotations");
  if (!annotations || (!annotations->is_object() && !annotations->is_null())) return object;
  if (annotations->empty()) {
    return object.With("metadata", object["metadata"].Without("annotations"));
  }
  std::vector<Member> members;
  bool changed = false;
  for (const Member& member : annotations->members()) {
    const bool text = member.value.is_string();
    const std::string null = "null";
    members.emplace_back(
        member.key,
        text ? member.value : Value(member.value.is_null() ? null : ScalarText(member.value)));
    changed = changed || !text;
  }
  if (!changed) return object;
  Value metadata = object["metadata"].With("annotations", Value::Object(std::move(members)));
  return object.With("metadata", std::move(metadata));
}

bool Asks(const Kustomization& k, std::string_view word) {
  return std::ranges::find(k.build_metadata, word) != k.build_metadata.end();
}

// Words that kustomize does not know say nothing.
Status RunBuildMetadata(const Kustomization& k, ResourceMap& map) {
  if (Asks(k, "managedByLabel")) {
    TRY(AddEntries(map, {{"app.kubernetes.io/managed-by", "kustomize-v5.8.1"}},
                   std::vector<FieldSpec>{{{}, "metadata/labels", true}}));
  }
  if (k.build_metadata.empty()) return {};
  for (std::size_t i = 0; i < map.size(); ++i) {
    Value object = map.at(i).value();
    if (!Asks(k, "originAnnotations")) object = WithoutAnnotation(object, kOriginKey);
    if (!Asks(k, "transformerAnnotations")) {
      object = WithoutAnnotation(object, kTransformationsKey);
    }
    TRY(map.SetValue(i, std::move(object)));
  }
  return {};
}

Result<Output> BuildWithin(FileTreePtr tree, std::string_view folder, const Options& options,
                           Budget& budget) {
  const std::string root = TRY(CleanPath(folder));
  Loader loader = TRY(Loader::Open(std::move(tree), root, options, budget));
  if (!options.remote_root.empty()) loader = TRY(loader.Enter(options.remote_root));
  BuildState build(options, budget);
  Kustomization k = TRY(LoadKustomization(loader, build));
  TRY_WRAP(WriteParameters(loader, options.parameters, k), "kustomize parameters");
  Target target{loader, k, {}};
  if (!k.build_metadata.empty()) target.origin = Origin();
  Accumulated built = TRY(Accumulate(target, Accumulated(budget), build));
  ResourceMap& map = built.resources;
  TRY_WRAP(AddHashes(map), k.file);
  TRY_WRAP(FixNameReferences(map, built.config->name_references), k.file);
  TRY_WRAP(ResolveVars(map, built.vars, built.config->var_references), k.file);
  TRY_WRAP(map.CheckUnique(), k.file);
  DropLocalConfig(map);
  TRY_WRAP(SortResources(map, k.sort_options.value_or(DefaultSort())), k.file);
  TRY_WRAP(RunBuildMetadata(k, map), k.file);
  Output output;
  output.warnings = std::move(build.warnings);
  output.used_capabilities = build.used_capabilities;
  output.objects.reserve(map.size());
  for (const auto& resource : map.all()) {
    output.objects.push_back({WithTextAnnotations(resource->value()), resource->origin});
  }
  return output;
}

}  // namespace

Result<Output> Build(FileTreePtr tree, std::string_view folder, const Options& options) {
  Budget budget(options.limits);
  auto built = BuildWithin(std::move(tree), folder, options, budget);
  if (!built) return Fail(WithAdvice(std::move(built).error()));
  return built;
}

Result<std::string> BuildStream(const std::vector<Object>& objects) {
  std::string stream;
  for (const Object& object : objects) {
    if (!stream.empty()) stream += "---\n";
    stream +=
        TRY_WRAP(yaml::Marshal(object.value), object.gvk().kind + "/" + std::string(object.name()));
  }
  return stream;
}

}  // namespace swell::kustomize
