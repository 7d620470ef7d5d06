#pragma once
// What was fetched, on disk: archives by their SHA-256, and notes about what was resolved.

#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "base/core/digest.h"
#include "base/core/result.h"

namespace swell::charts {

// Every read is verified; what is damaged counts as absent and is removed. When the files
// together go beyond the limit, those used longest ago go. Written atomically, mode 0600.
// Thread-safe; several processes may share a folder.
class DiskCache {
 public:
  // Told when a damaged file is removed, on the thread that found it.
  using OnDamage = std::function<void(const std::string& file, std::string_view why)>;

  // No I/O yet; the folder is made by the first write.
  DiskCache(std::string folder, std::uint64_t max_bytes, OnDamage on_damage = {})
      : folder_(std::move(folder)), max_bytes_(max_bytes), on_damage_(std::move(on_damage)) {}

  // kNotFound where it is not there (any more), kUnavailable where it cannot be read now.
  Result<std::string> Archive(const Digest& digest);
  // Counts as a use: who asks relies on it from here on.
  bool HasArchive(const Digest& digest) const;
  // Requires that `digest` is that of `bytes`. kUnavailable, kResourceExhausted (disk full).
  Status PutArchive(const Digest& digest, std::string_view bytes);

  // Small texts under keys that say what they answer. Errors as Archive.
  Result<std::string> Note(const Digest& key);
  Status PutNote(const Digest& key, std::string_view text);

 private:
  std::string PathOf(const Digest& key, std::string_view suffix) const;
  Result<std::string> Read(const std::string& path) const;
  Status Write(const std::string& path, std::string_view bytes);
  void Remove(const std::string& path, std::string_view why) const;
  void MakeRoom();

  const std::string folder_;
  const std::uint64_t max_bytes_;
  const OnDamage on_damage_;
  std::mutex mutex_;  // one writer at a time
};

}  // namespace swell::charts
