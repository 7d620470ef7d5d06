#pragma once
// What a kustomization names on the network (Git repositories, files over https, charts), answered
// from what was fetched before: a render asks nobody. What is not at hand is noted, so that whoever
// renders can fetch it and render again.

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"

namespace swell {

struct RemoteName {
  enum class Kind : std::uint8_t { kGit, kFile, kChart };
  Kind kind = Kind::kGit;
  std::string url;  // what is cloned; of a file all of its URL; of a chart its repository, or
                    // oci:// with the chart's own name at the end
  std::string ref;  // branch, tag or commit, "" is the remote's HEAD; "" of files; of a chart a
                    // version or constraint, "" is the newest
  std::string chart = {};  // its name in a chart repository
  // "https://example.com/bases.git at v1", for messages; without credentials, and without the
  // query of a file's URL, which may hold a signature.
  std::string ToString() const;
  friend auto operator<=>(const RemoteName&, const RemoteName&) = default;
};

// A URL for messages: what stands before the host of an http URL may be a password.
std::string WithoutCredentials(std::string_view url);

// What each remote is: a commit, or the SHA-256 of a file's content or a chart's archive, in hex.
using RemotePins = std::map<RemoteName, std::string>;

// As the ledger keeps them; inverse pair. kDataLoss.
Value ToValue(const RemotePins& pins);
Result<RemotePins> RemotePinsFromValue(const Value& value);

// The folder of a render's tree that holds a remote's files (MountTree). It depends on the name
// alone: what a render read there says all of what it took from the network.
std::string RemoteFolder(const RemoteName& name);
// The one file in the folder of a file.
inline constexpr char kRemoteFile[] = "content";

// A remote that is not at hand. Where the URL alone does not tell a file from a repository both
// are given; the file is tried first, as kustomize does.
struct WantedRemote {
  std::optional<RemoteName> file;
  std::optional<RemoteName> git;
  std::optional<RemoteName> chart = {};  // then it is nothing else
  std::string written;                   // as the kustomization has it
  std::string named_by;                  // the kustomization file, for messages
};

// Collects what renders found missing. Thread-safe.
class RemoteRequests {
 public:
  static constexpr std::size_t kMaxWanted = 1'000;  // of one round; more are left for the next

  // Kept once each, whoever names it.
  void Note(WantedRemote wanted);
  // How often something was noted.
  std::size_t noted() const;
  // What was noted since the last call.
  std::vector<WantedRemote> Take();

 private:
  mutable std::mutex mutex_;
  // Guarded by mutex_:
  std::vector<WantedRemote> wanted_;
  std::size_t noted_ = 0;
};

// What a render may use.
struct Remotes {
  RemotePins pins;  // at hand: each is mounted at its RemoteFolder
  std::shared_ptr<RemoteRequests> wanted = std::make_shared<RemoteRequests>();
};

}  // namespace swell
