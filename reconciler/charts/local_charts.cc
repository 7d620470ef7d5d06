#include "reconciler/charts/local_charts.h"

#include "base/core/strings.h"
#include "reconciler/charts/archive.h"
#include "renderer/helm/ignore.h"
#include "renderer/helm/lock.h"
#include "renderer/helm/version.h"
#include "renderer/source/path.h"
#include "renderer/source/trees.h"

namespace swell::charts {
namespace {

constexpr std::size_t kMaxNames = 10'000;
constexpr int kMaxDepth = 64;
constexpr std::string_view kFileScheme = "file://";

// Collects a folder's files as "NAME/path".
class Packer {
 public:
  Packer(const FileTree& tree, std::string root, std::string name, helm::IgnoreRules rules)
      : tree_(tree), root_(std::move(root)), name_(std::move(name)), rules_(std::move(rules)) {}

  Status Walk(const std::string& relative, int depth) {
    if (depth > kMaxDepth) {
      return Fail(ResourceExhausted("chart folder " + Quote(root_) + " is nested too deeply"));
    }
    for (const FileEntry& entry : TRY(tree_.List(JoinPath(root_, relative)))) {
      const std::string path = JoinPath(relative, entry.name);
      const bool directory = entry.kind == FileEntry::Kind::kDirectory;
      if (rules_.Ignores(path, directory)) continue;
      if (directory) {
        TRY(Walk(path, depth + 1));
        continue;
      }
      std::string content = TRY(tree_.Read(JoinPath(root_, path)));
      bytes_ += content.size();
      if (bytes_ > kMaxArchiveBytes) {
        return Fail(ResourceExhausted("chart folder " + Quote(root_) + " is larger than " +
                                      std::to_string(kMaxArchiveBytes) + " bytes"));
      }
      files.emplace(name_ + "/" + path, std::move(content));
    }
    return {};
  }

  std::map<std::string, std::string> files;

 private:
  const FileTree& tree_;
  const std::string root_;
  const std::string name_;
  const helm::IgnoreRules rules_;
  std::size_t bytes_ = 0;
};

}  // namespace

Result<std::set<std::string>> HeldCharts::Missing(const FileTree& tree, const std::string& folder,
                                                  std::set<std::string> names) {
  const std::string charts = JoinPath(folder, "charts");
  const auto entries = tree.List(charts);
  if (!entries) {
    if (entries.error().code() == ErrorCode::kNotFound) return names;
    return Fail(entries.error());
  }
  for (const FileEntry& entry : *entries) {
    if (names.empty()) break;
    if (entry.name.starts_with('_') || entry.name.starts_with('.')) continue;
    if (const auto name = NameOf(tree, JoinPath(charts, entry.name), entry)) names.erase(*name);
  }
  return names;
}

Result<std::string> HeldCharts::NameOf(const FileTree& tree, const std::string& path,
                                       const FileEntry& entry) {
  if (entry.kind == FileEntry::Kind::kDirectory) {
    helm::Metadata metadata;
    TRY(helm::DecodeMetadata(TRY(tree.Read(JoinPath(path, "Chart.yaml"))), metadata));
    return metadata.name;
  }
  if (!path.ends_with(".tgz")) return Fail(NotFound(path + " is no chart"));
  const std::string id = tree.ContentId(path);
  if (!id.empty()) {
    const std::lock_guard lock(mutex_);
    if (const auto it = names_.find(id); it != names_.end()) return it->second;
  }
  const std::string name = TRY(ReadChartArchive(TRY(tree.Read(path)), path)).name;
  if (!id.empty()) {
    const std::lock_guard lock(mutex_);
    if (names_.size() >= kMaxNames) names_.clear();
    names_.emplace(id, name);
  }
  return name;
}

Result<LocalArchive> PackLocalChart(const FileTree& tree, const std::string& folder,
                                    const helm::Dependency& dependency) {
  const std::string relative = dependency.repository.substr(kFileScheme.size());
  const std::string root = TRY(ResolvePath(folder, relative));
  const auto declared = helm::ReadDeclared(tree, root);
  if (!declared && declared.error().code() == ErrorCode::kNotFound) {
    return Fail(NotFound(dependency.repository + " is " + Quote(root) +
                         " in this repository, and there is no chart"));
  }
  const helm::Metadata metadata = TRY(declared).metadata;
  if (metadata.name != dependency.name) {
    return Fail(FailedPrecondition(dependency.repository + " holds the chart " +
                                   Quote(metadata.name) + ", not " + Quote(dependency.name)));
  }
  if (!helm::IsCompatibleRange(dependency.version, metadata.version)) {
    return Fail(FailedPrecondition(dependency.repository + " has version " + metadata.version +
                                   ", which does not satisfy " + Quote(dependency.version)));
  }
  const auto ignore = tree.Read(JoinPath(root, ".helmignore"));
  helm::IgnoreRules rules = TRY(helm::IgnoreRules::Parse(ignore ? *ignore : ""));
  Packer packer(tree, root, metadata.name, std::move(rules));
  TRY(packer.Walk("", 0));
  return LocalArchive{metadata.version, WriteTar(packer.files)};
}

}  // namespace swell::charts
