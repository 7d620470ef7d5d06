#include "base/core/strings.h"
#include "renderer/source/path.h"
#include "renderer/source/trees.h"

namespace swell {
namespace {

class SubTreeView final : public FileTree {
 public:
  SubTreeView(FileTreePtr inner, std::string folder)
      : inner_(std::move(inner)), folder_(std::move(folder)) {}

  Result<std::string> Read(std::string_view path) const override {
    return inner_->Read(TRY(Outer(path)));
  }
  Result<std::vector<FileEntry>> List(std::string_view path) const override {
    return inner_->List(TRY(Outer(path)));
  }
  Result<FileEntry> Stat(std::string_view path) const override {
    return inner_->Stat(TRY(Outer(path)));
  }
  std::string Describe() const override { return JoinPath(inner_->Describe(), folder_); }
  std::string ContentId(std::string_view path) const override {
    return IsCleanPath(path) ? inner_->ContentId(JoinPath(folder_, path)) : "";
  }

 private:
  Result<std::string> Outer(std::string_view path) const {
    if (!IsCleanPath(path)) {
      return Fail(Error(ErrorCode::kPermissionDenied,
                        Describe() + ": " + Quote(path) + " is not a path below the folder"));
    }
    return JoinPath(folder_, path);
  }

  const FileTreePtr inner_;
  const std::string folder_;
};

}  // namespace

FileTreePtr SubTree(FileTreePtr tree, std::string folder) {
  return std::make_shared<SubTreeView>(std::move(tree), std::move(folder));
}

Result<std::string> RecordingTree::Read(std::string_view path) const {
  {
    const std::lock_guard lock(mutex_);
    reads_.files.emplace(path);
  }
  return inner_->Read(path);
}

Result<std::vector<FileEntry>> RecordingTree::List(std::string_view path) const {
  {
    const std::lock_guard lock(mutex_);
    reads_.directories.emplace(path);
  }
  return inner_->List(path);
}

Result<FileEntry> RecordingTree::Stat(std::string_view path) const {
  auto entry = inner_->Stat(path);
  const std::lock_guard lock(mutex_);
  if (entry && entry->kind == FileEntry::Kind::kDirectory) {
    reads_.directories.emplace(path);
  } else {
    reads_.files.emplace(path);
  }
  return entry;
}

void RecordingTree::Note(const ReadSet& reads, std::string_view folder) const {
  const std::lock_guard lock(mutex_);
  for (const std::string& path : reads.files) reads_.files.insert(JoinPath(folder, path));
  for (const std::string& path : reads.directories) {
    reads_.directories.insert(JoinPath(folder, path));
  }
}

ReadSet RecordingTree::Reads() const {
  const std::lock_guard lock(mutex_);
  return reads_;
}

}  // namespace swell
