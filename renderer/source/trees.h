#pragma once
// FileTree over memory, over a folder, and over another tree: a folder of it, more files on it,
// its reads recorded.

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "renderer/source/file_tree.h"

namespace swell {

// Files by clean path. For tests, archives and generated trees.
FileTreePtr MakeMemoryTree(std::map<std::string, std::string> files, std::string name = "memory");

// A folder on disk; symlinks that leave it are refused. kNotFound where there is no such folder.
Result<FileTreePtr> OpenDiskTree(const std::string& folder);

// A .tgz or .tar (ustar, pax) in memory, refused where it expands beyond max_bytes.
Result<FileTreePtr> OpenArchive(std::string_view bytes, std::uint64_t max_bytes, std::string name);

// The inverse: a ustar archive of files by clean path, the same bytes for the same files.
std::string WriteTar(const std::map<std::string, std::string>& files);

// A tree's folder as a tree of its own: paths cannot leave it.
FileTreePtr SubTree(FileTreePtr tree, std::string folder);

// A file that is laid over a tree.
struct OverlayFile {
  std::string content_id;  // never "": equal ids mean equal content
  std::uint64_t size = 0;
  std::function<Result<std::string>()> read;  // called at each Read, from any thread
};

// `base` with more files, by clean path. A file of the overlay hides one of the base; folders
// are joined, and made where the base has none.
FileTreePtr OverlayTree(FileTreePtr base, std::map<std::string, OverlayFile> files);

// `base` with other trees in folders of it, by clean path; none of the folders lies in another. A
// mounted tree hides what the base has there. No list of the base names a mount: it is for those
// who know its path. Symlinks of a mounted tree stay inside it.
FileTreePtr MountTree(FileTreePtr base, std::map<std::string, FileTreePtr> mounts);

// Everything that was asked of a tree, hits and misses alike: the render's read set.
// A render depends on exactly these paths: while each has the same content id (or is still
// absent) in another commit, the render is the same.
struct ReadSet {
  std::set<std::string> files;        // read or found missing
  std::set<std::string> directories;  // listed
  friend bool operator==(const ReadSet&, const ReadSet&) = default;
};

class RecordingTree final : public FileTree {
 public:
  explicit RecordingTree(FileTreePtr inner) : inner_(std::move(inner)) {}
  Result<std::string> Read(std::string_view path) const override;
  Result<std::vector<FileEntry>> List(std::string_view path) const override;
  Result<FileEntry> Stat(std::string_view path) const override;
  std::string Describe() const override { return inner_->Describe(); }
  std::string ContentId(std::string_view path) const override { return inner_->ContentId(path); }
  ReadSet Reads() const;
  // Counts as read what somebody else has read below `folder` before and kept.
  void Note(const ReadSet& reads, std::string_view folder) const;

 private:
  FileTreePtr inner_;
  mutable std::mutex mutex_;
  mutable ReadSet reads_;  // guarded by mutex_
};

}  // namespace swell
