#include "renderer/kustomize/accumulate.h"

#include <utility>

#include "base/core/strings.h"
#include "base/value/yaml.h"
#include "renderer/kustomize/generator_loader.h"
#include "renderer/kustomize/helm_charts.h"
#include "renderer/kustomize/plugins.h"
#include "renderer/kustomize/resource_reader.h"
#include "renderer/kustomize/transformers.h"
#include "renderer/source/path.h"

namespace swell::kustomize {
namespace {

// kustomize's own annotations may come with an object: it may ask for a hash. None of them is
// printed.
Resource MakeResource(Value object, const std::string& file) {
  constexpr std::string_view kInternal = "internal.config.kubernetes.io/";
  bool needs_hash = false;
  Value annotations = object["metadata"]["annotations"];
  for (const Member& member : object["metadata"]["annotations"].members()) {
    if (!member.name().starts_with(kInternal)) continue;
    annotations = annotations.Without(member.name());
    if (member.name().substr(kInternal.size()) == "needsHashSuffix") {
      needs_hash = member.value.as_string() == "enabled";
    }
  }
  if (annotations.size() != object["metadata"]["annotations"].size()) {
    object = object.With("metadata", object["metadata"].With("annotations", annotations));
  }
  Resource resource(std::move(object), file);
  resource.needs_hash = needs_hash;
  return resource;
}

Status AddFile(const Loader& loader, const std::string& path, ResourceMap& map) {
  const std::string text = TRY(loader.Load(path));
  const std::string file = TRY(loader.Locate(path));
  std::shared_ptr<const std::set<std::string>> written;
  for (Value& object : TRY(ReadObjects(text, loader.Show(file)))) {
    Resource resource = MakeResource(std::move(object), file);
    if (HasNull(resource.value())) {
      if (!written) {
        written = std::make_shared<const std::set<std::string>>(KeysWithWrittenNull(text));
      }
      resource.written_nulls = written;
    }
    TRY_WRAP(map.Append(std::move(resource)), "merging resources from '" + path + "'");
  }
  return {};
}

enum class Role : std::uint8_t { kBase, kComponent };

// Loads and accumulates the kustomization in the folder `path`.
Result<Accumulated> AddFolder(const Loader& loader, const std::string& path, Role role,
                              Accumulated into, BuildBudget& budget) {
  const Loader child = TRY(loader.Enter(path));
  const std::string shown = child.Show(child.root());
  const Kustomization k =
      TRY_WRAP(LoadKustomization(child), "couldn't make target for path '" + shown + "'");
  if (role == Role::kComponent && !k.is_component()) {
    return Fail(InvalidArgument("expected kind 'Component' for path '" + shown + "' but got '" +
                                k.kind + "'"));
  }
  if (role == Role::kBase && k.is_component()) {
    return Fail(InvalidArgument("expected kind != 'Component' for path '" + shown + "'"));
  }
  const std::string doing = "recursed accumulation of path '" + shown + "'";
  if (role == Role::kComponent) {
    return TRY_WRAP(Accumulate(child, k, std::move(into), budget), doing);
  }
  Accumulated below = TRY_WRAP(Accumulate(child, k, Accumulated(), budget), doing);
  const std::string merging = "recursed merging from path '" + shown + "'";
  TRY_WRAP(into.resources.AppendAll(std::move(below.resources)), merging);
  TRY_WRAP(MergeVars(into.vars, below.vars), merging);
  if (below.config_is_default) return into;
  TRY_WRAP(MergeConfig(into.config, below.config), merging);
  into.config_is_default = false;
  return into;
}

}  // namespace

Result<Accumulated> AddResources(const Loader& loader, const std::vector<std::string>& paths,
                                 Accumulated into, BuildBudget& budget) {
  for (const std::string& path : paths) {
    if (loader.IsFolder(path)) {
      into = TRY(AddFolder(loader, path, Role::kBase, std::move(into), budget));
      continue;
    }
    if (IsRemote(path)) TRY(loader.Enter(path));
    TRY_WRAP(AddFile(loader, path, into.resources), "accumulating resources from '" + path + "'");
  }
  return into;
}

namespace {

Status AddConfigurations(const Loader& loader, const Kustomization& k, Accumulated& into) {
  for (const std::string& path : k.configurations) {
    const std::string text = TRY(loader.Load(path));
    yaml::ParseOptions options;
    options.file = path;
    const Value document = TRY(yaml::Parse(text, options));
    const TransformerConfig more = TRY(ParseConfig(document, path));
    TRY_WRAP(MergeConfig(into.config, more), "merging config " + path);
    into.config_is_default = false;
  }
  return {};
}

}  // namespace

Result<Kustomization> LoadKustomization(const Loader& loader) {
  std::string text;
  int found = 0;
  for (const char* name : {"kustomization.yaml", "kustomization.yml", "Kustomization"}) {
    auto content = loader.Load(name);
    if (!content) {
      if (content.error().code() == ErrorCode::kNotFound) continue;
      if (loader.IsFolder(name)) continue;
      return Fail(std::move(content).error());
    }
    text = std::move(*content);
    ++found;
  }
  const std::string folder = loader.Show(loader.root());
  if (found == 0) {
    return Fail(
        NotFound("unable to find one of 'kustomization.yaml', 'kustomization.yml' or "
                 "'Kustomization' in directory '" +
                 folder + "'"));
  }
  if (found > 1) {
    return Fail(InvalidArgument("Found multiple kustomization files under: " + folder));
  }
  return ParseKustomization(text, folder);
}

Result<Accumulated> Accumulate(const Loader& loader, const Kustomization& k, Accumulated start,
                               BuildBudget& budget) {
  if (--budget.kustomizations < 0) {
    return Fail(ResourceExhausted("more than 10000 kustomizations are loaded by one build"));
  }
  const std::string outer_namespace = budget.helm_namespace;
  if (!k.ns.empty()) budget.helm_namespace = k.ns;
  Accumulated result = TRY_WRAP(AddResources(loader, k.resources, std::move(start), budget),
                                "accumulating resources");
  TRY(AddConfigurations(loader, k, result));
  TRY(AddGenerated(loader, k, result.resources));
  TRY(AddHelmCharts(loader, k, budget, result.resources));
  TRY(RunGeneratorPlugins(loader, k.generators, budget, result.resources));
  for (const std::string& path : k.components) {
    result = TRY_WRAP(AddFolder(loader, path, Role::kComponent, std::move(result), budget),
                      "accumulating components");
  }
  TRY(RunTransformers(loader, k, result.config, result.resources));
  TRY(RunTransformerPlugins(loader, k.transformers, budget, result.resources));
  TRY_WRAP(BindVars(result.resources, k.vars), "merging vars");
  TRY_WRAP(MergeVars(result.vars, k.vars), "merging vars");
  budget.helm_namespace = outer_namespace;
  return result;
}

}  // namespace swell::kustomize
