#include "reconciler/charts/cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

namespace swell::charts {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kArchive = ".tgz";
constexpr std::string_view kNote = ".note";
constexpr std::uint64_t kLeastBytes = 4096;  // what a small file takes

Error StorageError(const std::string& doing) {
  const int code = errno;
  const std::string message = doing + ": " + std::strerror(code);
  return code == ENOSPC || code == EDQUOT ? ResourceExhausted(message) : Unavailable(message);
}

Status WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Fail(StorageError("write"));
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Result<std::string> ReadAll(int fd) {
  std::string out;
  std::array<char, 64 << 10> buffer;
  for (;;) {
    const ssize_t n = ::read(fd, buffer.data(), buffer.size());
    if (n == 0) return out;
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Fail(StorageError("read"));
    out.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

// Notes the time of the last use, for MakeRoom.
void Touch(const std::string& path) { ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0); }

}  // namespace

void DiskCache::Remove(const std::string& path, std::string_view why) const {
  if (on_damage_) on_damage_(path, why);
  std::error_code ignored;
  fs::remove(path, ignored);
}

std::string DiskCache::PathOf(const Digest& key, std::string_view suffix) const {
  return folder_ + "/" + key.Hex() + std::string(suffix);
}

Result<std::string> DiskCache::Read(const std::string& path) const {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return Fail(NotFound(path + " is not in the cache"));
  if (fd < 0) return Fail(StorageError("open " + path));
  auto bytes = ReadAll(fd);
  ::close(fd);
  if (!bytes) return Fail(std::move(bytes.error()).Wrap(path));
  Touch(path);
  return bytes;
}

Result<std::string> DiskCache::Archive(const Digest& digest) {
  const std::string path = PathOf(digest, kArchive);
  std::string bytes = TRY(Read(path));
  if (Digest::Of(bytes) == digest) return bytes;
  Remove(path, "its content is not what its name says");
  return Fail(NotFound(path + " was damaged"));
}

bool DiskCache::HasArchive(const Digest& digest) const {
  const std::string path = PathOf(digest, kArchive);
  if (::access(path.c_str(), R_OK) != 0) return false;
  Touch(path);
  return true;
}

Status DiskCache::PutArchive(const Digest& digest, std::string_view bytes) {
  TRY_WRAP(Write(PathOf(digest, kArchive), bytes), "put a chart into the cache");
  return {};
}

// A note begins with the digest of what follows.
Result<std::string> DiskCache::Note(const Digest& key) {
  const std::string path = PathOf(key, kNote);
  std::string text = TRY(Read(path));
  const std::size_t newline = text.find('\n');
  if (newline != std::string::npos) {
    std::string note = text.substr(newline + 1);
    if (text.substr(0, newline) == Digest::Of(note).Hex()) return note;
  }
  Remove(path, "it is damaged");
  return Fail(NotFound(path + " was damaged"));
}

Status DiskCache::PutNote(const Digest& key, std::string_view text) {
  TRY_WRAP(Write(PathOf(key, kNote), Digest::Of(text).Hex() + "\n" + std::string(text)),
           "put a note into the chart cache");
  return {};
}

Status DiskCache::Write(const std::string& path, std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  std::error_code error;
  fs::create_directories(folder_, error);
  const std::string temporary = path + "." + std::to_string(::getpid()) + ".tmp";
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return Fail(StorageError("open " + temporary));
  Status done = WriteAll(fd, bytes);
  if (done && ::fsync(fd) != 0) done = Fail(StorageError("sync"));
  ::close(fd);
  if (done && ::rename(temporary.c_str(), path.c_str()) != 0) done = Fail(StorageError("rename"));
  if (!done) {
    ::unlink(temporary.c_str());
    return Fail(std::move(done.error()).Wrap(path));
  }
  MakeRoom();
  return {};
}

void DiskCache::MakeRoom() {
  struct Kept {
    timespec used;
    std::uint64_t bytes;
    std::string path;
  };
  std::vector<Kept> files;
  std::uint64_t total = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    struct stat st{};
    if (::stat(entry.path().c_str(), &st) != 0 || !S_ISREG(st.st_mode)) continue;
    files.push_back({st.st_mtim, std::max(static_cast<std::uint64_t>(st.st_size), kLeastBytes),
                     entry.path().string()});
    total += files.back().bytes;
  }
  if (total <= max_bytes_) return;
  std::ranges::sort(
      files, {}, [](const Kept& file) { return std::pair(file.used.tv_sec, file.used.tv_nsec); });
  files.pop_back();  // what was just written stays
  for (const Kept& file : files) {
    if (total <= max_bytes_) return;
    fs::remove(file.path, error);
    total -= file.bytes;
  }
}

}  // namespace swell::charts
