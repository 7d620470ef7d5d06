#include "cli/commands/render.h"

#include <filesystem>

#include "cli/commands/declared.h"
#include "cli/commands/remote_fetch.h"
#include "renderer/pipeline/detect.h"
#include "renderer/pipeline/render.h"
#include "renderer/pipeline/resolve.h"
#include "renderer/source/trees.h"

namespace swell::cli {
namespace {

namespace fs = std::filesystem;

Result<fs::path> Folder(const std::string& path) {
  std::error_code error;
  const fs::path out = fs::canonical(path, error);
  if (error) return Fail(NotFound("folder " + path + ": " + error.message()));
  if (!fs::is_directory(out, error)) return Fail(InvalidArgument(path + " is no folder"));
  return out;
}

fs::path WorkTreeAround(const fs::path& folder) {
  std::error_code error;
  for (fs::path at = folder;; at = at.parent_path()) {
    if (fs::exists(at / ".git", error)) return at;
    if (at == at.parent_path()) return folder;
  }
}

// What the flags say, of the folder `path` of the tree.
RenderRequest FlagsRequest(const RenderOptions& options, std::string path) {
  RenderRequest request;
  request.application = options.application;
  request.ns = options.ns;
  request.path = std::move(path);
  request.helm.value_files = options.value_files;
  request.helm.set = options.set;
  request.helm.set_string = options.set_string;
  request.directory.recurse = options.recurse;
  request.cluster.name = options.cluster;
  request.cluster.labels = options.cluster_labels;
  return request;
}

// Whether a flag says what an Application says.
bool SaysMore(const RenderOptions& options) {
  return options.application != RenderOptions().application || !options.ns.empty() ||
         !options.value_files.empty() || !options.set.empty() || !options.set_string.empty() ||
         options.recurse;
}

Result<RenderRequest> RequestFor(const RenderOptions& options, std::string path) {
  RenderRequest request = FlagsRequest(options, std::move(path));
  if (!options.declared.empty()) {
    if (SaysMore(options)) {
      return Fail(
          InvalidArgument("--name, --namespace, --values, --set, --set-string and "
                          "--recurse say what the Application in " +
                          options.declared + " says; change it there"));
    }
    request = TRY(DeclaredRequest(options.declared,
                                  {.name = options.cluster, .labels = options.cluster_labels}));
  }
  request.cluster.kube_version = options.kube_version;
  request.cluster.api_versions = options.api_versions;
  return request;
}

// What has no meaning for the kind of source must not be taken and forgotten.
Status CheckParameters(const RenderOptions& options, SourceType type) {
  const bool helm =
      !options.value_files.empty() || !options.set.empty() || !options.set_string.empty();
  if (helm && type != SourceType::kHelm) {
    return Fail(InvalidArgument("--values and --set are for charts, and " + options.path +
                                " is a source of type " + std::string(SourceTypeName(type))));
  }
  const bool fetches = options.charts.fetching == Fetching::kAllowed;
  if (fetches && type == SourceType::kDirectory) {
    return Fail(InvalidArgument("--fetch-dependencies is for charts and kustomizations, and " +
                                options.path + " is a source of type " +
                                std::string(SourceTypeName(type))));
  }
  if (options.recurse && type != SourceType::kDirectory) {
    return Fail(InvalidArgument("--recurse is for folders of plain manifests, and " + options.path +
                                " is a source of type " + std::string(SourceTypeName(type))));
  }
  return {};
}

Result<Manifest> RenderFetching(const FileTreePtr& tree, RenderRequest request,
                                const RenderOptions& options) {
  RemoteStore store({.fetching = options.charts.fetching,
                     .flag = "--fetch-dependencies",
                     .local_repositories = false,  // as in the server
                     .repository_files = options.charts.repository_files});
  for (;;) {
    request.remotes = store.remotes();
    auto manifest = Render(store.Mounted(tree), request, options.limits);
    if (manifest || !TRY(store.FetchWanted())) return manifest;
  }
}

}  // namespace

Result<Rendered> RenderFolder(const RenderOptions& options, Format format) {
  const fs::path folder = TRY(Folder(options.path));
  const fs::path root = options.root.empty() ? WorkTreeAround(folder) : TRY(Folder(options.root));
  const std::string relative = folder.lexically_relative(root).string();
  if (relative.starts_with("..")) {
    return Fail(InvalidArgument(options.path + " does not lie below --root " + options.root));
  }
  FileTreePtr tree = TRY(OpenDiskTree(root.string()));
  const std::string path = relative == "." ? "" : relative;
  RenderRequest request = TRY(RequestFor(options, path));
  const std::string source = TRY(ResolveRequest(request)).path;
  SourceType type = TRY(DetectSourceType(*tree, source));
  if (request.type != SourceType::kDetect) type = request.type;
  TRY(CheckParameters(options, type));
  CompletedChart chart{.tree = std::move(tree)};
  if (type == SourceType::kHelm) {
    chart = TRY_WRAP(CompleteChart(std::move(chart.tree), source, options.charts), options.path);
  }
  const Manifest manifest = TRY(RenderFetching(chart.tree, std::move(request), options));
  Rendered out{.text = {}, .warnings = std::move(chart.warnings)};
  out.warnings.insert(out.warnings.end(), manifest.warnings.begin(), manifest.warnings.end());
  if (format != Format::kJson) {
    out.text = ManifestToYaml(manifest);
    return out;
  }
  std::vector<Value> items;
  for (const Object& object : manifest.objects) items.push_back(object.value);
  out.text = PrintValue(Value::EmptyObject()
                            .With("apiVersion", Value("v1"))
                            .With("kind", Value("List"))
                            .With("items", Value::Array(std::move(items))),
                        format);
  return out;
}

}  // namespace swell::cli
