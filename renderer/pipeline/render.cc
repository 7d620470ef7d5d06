#include "renderer/pipeline/render.h"

#include <utility>

#include "base/core/strings.h"
#include "base/value/json.h"
#include "base/value/yaml.h"
#include "renderer/helm/chart_cache.h"
#include "renderer/helm/helm.h"
#include "renderer/kustomize/kustomize.h"
#include "renderer/pipeline/detect.h"
#include "renderer/pipeline/directory.h"
#include "renderer/pipeline/manifest.h"
#include "renderer/pipeline/resolve.h"
#include "renderer/source/path.h"

namespace swell {
namespace {

struct Rendered {
  std::vector<Object> objects;
  std::vector<std::string> warnings;
  bool used_capabilities = false;
  bool nondeterministic = false;
  StableValues stable_values;
  LookupsAsked lookups;
};

Result<helm::ValueSources> HelmValues(const FileTree& tree, const RenderRequest& request) {
  helm::ValueSources sources;
  for (const std::string& file : request.helm.value_files) {
    const std::string path = TRY_WRAP(ResolvePath(request.path, file), "value file");
    auto text = tree.Read(path);
    const bool missing = !text && text.error().code() == ErrorCode::kNotFound;
    if (missing && request.helm.ignore_missing_value_files) continue;
    if (!text) return Fail(std::move(text).error().Wrap("value file " + Quote(file)));
    sources.files.emplace_back(path, *std::move(text));
  }
  sources.values = request.helm.values;
  sources.set = request.helm.set;
  sources.set_string = request.helm.set_string;
  return sources;
}

using RecordingTreePtr = std::shared_ptr<const RecordingTree>;

// A chart that was loaded before counts as read all the same.
Result<helm::LoadedChartPtr> LoadChart(const RecordingTreePtr& tree, const std::string& path,
                                       const helm::Limits& limits, helm::ChartCache* charts) {
  helm::LoadedChartPtr loaded = charts != nullptr ? TRY(charts->Load(tree, path, limits))
                                                  : TRY(helm::Load(tree, path, limits));
  tree->Note(loaded->reads, path);
  return loaded;
}

// What charts are told beside their files, and what they asked for.
struct ChartAmbient {
  explicit ChartAmbient(const RenderRequest& request)
      : now(request.now == Timestamp{} ? SystemClock().Now() : request.now),
        stable(request.stable, now),
        lookups(request.lookups) {}

  helm::Options OptionsFor(const RenderRequest& request, const RenderLimits& limits) {
    helm::Options options;
    options.kube_version = request.cluster.kube_version;
    options.api_versions = request.cluster.api_versions;
    options.now = now;
    options.stable = &stable;
    options.lookups = &lookups;
    options.limits = limits.helm;
    return options;
  }
  void NoteIn(Rendered& out) const {
    out.nondeterministic = stable.drawn();
    out.stable_values = stable.used();
    out.lookups = lookups.asked();
  }

  Timestamp now;
  StableSource stable;
  LookupSource lookups;
};

Result<Rendered> RenderHelm(const RecordingTreePtr& tree, const RenderRequest& request,
                            const RenderLimits& limits, helm::ChartCache* charts) {
  const helm::ValueSources sources = TRY(HelmValues(*tree, request));
  ChartAmbient ambient(request);
  helm::Options options = ambient.OptionsFor(request, limits);
  options.release_name = request.helm.release_name;
  options.ns = request.ns.empty() ? "default" : request.ns;
  options.include_crds = !request.helm.skip_crds;
  Rendered out;
  const helm::LoadedChartPtr chart = TRY(LoadChart(tree, request.path, options.limits, charts));
  helm::Output output = TRY(helm::Render(*chart, sources, options));
  out.warnings = std::move(output.warnings);
  out.used_capabilities = output.used_capabilities;
  ambient.NoteIn(out);
  std::size_t bytes = 0;
  for (const helm::RenderedDocument& document : output.documents) {
    bytes += document.text.size();
    if (bytes > limits.max_bytes) {
      return Fail(ResourceExhausted(document.source + ": the chart renders more than " +
                                    std::to_string(limits.max_bytes) +
                                    " bytes in all (budget max_bytes); if it is right, raise it "
                                    "with " +
                                    std::string(helm::kMaxOutputFlag)));
    }
    if (document.is_test) continue;  // run by `helm test` alone
    if (document.content) {
      if (document.content->is_null()) continue;
      for (Object& object : TRY(ObjectsFromValue(*document.content, document.source))) {
        out.objects.push_back(std::move(object));
      }
      continue;
    }
    // As helm parses them: duplicate keys are legal, the last wins.
    const auto parsed = TRY_WRAP(
        yaml::ParseAll(document.text, {.file = document.source, .reject_duplicate_keys = false}),
        "rendered manifest");
    for (const yaml::Document& part : parsed) {
      if (part.value.is_null()) continue;
      for (Object& object : TRY(ObjectsFromValue(part.value, document.source))) {
        out.objects.push_back(std::move(object));
      }
    }
  }
  return out;
}

Result<Rendered> RenderKustomize(const RecordingTreePtr& tree, const RenderRequest& request,
                                 const RenderLimits& limits, helm::ChartCache* charts) {
  kustomize::Options options;
  options.parameters = request.kustomize;
  // Charts are rendered in process: there is no program that a kustomization could run.
  options.enable_helm = true;
  ChartAmbient ambient(request);
  options.helm = ambient.OptionsFor(request, limits);
  options.limits = limits.kustomize;
  options.load_chart = [&](const std::string& path) {
    return LoadChart(tree, path, limits.helm, charts);
  };
  options.remotes = request.remotes;
  Rendered out;
  const kustomize::Output built = TRY(kustomize::Build(tree, request.path, options));
  out.warnings = built.warnings;
  out.used_capabilities = built.used_capabilities;
  ambient.NoteIn(out);
  for (const Object& object : built.objects) {
    // Kustomize asks for less than a cluster does; the same checks as everywhere else.
    for (Object& checked : TRY(ObjectsFromValue(object.value, object.origin))) {
      out.objects.push_back(std::move(checked));
    }
  }
  return out;
}

Result<Rendered> RenderSource(const RecordingTreePtr& tree, SourceType type,
                              const RenderRequest& request, const RenderLimits& limits,
                              helm::ChartCache* charts) {
  switch (type) {
    case SourceType::kHelm:
      return RenderHelm(tree, request, limits, charts);
    case SourceType::kKustomize:
      return RenderKustomize(tree, request, limits, charts);
    default:
      return Rendered{.objects =
                          TRY(RenderDirectory(*tree, request.path, request.directory, limits))};
  }
}

// The remotes of which anything was read.
RemotePins UsedRemotes(const RenderRequest& request, const ReadSet& reads) {
  RemotePins out;
  if (!request.remotes) return out;
  for (const auto& [name, id] : request.remotes->pins) {
    const std::string folder = RemoteFolder(name);
    const auto below = [&](const std::set<std::string>& paths) {
      const auto first = paths.lower_bound(folder);
      return first != paths.end() && first->starts_with(folder);
    };
    if (below(reads.files) || below(reads.directories)) out.emplace(name, id);
  }
  return out;
}

Result<Manifest> RenderRecorded(FileTreePtr inner, const RenderRequest& request,
                                const RenderLimits& limits, helm::ChartCache* charts) {
  const RenderRequest resolved = TRY(ResolveRequest(request));
  const auto tree = std::make_shared<const RecordingTree>(std::move(inner));
  SourceType type = TRY(DetectSourceType(*tree, resolved.path));
  if (request.type == SourceType::kKustomize && type == SourceType::kDirectory) {
    return Fail(NotFound(tree->Describe() + ": the path " + Quote(resolved.path) +
                         " has no kustomization.yaml, which the application's kustomize needs: add "
                         "one that lists the manifests under resources, or remove kustomize"));
  }
  if (request.type != SourceType::kDetect) type = request.type;
  Rendered rendered = TRY(RenderSource(tree, type, resolved, limits, charts));
  Manifest manifest = TRY(AssembleManifest(std::move(rendered.objects), resolved.ns, limits));
  manifest.type = type;
  manifest.reads = tree->Reads();
  manifest.remotes = UsedRemotes(request, manifest.reads);
  manifest.warnings = std::move(rendered.warnings);
  manifest.used_capabilities = rendered.used_capabilities;
  manifest.nondeterministic = rendered.nondeterministic;
  manifest.stable_values = std::move(rendered.stable_values);
  manifest.lookups = std::move(rendered.lookups);
  return manifest;
}

}  // namespace

Result<Manifest> Render(FileTreePtr tree, const RenderRequest& request, const RenderLimits& limits,
                        helm::ChartCache* charts) {
  std::string doing = "render";
  if (!request.application.empty()) doing += " application " + request.application;
  if (!request.cluster.name.empty()) doing += " for cluster " + request.cluster.name;
  return TRY_WRAP(RenderRecorded(std::move(tree), request, limits, charts), doing);
}

Status SetLimit(RenderLimits& limits, std::string_view flag, std::string_view text) {
  TRY(kustomize::SetLimit(limits.kustomize, limits.helm, flag, text));
  if (flag == helm::kMaxOutputFlag) limits.max_bytes = limits.helm.templates.max_output_bytes;
  return {};
}

Result<bool> DependsOnCluster(FileTreePtr tree, const RenderRequest& request,
                              const RenderLimits& limits) {
  if (UsesClusterTemplates(request)) return true;
  SourceType type = request.type;
  if (type == SourceType::kDetect) {
    type = TRY(DetectSourceType(*tree, TRY(ResolveRequest(request)).path));
  }
  if (type != SourceType::kHelm) return false;
  const Manifest manifest = TRY(Render(std::move(tree), request, limits));
  return manifest.used_capabilities || manifest.nondeterministic || !manifest.lookups.empty();
}

}  // namespace swell
