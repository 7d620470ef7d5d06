#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>

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
    out.reserve(expected + 1);
    char buffer[64 << 10];
    for (;;) {
      const ssize_t n = ::read(fd, buffer, sizeof buffer);
      if (n == 0) return out;
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return Fail(FromErrno("read", path));
      out.append(buffer, static_cast<std::size_t>(n));
      if (out.size() > kMaxFileBytes) return Fail(TooLarge(path));
    }
  }

  const std::string root_;  // real and absolute
  const std::string name_;
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
