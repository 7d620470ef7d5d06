#include "renderer/kustomize/accumulate.h"

#include <utility>

#include "base/core/strings.h"
#include "base/value/yaml.h"
#include "renderer/kustomize/resource_reader.h"
#include "renderer/kustomize/transformers.h"
#include "renderer/source/path.h"

namespace swell::kustomize {
namespace {

Status AddFile(const Loader& loader, const std::string& path, ResourceMap& map) {
  const std::string text = TRY(loader.Load(path));
  const std::string file = TRY(loader.Locate(path));
  for (Value& object : TRY(ReadObjects(text, loader.Show(file)))) {
    TRY_WRAP(map.Append(Resource(std::move(object), file)),
             "merging resources from '" + path + "'");
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
  if (k.configurations.empty() && below.config_is_default) return into;
  TRY_WRAP(MergeConfig(into.config, below.config), merging);
  into.config_is_default = false;
  return into;
}

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

GeneratorOptions MergedOptions(GeneratorOptions local, const GeneratorOptions& global) {
  local.labels.insert(global.labels.begin(), global.labels.end());
  local.annotations.insert(global.annotations.begin(), global.annotations.end());
  local.disable_name_suffix_hash |= global.disable_name_suffix_hash;
  local.immutable |= global.immutable;
  return local;
}

Result<KeyValuePairs> LoadPairs(const Loader& loader, const GeneratorEntry& entry) {
  KeyValuePairs pairs;
  for (const std::string& path : entry.envs) {
    const std::string text = TRY_WRAP(loader.Load(path), "env source files: [" + path + "]");
    for (auto& pair : TRY_WRAP(ParseEnvFile(text), path)) pairs.push_back(std::move(pair));
  }
  for (const std::string& literal : entry.literals) {
    pairs.push_back(TRY_WRAP(ParseLiteral(literal), "literal sources"));
  }
  for (const std::string& source : entry.files) {
    auto [key, path] = TRY_WRAP(ParseFileSource(source), "file sources");
    pairs.emplace_back(std::move(key),
                       TRY_WRAP(loader.Load(path), "file sources: [" + source + "]"));
  }
  return pairs;
}

Status AddGenerated(const Loader& loader, const Kustomization& k, ResourceMap& map) {
  for (const auto* entries : {&k.config_maps, &k.secrets}) {
    const bool secret = entries == &k.secrets;
    for (const GeneratorEntry& entry : *entries) {
      GeneratorArgs args = entry.args;
      args.options = MergedOptions(args.options, k.generator_options);
      const std::string doing = std::string("loading KV pairs for the ") +
                                (secret ? "Secret " : "ConfigMap ") + args.name;
      const KeyValuePairs pairs = TRY_WRAP(LoadPairs(loader, entry), doing);
      Resource resource = secret ? TRY(MakeSecret(args, pairs)) : TRY(MakeConfigMap(args, pairs));
      resource.origin = JoinPath(loader.root(), "kustomization.yaml");
      TRY_WRAP(map.Absorb(std::move(resource)), "merging from generator");
    }
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
  Accumulated result = TRY_WRAP(AddResources(loader, k.resources, std::move(start), budget),
                                "accumulating resources");
  TRY(AddConfigurations(loader, k, result));
  TRY(AddGenerated(loader, k, result.resources));
  for (const std::string& path : k.components) {
    result = TRY_WRAP(AddFolder(loader, path, Role::kComponent, std::move(result), budget),
                      "accumulating components");
  }
  TRY(RunTransformers(loader, k, result.config, result.resources));
  return result;
}

}  // namespace swell::kustomize
