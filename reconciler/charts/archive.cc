#include "reconciler/charts/archive.h"

#include <algorithm>
#include <mutex>
#include <optional>

#include "base/core/strings.h"
#include "renderer/source/path.h"
#include "renderer/source/trees.h"

namespace swell::charts {
namespace {

constexpr std::string_view kIgnoreFile = ".helmignore";

// The folder that holds the chart: archives have exactly one.
Result<std::string> ChartFolder(const FileTree& archive) {
  std::string found;
  for (const FileEntry& entry : TRY(archive.List(""))) {
    if (entry.kind != FileEntry::Kind::kDirectory) continue;
    if (!archive.Stat(JoinPath(entry.name, "Chart.yaml"))) continue;
    if (!found.empty()) {
      return Fail(InvalidArgument("archive " + archive.Describe() + " holds two charts, " +
                                  Quote(found) + " and " + Quote(entry.name)));
    }
    found = entry.name;
  }
  if (!found.empty()) return found;
  return Fail(InvalidArgument("archive " + archive.Describe() +
                              " is no chart: no folder in it has a Chart.yaml"));
}

class ArchivedChart final : public FileTree {
 public:
  ArchivedChart(const Digest& digest, std::function<Result<std::string>()> read, std::string name)
      : digest_(digest), read_(std::move(read)), name_(std::move(name)) {}

  Result<std::string> Read(std::string_view path) const override {
    const FileTreePtr tree = TRY(Open());
    if (path == kIgnoreFile) return Fail(NotFound(name_ + ": there is no " + Quote(path)));
    return tree->Read(path);
  }
  Result<std::vector<FileEntry>> List(std::string_view path) const override {
    auto entries = TRY(TRY(Open())->List(path));
    if (path.empty()) {
      std::erase_if(entries, [](const FileEntry& e) { return e.name == kIgnoreFile; });
    }
    return entries;
  }
  Result<FileEntry> Stat(std::string_view path) const override {
    const FileTreePtr tree = TRY(Open());
    if (path == kIgnoreFile) return Fail(NotFound(name_ + ": there is no " + Quote(path)));
    return tree->Stat(path);
  }
  std::string Describe() const override { return name_; }
  std::string ContentId(std::string_view path) const override {
    if (path.empty()) return "chart:" + digest_.Hex();
    const auto tree = Open();
    return tree && path != kIgnoreFile ? (*tree)->ContentId(path) : "";
  }

 private:
  // helm obeys .helmignore when it packs a chart and when it loads a folder, but not when it
  // loads an archive: it is hidden, since the renderer takes this tree for a folder.
  Result<FileTreePtr> Open() const {
    const std::lock_guard lock(mutex_);
    if (!tree_) tree_ = Unpack();
    return *tree_;
  }
  Result<FileTreePtr> Unpack() const {
    const std::string bytes = TRY(read_());
    FileTreePtr archive = TRY(OpenArchive(bytes, kMaxArchiveBytes, name_));
    std::string folder = TRY(ChartFolder(*archive));
    return SubTree(std::move(archive), std::move(folder));
  }

  const Digest digest_;
  const std::function<Result<std::string>()> read_;
  const std::string name_;
  mutable std::mutex mutex_;
  mutable std::optional<Result<FileTreePtr>> tree_;  // guarded by mutex_
};

}  // namespace

Result<helm::Metadata> ReadChartArchive(std::string_view bytes, const std::string& name) {
  const FileTreePtr archive = TRY(OpenArchive(bytes, kMaxArchiveBytes, name));
  const std::string folder = TRY(ChartFolder(*archive));
  const std::string text = TRY(archive->Read(JoinPath(folder, "Chart.yaml")));
  helm::Metadata metadata;
  TRY_WRAP(helm::DecodeMetadata(text, metadata), "archive " + name + ": Chart.yaml");
  if (metadata.api_version.empty()) metadata.api_version = "v1";
  TRY_WRAP(helm::ValidateMetadata(metadata), "archive " + name + ": Chart.yaml");
  return metadata;
}

FileTreePtr ChartArchiveTree(const Digest& digest, std::function<Result<std::string>()> read,
                             std::string name) {
  return std::make_shared<ArchivedChart>(digest, std::move(read), std::move(name));
}

}  // namespace swell::charts
