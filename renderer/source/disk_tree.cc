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
    const FileDescriptor file(TRY(Open(path)));
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
    std::vector<FileEntry> out;
    while (const dirent* entry = ::readdir(folder)) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      struct stat info;
      if (::fstatat(::dirfd(folder), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
      out.push_back(EntryOf(name, info));
    }
    ::closedir(folder);
    std::ranges::sort(out, {}, &FileEntry::name);
    for (FileEntry& entry : out) {
      if (entry.kind != FileEntry::Kind::kSymlink) continue;
      // One that cannot be followed stays listed as a link, so that whoever reads it gets the
      // error that says what is wrong with it.
      auto target = Stat(JoinPath(path, entry.name));
      if (target) entry = *std::move(target);
    }
    return out;
  }

  Result<FileEntry> Stat(std::string_view path) const override {
    const std::string real = TRY(Resolve(path));
    struct stat info;
    if (::stat(real.c_str(), &info) != 0) return Fail(FromErrno("stat", path));
    return EntryOf(BaseName(path), info);
  }

  std::string Describe() const override { return name_; }
  std::string ContentId(std::string_view) const override { return ""; }

 private:
  static FileEntry EntryOf(std::string_view name, const struct stat& info) {
    FileEntry entry{.name = std::string(name)};
    if (S_ISDIR(info.st_mode)) {
      entry.kind = FileEntry::Kind::kDirectory;
    } else if (S_ISLNK(info.st_mode)) {
      entry.kind = FileEntry::Kind::kSymlink;
    } else {
      entry.size = static_cast<std::uint64_t>(info.st_size);
      entry.executable = (info.st_mode & S_IXUSR) != 0;
    }
    return entry;
  }

  // Of the whole disk a path says enough by itself.
  std::string Where(std::string_view path) const {
    return name_ == "/" ? Quote("/" + std::string(path)) : name_ + ": " + Quote(path);
  }

  Error TooLarge(std::string_view path) const {
    return ResourceExhausted(Where(path) + " is larger than " + std::to_string(kMaxFileBytes) +
                             " bytes (the limit of one file)");
  }

  Error FromErrno(const char* doing, std::string_view path) const {
    const int number = errno;
    const std::string message = Where(path) + ": cannot " + doing + " it: " + std::strerror(number);
    switch (number) {
      case ENOENT:
        return NotFound(Where(path) + " does not exist");
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

  // A descriptor of the file, which may be a symlink.
  Result<int> Open(std::string_view path) const {
    // O_NONBLOCK: opening a pipe must not wait for a writer.
    constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
    const std::string direct = TRY(WithinFolder(path));
    int file = ::open(direct.c_str(), kFlags | O_NOFOLLOW);
    if (file < 0 && errno == ELOOP) {
      const std::string real = TRY(Follow(path));
      file = ::open(real.c_str(), kFlags);
    }
    if (file < 0) return Fail(FromErrno("open", path));
    return file;
  }

  // The real path, with every symlink followed; it must still be inside the root.
  Result<std::string> Resolve(std::string_view path) const {
    std::string real = TRY(WithinFolder(path));
    if (path.empty()) return real;
    struct stat info;
    if (::lstat(real.c_str(), &info) != 0) return Fail(FromErrno("resolve", path));
    if (S_ISLNK(info.st_mode)) return Follow(path);
    return real;
  }

  // The path with the symlinks on the way to its folder followed, which is done once for all
  // that lies in it; the last component may be a symlink.
  Result<std::string> WithinFolder(std::string_view path) const {
    if (!IsCleanPath(path)) {
      return Fail(InvalidArgument(Where(path) + " is not a clean relative path"));
    }
    if (path.empty()) return Follow(path);
    const std::size_t slash = path.rfind('/');
    const std::string_view folder = slash == std::string_view::npos ? "" : path.substr(0, slash);
    const Result<std::string> within = ResolveFolder(folder);
    if (!within) return Fail(within.error());
    std::string real = *within;
    if (!real.ends_with('/')) real += '/';
    real += path.substr(slash + 1);  // npos + 1 is 0
    return real;
  }

  Result<std::string> ResolveFolder(std::string_view folder) const {
    {
      const std::lock_guard lock(mutex_);
      if (const auto known = folders_.find(folder); known != folders_.end()) return known->second;
    }
    std::string real = TRY(FollowFolder(folder));
    const std::lock_guard lock(mutex_);
    folders_.emplace(folder, real);
    return real;
  }

  // A folder that is no link lies in its parent's real path.
  Result<std::string> FollowFolder(std::string_view folder) const {
    if (folder.empty()) return Follow(folder);
    std::string real = TRY(WithinFolder(folder));
    struct stat info;
    if (::lstat(real.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) return real;
    return Follow(folder);
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
    std::string out;
    std::size_t size = 0;
    for (;;) {
      // One byte more than it should have: the read that fills less has found the end.
      ssize_t n = 0;
      out.resize_and_overwrite(size + expected + 1, [&](char* bytes, std::size_t room) {
        do {
          n = ::read(fd, bytes + size, room - size);
        } while (n < 0 && errno == EINTR);
        return size + static_cast<std::size_t>(std::max<ssize_t>(n, 0));
      });
      if (n < 0) return Fail(FromErrno("read", path));
      size = out.size();
      if (size > kMaxFileBytes) return Fail(TooLarge(path));
      if (n == 0 || static_cast<std::size_t>(n) <= expected) return out;
      expected = 64u << 10;  // it grows while it is read
    }
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
