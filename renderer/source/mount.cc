#include "renderer/source/path.h"
#include "renderer/source/trees.h"

namespace swell {
namespace {

class MountView final : public FileTree {
 public:
  MountView(FileTreePtr base, std::map<std::string, FileTreePtr> mounts)
      : base_(std::move(base)), mounts_(std::move(mounts)) {}

  Result<std::string> Read(std::string_view path) const override {
    const auto [tree, inner] = Find(path);
    return tree->Read(inner);
  }

  Result<FileEntry> Stat(std::string_view path) const override {
    const auto [tree, inner] = Find(path);
    if (tree == base_.get() || !inner.empty()) return tree->Stat(inner);
    return FileEntry{.name = std::string(BaseName(path)), .kind = FileEntry::Kind::kDirectory};
  }

  Result<std::vector<FileEntry>> List(std::string_view path) const override {
    const auto [tree, inner] = Find(path);
    return tree->List(inner);
  }

  std::string Describe() const override { return base_->Describe(); }

  std::string ContentId(std::string_view path) const override {
    const auto [tree, inner] = Find(path);
    return tree->ContentId(inner);
  }

 private:
  struct Place {
    const FileTree* tree;
    std::string_view path;
  };

  // Mounts are few, and do not lie in each other.
  Place Find(std::string_view path) const {
    for (const auto& [folder, tree] : mounts_) {
      if (!path.starts_with(folder)) continue;
      if (path.size() == folder.size()) return {tree.get(), ""};
      if (path[folder.size()] == '/') return {tree.get(), path.substr(folder.size() + 1)};
    }
    return {base_.get(), path};
  }

  const FileTreePtr base_;
  const std::map<std::string, FileTreePtr> mounts_;
};

}  // namespace

FileTreePtr MountTree(FileTreePtr base, std::map<std::string, FileTreePtr> mounts) {
  if (mounts.empty()) return base;
  return std::make_shared<MountView>(std::move(base), std::move(mounts));
}

}  // namespace swell
