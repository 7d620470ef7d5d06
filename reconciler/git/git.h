#pragma once
// Git repositories through libgit2: refs resolved, commits fetched, files read from the object
// database. No checkout, no git program.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "base/core/secret.h"
#include "reconciler/domain/application.h"
#include "reconciler/domain/revision.h"
#include "renderer/source/file_tree.h"

namespace swell::git {

struct Limits {
  Duration timeout = std::chrono::seconds(60);  // of one fetch or ref listing
  std::uint64_t max_file_bytes = 32u << 20;     // of one file read
};

// A local mirror of one remote repository, one bare folder under the cache.
// Threads: one thread at a time may call Resolve; trees it returned may be read from any thread.
class Mirror {
 public:
  virtual ~Mirror() = default;

  // Resolves every ref with one connection to the remote and fetches, in one fetch, the commits
  // that are missing. A branch, a tag (annotated tags are peeled), a full commit id, or "" (the
  // remote's HEAD). One result per ref, in order: kNotFound for a ref that the remote does not
  // have; kUnavailable where the remote cannot be reached (then for all). Never another revision
  // than the one the remote named in this very call; a full commit id that is present already
  // needs no connection.
  virtual std::vector<Result<Revision>> Resolve(const std::vector<std::string>& refs) = 0;

  // A read-only view of a commit that Resolve returned (now or before a restart).
  virtual Result<FileTreePtr> Tree(const std::string& commit) = 0;
};

// Opens or creates the mirror of `url` in a folder of its own below `cache_folder`.
// `credentials` may be null. Allowed: file://, https:// and http:// (basic auth), ssh:// and
// scp-like URLs (key file; host key checked against known_hosts, unknown hosts are refused).
Result<std::unique_ptr<Mirror>> OpenMirror(const std::string& cache_folder, const std::string& url,
                                           std::shared_ptr<const Repository> credentials,
                                           const Limits& limits = {});

// The repository resource whose URL is the longest prefix of `url`, or null.
const Repository* CredentialsFor(const std::vector<Repository>& repositories,
                                 const std::string& url);

}  // namespace swell::git
