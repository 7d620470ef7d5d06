#include "renderer/kustomize/helm_charts.h"

#include <algorithm>
#include <utility>

#include "base/value/yaml.h"
#include "renderer/helm/helm.h"
#include "renderer/helm/release_name.h"
#include "renderer/kustomize/generator_loader.h"
#include "renderer/kustomize/resource_reader.h"
#include "renderer/kustomize/transforms/strategic_merge.h"
#include "renderer/source/path.h"

namespace swell::kustomize {
namespace {

// Loading one.
constexpr std::uint64_t kStepsPerChart = 50'000;

// Where the chart lies, as a kustomization would name it.
std::string ChartPath(const HelmChart& chart, const HelmGlobals& globals) {
  std::string home = globals.chart_home;
  // A pulled chart has a folder of its own a version.
  if (!chart.version.empty() && !chart.repo.empty()) {
    home = JoinPath(home, chart.name + "-" + chart.version);
  }
  return JoinPath(home, chart.name);
}

struct ChartPlace {
  std::string path;    // as a kustomization would name it
  std::string folder;  // of the tree
  bool fetched = false;
};

Result<Value> ParseValues(const std::string& text, const std::string& file) {
  yaml::ParseOptions options;
  options.file = file;
  options.schema = yaml::Schema::kYaml12;
  const Value values = TRY(yaml::Parse(text, options));
  return values.is_object() ? values : Value::EmptyObject();
}

// The chart's values file, or the one that is named, with the inline values put together with
// it as valuesMerge says.
Result<std::string> BaseValues(const Loader& loader, const HelmChart& chart,
                               const ChartPlace& place, const MergeSchema& types) {
  Budget& budget = loader.budget();
  const bool own = chart.values_file.empty();
  const std::string file =
      own ? JoinPath(place.fetched ? place.folder : place.path, "values.yaml") : chart.values_file;
  auto text = own && place.fetched ? loader.LoadFetched(file) : loader.Load(file);
  if (!text && own && text.error().code() == ErrorCode::kNotFound) text = std::string();
  if (!text) return Fail(std::move(text).error());
  if (chart.values_inline.empty()) return *text;
  if (chart.values_merge == "replace") return yaml::Write(chart.values_inline);
  const Value values = TRY(ParseValues(*text, file));
  TRY_WRAP(budget.Parsed(values), file);
  const bool inline_wins = chart.values_merge != "merge";
  return yaml::Write(inline_wins ? TRY(StrategicMerge(values, chart.values_inline, types, budget))
                                 : TRY(StrategicMerge(chart.values_inline, values, types, budget)));
}

Result<helm::ValueSources> LoadValues(const Loader& loader, const HelmChart& chart,
                                      const ChartPlace& place, const MergeSchema& types) {
  helm::ValueSources sources;
  sources.files.emplace_back("values.yaml", TRY(BaseValues(loader, chart, place, types)));
  for (const std::string& file : chart.additional_values_files) {
    sources.files.emplace_back(file,
                               TRY_WRAP(loader.Load(file), "could not load additionalValuesFile"));
  }
  return sources;
}

Status CheckChart(const HelmChart& chart) {
  if (chart.name.empty()) return Fail(InvalidArgument("chart name cannot be empty"));
  if (chart.values_merge != "override" && chart.values_merge != "merge" &&
      chart.values_merge != "replace" && !chart.values_merge.empty()) {
    return Fail(InvalidArgument("valuesMerge must be one of [merge override replace]"));
  }
  return {};
}

// The chart's folder: beside the kustomization, else fetched.
Result<ChartPlace> FindChart(const Loader& loader, const HelmChart& chart,
                             const HelmGlobals& globals) {
  const std::string path = ChartPath(chart, globals);
  if (loader.IsFolder(path)) return ChartPlace{path, TRY(loader.Locate(path)), false};
  if (chart.repo.empty()) {
    return Fail(NotFound("no repo specified for pull, no chart found at '" + path + "'"));
  }
  const std::string folder = TRY(loader.ChartFolder(chart.repo, chart.name, chart.version));
  return ChartPlace{path, folder, true};
}

Result<std::string> ReleaseName(const HelmChart& chart, const std::string& path,
                                const helm::Options& options) {
  if (!chart.release_name.empty() && !chart.name_template.empty()) {
    return Fail(
        InvalidArgument("cannot set --name-template and also specify a name: helmCharts "
                        "has both releaseName and nameTemplate"));
  }
  if (!chart.release_name.empty()) return chart.release_name;
  if (!chart.name_template.empty()) return helm::NameFromTemplate(chart.name_template, options);
  return helm::GeneratedName(path, options);
}

Status AddChart(const Loader& loader, const HelmChart& chart, const HelmGlobals& globals,
                BuildState& build, ResourceMap& map) {
  TRY(CheckChart(chart));
  const ChartPlace place = TRY(FindChart(loader, chart, globals));
  helm::Options options = build.options.helm;
  options.release_name = TRY(ReleaseName(chart, place.path, options));
  const std::string& ns = chart.ns.empty() ? build.helm_namespace : chart.ns;
  options.ns = ns.empty() ? "default" : ns;
  if (!chart.kube_version.empty()) options.kube_version = chart.kube_version;
  if (!chart.api_versions.empty()) options.api_versions = chart.api_versions;
  options.include_crds = chart.include_crds;
  options.skip_hooks = chart.skip_hooks;
  // All charts together may take what one may.
  options.limits.SetSteps(std::min(options.limits.templates.max_steps, build.budget.steps_left()));
  const std::string& folder = place.folder;
  const helm::ValueSources values = TRY(LoadValues(loader, chart, place, *build.MergeTypes()));
  const helm::LoadedChartPtr loaded = build.options.load_chart
                                          ? TRY(build.options.load_chart(folder))
                                          : TRY(helm::Load(loader.tree(), folder, options.limits));
  helm::Output output = TRY(helm::Render(*loaded, values, options));
  TRY(build.budget.Spend(kStepsPerChart + output.steps));
  build.used_capabilities |= output.used_capabilities;
  for (std::string& warning : output.warnings) build.warnings.push_back(std::move(warning));
  if (chart.skip_tests) {
    std::erase_if(output.documents, [](const helm::RenderedDocument& d) { return d.is_test; });
  }
  for (const helm::RenderedDocument& document : output.documents) {
    for (Value& object : TRY(ReadObjects(document.text, document.source, map.budget()))) {
      Resource resource(std::move(object), JoinPath(folder, document.source));
      resource.generated = true;
      resource.from_helm = true;
      TRY(map.Append(std::move(resource)));
    }
  }
  return {};
}

}  // namespace

Status RenderHelmChart(const Target& target, const HelmChart& chart, const HelmGlobals& globals,
                       BuildState& build, ResourceMap& map) {
  if (!build.options.enable_helm) {
    return Fail(
        InvalidArgument("trouble configuring builtin HelmChartInflationGenerator for chart " +
                        chart.name + ": must specify --enable-helm"));
  }
  TRY_WRAP(AddChart(target.loader, chart, globals, build, map), "helm chart " + chart.name);
  return {};
}

Status AddHelmCharts(const Target& target, BuildState& build, ResourceMap& map) {
  const Kustomization& k = target.kustomization;
  const std::optional<Origin> origin = GeneratorOrigin(target, "HelmChartInflationGenerator");
  for (const HelmChart& chart : k.helm_charts) {
    ResourceMap generated(map.budget());
    TRY(RenderHelmChart(target, chart, k.helm_globals, build, generated));
    TRY_WRAP(AbsorbGenerated(std::move(generated), origin, map), "merging from generator");
  }
  return {};
}

}  // namespace swell::kustomize
