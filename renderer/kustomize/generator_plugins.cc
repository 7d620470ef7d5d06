// The generators that a kustomization can configure by kind.

#include <utility>

#include "renderer/kustomize/generator_loader.h"
#include "renderer/kustomize/helm_charts.h"
#include "renderer/kustomize/plugin_config.h"

namespace swell::kustomize {
namespace {

constexpr UnknownFields kLenient = UnknownFields::kIgnore;

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
  TRY(secret ? ReadSecret(fields, entry, kLenient) : ReadConfigMap(fields, entry, kLenient));
  const GeneratorKind kind = secret ? GeneratorKind::kSecret : GeneratorKind::kConfigMap;
  Resource resource = TRY(Generate(stage.target.loader, kind, entry, GeneratorOptions()));
  return stage.map.Append(std::move(resource));
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
  TRY(ReadHelmGlobals(globals, k.helm_globals, kLenient));
  TRY(ReadHelmChart(fields, k.helm_charts.emplace_back(), kLenient));
  return RenderHelmChart(stage.target, k.helm_charts.back(), k.helm_globals, stage.build,
                         stage.map);
}

// A ServiceAccount that stands for one of a cloud's. Others than "gke" kustomize does not know.
Status RunIamPolicy(const Stage& stage, const Value& config) {
  const std::string cloud = config["cloud"].str();
  if (cloud != "gke") {
    return Fail(InvalidArgument("cloud provider " + cloud + " not supported yet"));
  }
  const Value& account = config["serviceAccount"];
  const Value& service = config["kubernetesService"];
  const std::string mail =
      account["name"].str() + "@" + account["projectId"].str() + ".iam.gserviceaccount.com";
  Value metadata = Value::Object(
      {{"name", service["name"]},
       {"annotations", Value::Object({{"iam.gke.io/gcp-service-account", Value(mail)}})}});
  if (!service["namespace"].as_string().empty()) {
    metadata = metadata.With("namespace", service["namespace"]);
  }
  return stage.map.Append(Resource(Value::Object({{"apiVersion", Value("v1")},
                                                  {"kind", Value("ServiceAccount")},
                                                  {"metadata", std::move(metadata)}}),
                                   ""));
}

}  // namespace

const Plugins& GeneratorPlugins() {
  static const Plugins plugins = {
      {"ConfigMapGenerator", RunGenerator},
      {"HelmChartInflationGenerator", RunHelmChart},
      {"IAMPolicyGenerator", RunIamPolicy},
      {"SecretGenerator", RunGenerator},
  };
  return plugins;
}

}  // namespace swell::kustomize
