#pragma once
// FileTree: a read-only view of files, wherever they are: one Git commit, a folder, memory.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"

namespace swell {

struct FileEntry {
  enum class Kind : std::uint8_t { kFile, kDirectory, kSymlink };
  std::string name;  // last path component
  Kind kind = Kind::kFile;
  std::uint64_t size = 0;  // bytes; 0 for directories
  bool executable = false;
};

// Paths are relative to the tree's root, '/'-separated, already clean: no leading '/',
// no "." or ".." components; "" is the root (see path.h's CleanPath). Symlinks are followed
// by Read, Stat and List as long as they stay inside the tree; one that leaves it is
// kPermissionDenied and the message names it. Absent: kNotFound.
// Threads: all methods may be called from any thread.
class FileTree {
 public:
  virtual ~FileTree() = default;
  virtual Result<std::string> Read(std::string_view path) const = 0;
  // Sorted by name. Symlinks are listed as what they point at.
  virtual Result<std::vector<FileEntry>> List(std::string_view path) const = 0;
  virtual Result<FileEntry> Stat(std::string_view path) const = 0;
  // A stable name for messages: "repo@1a2b3c4" or a folder's path.
  virtual std::string Describe() const = 0;
  // The content address of a file or folder where the store knows one (a Git object id), or ""
  // where it does not. Equal ids mean equal content of everything below; so a folder that holds a
  // symlink has none.
  virtual std::string ContentId(std::string_view path) const = 0;
};

using FileTreePtr = std::shared_ptr<const FileTree>;

}  // namespace swell
