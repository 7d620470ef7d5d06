#include "renderer/kustomize/plugins.h"

#include <utility>

#include "base/core/strings.h"
#include "base/value/yaml.h"
#include "renderer/kustomize/generator_loader.h"
#include "renderer/kustomize/plugin_config.h"
#include "renderer/kustomize/resource_reader.h"

namespace swell::kustomize {
namespace {

// The configurations that the entries hold, as resources.
Result<ResourceMap> LoadConfigs(const Target& target, const std::vector<std::string>& entries,
                                BuildState& build) {
  Accumulated configs(build.budget);
  std::vector<std::string> paths;
  for (const std::string& entry : entries) {
    auto objects = ReadObjects(entry, "plugin", build.budget);
    if (!objects) {
      paths.push_back(entry);
      continue;
    }
    for (Value& object : *objects) {
      if (target.origin) {
        object = WithOrigin(object, target.origin->Below(target.kustomization.file_name));
      }
      TRY(configs.resources.Append(Resource(std::move(object), "")));
    }
  }
  configs = TRY(AddResources(target, paths, std::move(configs), build));
  return std::move(configs.resources);
}

// What the objects are told of a plugin: where its configuration is from.
std::optional<Origin> OriginOf(const Value& config) {
  const Value* text = config["metadata"]["annotations"].Find(kOriginKey);
  if (!text) return std::nullopt;
  const Value written = yaml::Parse(text->str()).value_or(Value());
  Origin origin;
  origin.repo = written["repo"].str();
  origin.ref = written["ref"].str();
  origin.configured_in = written["path"].str();
  origin.api_version = config["apiVersion"].str();
  origin.kind = config["kind"].str();
  origin.name = config["metadata"]["name"].str();
  origin.ns = config["metadata"]["namespace"].str();
  return origin;
}

Result<Plugin> FindPlugin(const Value& config, const Plugins& plugins) {
  auto plugin = plugins.find(config["kind"].as_string());
  if (config["apiVersion"].as_string() == "builtin" && plugin != plugins.end()) {
    return plugin->second;
  }
  return Fail(Unimplemented("external plugins disabled; unable to load external plugin '" +
                            config["kind"].str() +
                            "': Swell runs no programs or containers, only plugins with apiVersion "
                            "builtin; commit what the plugin makes, or use a built-in one"));
}

}  // namespace

Status ReadConfig(const Value& config, const std::vector<FieldRule>& rules) {
  return ReadStruct(config, "plugin", rules, UnknownFields::kIgnore);
}

Status RunGeneratorPlugins(const Target& target, BuildState& build, ResourceMap& map) {
  const std::vector<std::string>& entries = target.kustomization.generators;
  if (entries.empty()) return {};
  const ResourceMap configs =
      TRY_WRAP(LoadConfigs(target, entries, build), "loading generator plugins");
  for (const auto& config : configs.all()) {
    const Plugin plugin = TRY(FindPlugin(config->value(), GeneratorPlugins()));
    ResourceMap generated(build.budget);
    TRY_WRAP(plugin({target, build, generated}, config->value()),
             "plugin " + config->id().ToString());
    TRY(AbsorbGenerated(std::move(generated), OriginOf(config->value()), map));
  }
  return {};
}

Result<std::vector<Step>> LoadTransformerPlugins(const Target& target,
                                                 const std::vector<std::string>& entries,
                                                 BuildState& build) {
  std::vector<Step> steps;
  if (entries.empty()) return steps;
  const ResourceMap configs =
      TRY_WRAP(LoadConfigs(target, entries, build), "loading transformer plugins");
  for (const auto& config : configs.all()) {
    const Plugin plugin = TRY(FindPlugin(config->value(), TransformerPlugins()));
    const Value value = config->value();
    const std::string what = "plugin " + config->id().ToString();
    steps.push_back({[plugin, value, what, &target, &build](ResourceMap& map) -> Status {
                       TRY_WRAP(plugin({target, build, map}, value), what);
                       return {};
                     },
                     OriginOf(value)});
  }
  return steps;
}

}  // namespace swell::kustomize
