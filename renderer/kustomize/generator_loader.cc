#include "renderer/kustomize/generator_loader.h"

#include <utility>

#include "renderer/source/path.h"

namespace swell::kustomize {
namespace {

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

}  // namespace

Result<Resource> Generate(const Loader& loader, GeneratorKind kind, const GeneratorEntry& entry,
                          const GeneratorOptions& global) {
  GeneratorArgs args = entry.args;
  args.options = MergedOptions(args.options, global);
  const bool secret = kind == GeneratorKind::kSecret;
  const std::string doing =
      std::string("loading KV pairs for the ") + (secret ? "Secret " : "ConfigMap ") + args.name;
  const KeyValuePairs pairs = TRY_WRAP(LoadPairs(loader, entry), doing);
  return secret ? MakeSecret(args, pairs) : MakeConfigMap(args, pairs);
}

Status AddGenerated(const Target& target, ResourceMap& map) {
  const Kustomization& k = target.kustomization;
  for (const auto* entries : {&k.config_maps, &k.secrets}) {
    const bool secret = entries == &k.secrets;
    const std::optional<Origin> origin =
        GeneratorOrigin(target, secret ? "SecretGenerator" : "ConfigMapGenerator");
    for (const GeneratorEntry& entry : *entries) {
      const GeneratorKind kind = secret ? GeneratorKind::kSecret : GeneratorKind::kConfigMap;
      Resource resource = TRY(Generate(target.loader, kind, entry, k.generator_options));
      resource.origin = JoinPath(target.loader.root(), k.file_name);
      ResourceMap generated(map.budget());
      TRY(generated.Append(std::move(resource)));
      TRY_WRAP(AbsorbGenerated(std::move(generated), origin, map), "merging from generator");
    }
  }
  return {};
}

Status AbsorbGenerated(ResourceMap generated, const std::optional<Origin>& origin,
                       ResourceMap& map) {
  if (origin) TRY(AddOrigin(generated, *origin));
  return map.AbsorbAll(std::move(generated));
}

std::optional<Origin> GeneratorOrigin(const Target& target, const char* kind) {
  std::optional<Origin> origin = target.ConfiguredIn();
  if (!origin) return std::nullopt;
  origin->api_version = "builtin";
  origin->kind = kind;
  return origin;
}

}  // namespace swell::kustomize
