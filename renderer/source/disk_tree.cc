#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>

#include "base/core/strings.h"
#include "renderer/source/path.h"
#include "renderer/source/trees.h"

namespace swell {
namespace {

constexpr std::uint64_t kMaxFileBytes = 256u << 20;

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

class DiskTree final : public FileTree {
 public:
  DiskTree(std::string root, std::string name) : root_(std::move(root)), name_(std::move(name)) {}

  Result<std::string> Read(std::string_view path) const override {
    const std::string real = TRY(Resolve(path));
    // O_NONBLOCK: opening a pipe must not wait for a writer.
    const FileDescriptor file(::open(real.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.get() < 0) return Fail(FromErrno("open", path));
    struct stat info;
    if (::fstat(file.get(), &info) != 0) return Fail(FromErrno("stat", path));
    if (!S_ISREG(info.st_mode)) {
      return Fail(FailedPrecondition(Where(path) + " is not a regular file"));
    }
    if (static_cast<std::uint64_t>(info.st_size) > kMaxFileBytes) return Fail(TooLarge(path));
    return ReadAll(file.get(), path, static_cast<std::size_t>(info.st_size));
  }

  Result<std::vector<FileEntry>> List(std::string_view path) const override {
    const std::string real = TRY(Resolve(path));
    DIR* const folder = ::opendir(real.c_str());
    if (!folder) return Fail(FromErrno("list", path));
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(folder)) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    ::closedir(folder);
    std::ranges::sort(names);
    std::vector<FileEntry> out;
    for (const std::string& name : names) {
      const std::string child = JoinPath(path, name);
      auto entry = Stat(child);
      if (!entry) {
        // Listed, so that whoever reads it gets the error that says what is wrong with it.
        struct stat info;
        const bool link = ::lstat((real + "/" + name).c_str(), &info) == 0 && S_ISLNK(info.st_mode);
        if (link) out.push_back({.name = name, .kind = FileEntry::Kind::kSymlink});
        continue;
      }
      entry->name = name;
      out.push_back(*std::move(entry));
    }
    return out;
  }

  Result<FileEntry> Stat(std::string_view path) const override {
    const std::string real = TRY(Resolve(path));
    struct stat info;
    if (::stat(real.c_str(), &info) != 0) return Fail(FromErrno("stat", path));
    FileEntry entry{.name = std::string(BaseName(path))};
    if (S_ISDIR(info.st_mode)) {
      entry.kind = FileEntry::Kind::kDirectory;
    } else {
      entry.size = static_cast<std::uint64_t>(info.st_size);
      entry.executable = (info.st_mode & S_IXUSR) != 0;
    }
    return entry;
  }

  std::string Describe() const override { return name_; }
  std::string ContentId(std::string_view) const override { return ""; }

 private:
  std::string Where(std::string_view path) const { return name_ + ": " + Quote(path); }

  Error TooLarge(std::string_view path) const {
    return ResourceExhausted(Where(path) + " is larger than " + std::to_string(kMaxFileBytes) +
                             " bytes (the limit of one file)");
  }

  Error FromErrno(const char* doing, std::string_view path) const {
    const int number = errno;
    const std::string message = Where(path) + ": cannot " + doing + " it: " + std::strerror(number);
    switch (number) {
      case ENOENT:
        return NotFound(name_ + ": there is no " + Quote(path));
      case ENOTDIR:
      case EISDIR:
        return FailedPrecondition(message);
      case EACCES:
      case EPERM:
        return Error(ErrorCode::kPermissionDenied, message);
      case ELOOP:
      case ENAMETOOLONG:
        return InvalidArgument(message);
      default:
        return Unavailable(message);
    }
  }

  // The real path, with every symlink followed; it must still be inside the root.
  Result<std::string> Resolve(std::string_view path) const {
    if (!IsCleanPath(path)) {
      return Fail(InvalidArgument(Where(path) + " is not a clean relative path"));
    }
    if (path.empty()) return Follow(path);
    // A folder is followed once for all that lies in it.
    const std::size_t slash = path.rfind('/');
    const std::string_view folder = slash == std::string_view::npos ? "" : path.substr(0, slash);
    const Result<std::string> within = ResolveFolder(folder);
    if (!within) return Fail(within.error());
    std::string real = *within;
    if (!real.ends_with('/')) real += '/';
    real += path.substr(slash + 1);  // npos + 1 is 0
    struct stat info;
    if (::lstat(real.c_str(), &info) != 0) return Fail(FromErrno("resolve", path));
    if (S_ISLNK(info.st_mode)) return Follow(path);
    return real;
  }

  Result<std::string> ResolveFolder(std::string_view folder) const {
    {
      const std::lock_guard lock(mutex_);
      if (const auto known = folders_.find(folder); known != folders_.end()) return known->second;
    }
    std::string real = TRY(Follow(folder));
    const std::lock_guard lock(mutex_);
    folders_.emplace(folder, real);
    return real;
  }

  Result<std::string> Follow(std::string_view path) const {
    char resolved[PATH_MAX];
    const std::string full = path.empty() ? root_ : root_ + "/" + std::string(path);
    if (!::realpath(full.c_str(), resolved)) return Fail(FromErrno("resolve", path));
    const std::string real(resolved);
    if (real != root_ && !real.starts_with(root_ == "/" ? root_ : root_ + "/")) {
      return Fail(Error(ErrorCode::kPermissionDenied,
                        Where(path) + " is a symlink that leaves the folder"));
    }
    return real;
  }

  Result<std::string> ReadAll(int fd, std::string_view path, std::size_t expected) const {
    std::string out(expected + 1, '\0');  // one more: a read that finds the end
    std::size_t size = 0;
    for (;;) {
      const ssize_t n = ::read(fd, out.data() + size, out.size() - size);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return Fail(FromErrno("read", path));
      size += static_cast<std::size_t>(n);
      if (n == 0) break;
      if (size > kMaxFileBytes) return Fail(TooLarge(path));
      if (size == out.size()) out.resize(2 * out.size());  // it grows while it is read
    }
    out.resize(size);
    return out;
  }

  const std::string root_;  // real and absolute
  const std::string name_;
  mutable std::mutex mutex_;
  // Guarded by mutex_: the real paths of folders that were looked into.
  mutable std::map<std::string, std::string, std::less<>> folders_;
};

}  // namespace

Result<FileTreePtr> OpenDiskTree(const std::string& folder) {
  char resolved[PATH_MAX];
  struct stat info;
  if (!::realpath(folder.c_str(), resolved) || ::stat(resolved, &info) != 0) {
    return Fail(NotFound("there is no folder " + Quote(folder) + ": " + std::strerror(errno)));
  }
  if (!S_ISDIR(info.st_mode)) return Fail(NotFound(Quote(folder) + " is not a folder"));
  return std::make_shared<DiskTree>(resolved, folder);
}

}  // namespace swell
