#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <utility>

#include "base/core/strings.h"
#include "cli/commands/kustomize_flags.h"
#include "cli/commands/local.h"
#include "renderer/kustomize/git_url.h"
#include "renderer/kustomize/kustomize.h"
#include "renderer/schema/schema.h"
#include "renderer/source/trees.h"

namespace swell::cli {
namespace {

namespace fs = std::filesystem;

Result<std::string> RealPathOnDisk(const std::string& path) {
  std::error_code error;
  const fs::path real = fs::canonical("/" + path, error);
  if (error) return Fail(NotFound("'/" + path + "': " + error.message()));
  return real.relative_path().string();
}

Result<kustomize::Output> Build(KustomizeBuildRequest request) {
  kustomize::Options& options = request.options;
  if (kustomize::ParseGitUrl(request.folder)) {
    options.remote_root = std::exchange(request.folder, ".");
  }
  // Bases may lie anywhere on the disk, so the tree is the whole of it; the root of a
  // kustomization is a folder without symlinks.
  std::error_code error;
  const fs::path root = fs::canonical(request.folder, error);
  if (error) {
    return Fail(NotFound("'" + request.folder + "' is no directory: " + error.message()));
  }
  const FileTreePtr disk = TRY(OpenDiskTree("/"));
  options.real_path = RealPathOnDisk;
  RemoteStore store(request.remotes);
  for (;;) {
    options.remotes = store.remotes();
    auto built = kustomize::Build(store.Mounted(disk), root.relative_path().string(), options);
    if (built) return built;
    if (!TRY(store.FetchWanted())) return Fail(built.error());
  }
}

Status WriteFile(const fs::path& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (out) return {};
  return Fail(Error(ErrorCode::kUnavailable,
                    "cannot write " + path.string() + ": " + std::strerror(errno)));
}

// "apps_v1_deployment_web.yaml", as kustomize names it; behind the namespace where objects lie in
// several.
std::string FileName(const Object& object, bool several_namespaces) {
  const GroupVersionKind gvk = object.gvk();
  std::string name = gvk.group.empty() ? "" : gvk.group + "_";
  name += gvk.version + "_" + gvk.kind + "_" + std::string(object.name()) + ".yaml";
  const bool cluster_scoped = schema::IsKustomizeClusterScoped(gvk.api_version(), gvk.kind);
  if (several_namespaces && !cluster_scoped) {
    name = (object.ns().empty() ? "default" : std::string(object.ns())) + "_" + name;
  }
  return ToLower(name);
}

Status WriteFiles(const fs::path& folder, const std::vector<Object>& objects) {
  std::set<std::string> namespaces;
  for (const Object& object : objects) {
    const GroupVersionKind gvk = object.gvk();
    if (schema::IsKustomizeClusterScoped(gvk.api_version(), gvk.kind)) continue;
    namespaces.insert(object.ns().empty() ? "default" : std::string(object.ns()));
  }
  for (const Object& object : objects) {
    const std::string text = TRY(kustomize::BuildStream({object}));
    const std::string name = FileName(object, namespaces.size() > 1);
    if (name.contains('/')) return Fail(InvalidArgument("'" + name + "' is no name of a file"));
    TRY(WriteFile(folder / name, text));
  }
  return {};
}

// Nothing is written where the build fails.
Status Run(std::span<const std::string> args) {
  const KustomizeBuildRequest request = TRY(ParseKustomizeBuild(args));
  const kustomize::Output built = TRY(Build(request));
  for (const std::string& warning : built.warnings) {
    std::fprintf(stderr, "%s\n", warning.c_str());
  }
  if (!request.output.empty() && fs::is_directory(request.output)) {
    return WriteFiles(request.output, built.objects);
  }
  const std::string stream = TRY(kustomize::BuildStream(built.objects));
  if (!request.output.empty()) return WriteFile(request.output, stream);
  if (std::fwrite(stream.data(), 1, stream.size(), stdout) != stream.size() ||
      std::fflush(stdout) != 0) {
    return Fail(Error(ErrorCode::kUnavailable, "cannot write to standard output"));
  }
  return {};
}

}  // namespace

int KustomizeBuild(std::span<const std::string> args) {
  const Status done = Run(args);
  if (done) return 0;
  std::fprintf(stderr, "Error: %s\n", done.error().ToString().c_str());
  return 1;
}

}  // namespace swell::cli
