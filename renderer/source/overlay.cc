#include <iterator>
#include <set>

#include "base/core/digest.h"
#include "renderer/source/path.h"
#include "renderer/source/trees.h"

namespace swell {
namespace {

class OverlayView final : public FileTree {
 public:
  OverlayView(FileTreePtr base, std::map<std::string, OverlayFile> files)
      : base_(std::move(base)),
        files_(std::make_move_iterator(files.begin()), std::make_move_iterator(files.end())) {
    for (const auto& [path, file] : files_) {
      for (std::string_view folder = DirName(path);; folder = DirName(folder)) {
        folders_.emplace(folder);
        if (folder.empty()) break;
      }
    }
  }

  Result<std::string> Read(std::string_view path) const override {
    if (const auto it = files_.find(path); it != files_.end()) return it->second.read();
    return base_->Read(path);
  }

  Result<FileEntry> Stat(std::string_view path) const override {
    if (const auto it = files_.find(path); it != files_.end()) return EntryOf(*it);
    auto entry = base_->Stat(path);
    if (!entry && entry.error().code() == ErrorCode::kNotFound && folders_.contains(path)) {
      return FileEntry{.name = std::string(BaseName(path)), .kind = FileEntry::Kind::kDirectory};
    }
    return entry;
  }

  Result<std::vector<FileEntry>> List(std::string_view path) const override {
    auto listed = base_->List(path);
    if (!folders_.contains(path)) return listed;
    if (!listed && listed.error().code() != ErrorCode::kNotFound) return listed;
    std::map<std::string, FileEntry> entries;
    if (listed) {
      for (FileEntry& entry : *listed) entries.emplace(entry.name, std::move(entry));
    }
    for (const std::string& folder : folders_) {
      if (folder.empty() || DirName(folder) != path) continue;
      const std::string name(BaseName(folder));
      entries.try_emplace(name, FileEntry{.name = name, .kind = FileEntry::Kind::kDirectory});
    }
    for (const auto& file : files_) {
      if (DirName(file.first) != path) continue;
      FileEntry entry = EntryOf(file);
      entries.insert_or_assign(entry.name, entry);
    }
    std::vector<FileEntry> out;
    for (auto& [name, entry] : entries) out.push_back(std::move(entry));
    return out;
  }

  std::string Describe() const override { return base_->Describe(); }

  std::string ContentId(std::string_view path) const override {
    if (const auto it = files_.find(path); it != files_.end()) return it->second.content_id;
    return folders_.contains(path) ? FolderId(path) : base_->ContentId(path);
  }

 private:
  // Over the base's id and all that lies over it; none where the base knows none.
  std::string FolderId(std::string_view folder) const {
    const std::string base = base_->ContentId(folder);
    const bool made = base.empty() && !base_->Stat(folder);
    if (base.empty() && !made) return "";
    Hasher hasher;
    hasher.Add("overlay").Add(base);
    for (const auto& [path, file] : files_) {
      const bool inside = folder.empty() || path.starts_with(std::string(folder) + "/");
      if (!inside) continue;
      hasher.Add(std::string_view(path).substr(folder.empty() ? 0 : folder.size() + 1))
          .Add(file.content_id);
    }
    return "overlay:" + hasher.Finish().Hex();
  }

  static FileEntry EntryOf(const std::pair<const std::string, OverlayFile>& file) {
    return {.name = std::string(BaseName(file.first)), .size = file.second.size};
  }

  const FileTreePtr base_;
  const std::map<std::string, OverlayFile, std::less<>> files_;
  std::set<std::string, std::less<>> folders_;  // every folder above a file, "" included
};

}  // namespace

FileTreePtr OverlayTree(FileTreePtr base, std::map<std::string, OverlayFile> files) {
  if (files.empty()) return base;
  return std::make_shared<OverlayView>(std::move(base), std::move(files));
}

}  // namespace swell
