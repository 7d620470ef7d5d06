#include <algorithm>

#include "base/core/strings.h"
#include "renderer/helm/chart_cache.h"
#include "renderer/helm/coalesce.h"
#include "renderer/helm/dependencies.h"
#include "renderer/helm/engine.h"
#include "renderer/helm/helm.h"
#include "renderer/helm/loader.h"
#include "renderer/helm/manifests.h"
#include "renderer/helm/schema.h"
#include "renderer/helm/strvals.h"
#include "renderer/helm/version.h"

namespace swell::helm {
namespace {

bool IsReleaseNamePart(std::string_view part) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (part.empty() || !letter(part.front()) || !letter(part.back())) return false;
  return std::ranges::all_of(part, [&](char c) { return letter(c) || c == '-'; });
}

Status CheckReleaseName(const std::string& name) {
  if (name.empty()) return Fail(InvalidArgument("release name check failed: no name provided"));
  const auto parts = Split(name, '.');
  if (name.size() <= 53 && std::ranges::all_of(parts, &IsReleaseNamePart)) return {};
  return Fail(InvalidArgument(
      "release name " + Quote(name) +
      ": invalid release name, must match regex "
      "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ and the length must not "
      "be longer than 53"));
}

Status CheckInstallable(const Chart& chart) {
  if (chart.metadata.type.empty() || chart.metadata.type == "application") return {};
  return Fail(InvalidArgument(chart.metadata.type + " charts are not installable"));
}

Result<Capabilities> CapabilitiesFrom(const Options& options) {
  Capabilities out;
  if (!options.kube_version.empty()) {
    auto version = ParseKubeVersion(options.kube_version);
    if (!version) {
      return Fail(InvalidArgument("invalid kube version '" + options.kube_version +
                                  "': " + version.error().message()));
    }
    out.kube_version = *std::move(version);
  }
  out.api_versions.insert(out.api_versions.end(), options.api_versions.begin(),
                          options.api_versions.end());
  return out;
}

Status CheckKubeVersion(const Chart& chart, const KubeVersion& version, Output& output) {
  const std::string& constraint = chart.metadata.kube_version;
  if (constraint.empty()) return {};
  output.used_capabilities = true;
  if (IsCompatibleRange(constraint, version.normalized)) return {};
  return Fail(FailedPrecondition("chart requires kubeVersion: " + constraint +
                                 " which is incompatible with Kubernetes " + version.version));
}

bool IsCrdFile(const std::string& name) {
  const std::string lower = ToLower(name);
  return name.starts_with("crds/") &&
         (lower.ends_with(".yaml") || lower.ends_with(".yml") || lower.ends_with(".json"));
}

Status AddCrds(const Chart& chart, const std::string& path, Output& output) {
  for (const ChartFile& file : chart.files) {
    if (!IsCrdFile(file.name)) continue;
    if (const auto error = file.data->error()) return Fail(*error);
    output.documents.push_back(
        {.source = path + "/" + file.name, .text = file.data->Text(), .is_crd = true});
  }
  for (const ChartPtr& sub : chart.dependencies) {
    TRY(AddCrds(*sub, path + "/charts/" + sub->name(), output));
  }
  return {};
}

// NOTES.txt is run like every template, but is no manifest. Only the root chart's is kept.
void TakeNotes(const Chart& chart, std::map<std::string, std::string>& files, Output& output) {
  for (auto it = files.begin(); it != files.end();) {
    if (!it->first.ends_with("NOTES.txt")) {
      ++it;
      continue;
    }
    if (it->first == chart.name() + "/templates/NOTES.txt") output.notes = it->second;
    it = files.erase(it);
  }
}

// As helm shows them: a blob with every file that is not empty.
void NoteFiles(const std::map<std::string, std::string>& files, Progress* progress) {
  if (progress == nullptr) return;
  for (const auto& [name, text] : files) {
    if (Trim(text).empty()) continue;
    progress->files += "---\n# Source: " + name + "\n" + text + "\n";
  }
}

Result<Output> RenderChart(Chart& chart, TemplateCache* templates, const ValueSources& sources,
                           const Options& options) {
  Output output;
  const Value user = TRY(MergeValueSources(sources));
  TRY(CheckReleaseName(options.release_name));
  TRY(CheckInstallable(chart));
  if (chart.metadata.deprecated) output.warnings.push_back("this chart is deprecated");
  TRY(CheckDependencies(chart));
  TRY_WRAP(ProcessDependencies(chart, user, &output.warnings, options.limits),
           "chart dependencies processing failed");
  Capabilities capabilities = TRY(CapabilitiesFrom(options));
  const TablePtr values = TRY(CoalesceValues(chart, user, Nulls::kRemove, &output.warnings));
  if (!options.skip_schema_validation) {
    TRY(ValidateSchemas(chart, values->ToValue(), options.limits.schema));
  }
  if (options.progress != nullptr) options.progress->rendering = true;
  TRY(CheckKubeVersion(chart, capabilities.kube_version, output));

  EngineOutput rendered = TRY(RenderTemplates(
      {.chart = chart,
       .values = values,
       .release = {options.release_name, options.ns, options.revision, options.is_upgrade},
       .capabilities = std::move(capabilities),
       .limits = options.limits.templates,
       .host = {.stable = options.stable, .lookups = options.lookups, .now = options.now},
       .templates = templates,
       .threads = options.threads}));
  output.used_capabilities = output.used_capabilities || rendered.used_capabilities;
  output.steps = rendered.steps;
  TakeNotes(chart, rendered.files, output);
  auto sorted_or = SortManifests(rendered.files, options.threads);
  if (!sorted_or) {
    NoteFiles(rendered.files, options.progress);
    return Fail(std::move(sorted_or).error());
  }
  SortedManifests sorted = *std::move(sorted_or);
  if (options.include_crds) TRY(AddCrds(chart, chart.name(), output));
  for (Manifest& m : sorted.manifests) {
    output.documents.push_back({.source = std::move(m.source),
                                .text = std::move(m.text),
                                .content = std::move(m.content)});
  }
  if (options.skip_hooks) return output;
  for (Manifest& m : sorted.hooks) {
    output.documents.push_back({.source = std::move(m.source),
                                .text = std::move(m.text),
                                .content = std::move(m.content),
                                .is_hook = true,
                                .is_test = m.is_test});
  }
  return output;
}

// The one way out for errors: those of budgets say how to raise them.
template <class T>
Result<T> Advised(Result<T> result) {
  if (!result) return Fail(WithAdvice(std::move(result).error()));
  return result;
}

Status ApplySetJson(const std::string& text, SetBudget& budget, Value& base) {
  const std::string_view trimmed = Trim(text);
  if (trimmed.starts_with('{')) {
    auto object = ParseJsonAsGo(trimmed);
    if (!object) return Fail(InvalidArgument("failed parsing --set-json data JSON: " + text));
    base = MergeMaps(base, *object);
    return {};
  }
  if (Status set = SetJson(text, base, &budget); !set) {
    if (set.error().code() == ErrorCode::kResourceExhausted) return set;
    return Fail(InvalidArgument("failed parsing --set-json data " + text));
  }
  return {};
}

}  // namespace

Result<Value> MergeValueSources(const ValueSources& sources) {
  Value base = Value::EmptyObject();
  for (const auto& [name, text] : sources.files) {
    base = MergeMaps(base, TRY_WRAP(LoadValues(text), "failed to parse " + name));
  }
  if (sources.values.is_object()) base = MergeMaps(base, sources.values);
  SetBudget budget;
  for (const std::string& set : sources.set_json) TRY(ApplySetJson(set, budget, base));
  for (const std::string& set : sources.set) {
    TRY_WRAP(SetTyped(set, base, &budget), "failed parsing --set data");
  }
  for (const std::string& set : sources.set_string) {
    TRY_WRAP(SetString(set, base, &budget), "failed parsing --set-string data");
  }
  for (const auto& [key, content] : sources.set_file) {
    const auto reader = [&content](const std::string&) -> Result<std::string> { return content; };
    TRY_WRAP(SetFile(key + "=-", reader, base, &budget), "failed parsing --set-file data");
  }
  for (const std::string& set : sources.set_file_paths) {
    TRY_WRAP(SetFile(set, sources.read_file, base, &budget), "failed parsing --set-file data");
  }
  for (const std::string& set : sources.set_literal) {
    TRY_WRAP(SetLiteral(set, base, &budget), "failed parsing --set-literal data");
  }
  return base;
}

Result<Output> Render(const LoadedChart& loaded, const ValueSources& values,
                      const Options& options) {
  // Dependencies are put into effect in the chart itself.
  const ChartPtr chart = DeepCopy(*loaded.chart);
  return Advised(RenderChart(*chart, loaded.templates.get(), values, options));
}

Result<Output> Render(FileTreePtr tree, std::string_view folder, const ValueSources& values,
                      const Options& options) {
  const ChartPtr chart = TRY(Advised(LoadChart(tree, folder,
                                               {.limits = options.limits,
                                                .threads = options.threads,
                                                .crds_when_asked_for = !options.include_crds})));
  return Advised(RenderChart(*chart, nullptr, values, options));
}

Result<Output> RenderArchive(FileTreePtr archive, const ValueSources& values,
                             const Options& options) {
  const ChartPtr chart = TRY(Advised(LoadArchivedChart(*archive, options.limits)));
  return Advised(RenderChart(*chart, nullptr, values, options));
}

}  // namespace swell::helm
