#include "base/core/digest.h"
#include "base/core/strings.h"
#include "renderer/source/path.h"
#include "renderer/source/trees.h"

namespace swell {
namespace {

class MemoryTree final : public FileTree {
 public:
  MemoryTree(std::map<std::string, std::string> files, std::string name)
      : name_(std::move(name)), files_(std::move(files)) {}

  Result<std::string> Read(std::string_view path) const override {
    const auto it = files_.find(std::string(path));
    if (it != files_.end()) return it->second;
    return IsFolder(path) ? Result<std::string>(Fail(FailedPrecondition(
                                Describe() + ": " + Quote(path) + " is a folder, not a file")))
                          : Result<std::string>(Fail(Absent(path)));
  }

  Result<std::vector<FileEntry>> List(std::string_view path) const override {
    if (!IsFolder(path)) return Fail(Absent(path));
    const std::string prefix = path.empty() ? "" : std::string(path) + "/";
    // A folder's files need not stand together in byte order ("a-b" sorts before "a/"), so
    // names are gathered in a map.
    std::map<std::string, FileEntry> entries;
    for (auto it = files_.lower_bound(prefix); it != files_.end() && it->first.starts_with(prefix);
         ++it) {
      const std::string_view rest = std::string_view(it->first).substr(prefix.size());
      const std::size_t slash = rest.find('/');
      FileEntry entry{.name = std::string(rest.substr(0, slash))};
      if (slash == std::string_view::npos) {
        entry.size = it->second.size();
      } else {
        entry.kind = FileEntry::Kind::kDirectory;
      }
      entries.emplace(entry.name, entry);
    }
    std::vector<FileEntry> out;
    for (auto& [name, entry] : entries) out.push_back(std::move(entry));
    return out;
  }

  Result<FileEntry> Stat(std::string_view path) const override {
    FileEntry entry{.name = std::string(BaseName(path))};
    const auto it = files_.find(std::string(path));
    if (it != files_.end()) {
      entry.size = it->second.size();
      return entry;
    }
    if (!IsFolder(path)) return Fail(Absent(path));
    entry.kind = FileEntry::Kind::kDirectory;
    return entry;
  }

  std::string Describe() const override { return name_; }

  std::string ContentId(std::string_view path) const override {
    const auto it = files_.find(std::string(path));
    return it == files_.end() ? "" : Digest::Of(it->second).Hex();
  }

 private:
  Error Absent(std::string_view path) const {
    return NotFound(Describe() + ": there is no " + Quote(path));
  }

  bool IsFolder(std::string_view path) const {
    if (path.empty()) return true;
    const std::string prefix = std::string(path) + "/";
    const auto it = files_.lower_bound(prefix);
    return it != files_.end() && it->first.starts_with(prefix);
  }

  const std::string name_;
  const std::map<std::string, std::string> files_;
};

}  // namespace

FileTreePtr MakeMemoryTree(std::map<std::string, std::string> files, std::string name) {
  return std::make_shared<MemoryTree>(std::move(files), std::move(name));
}

}  // namespace swell
