#pragma once
// What kustomizations name on the network, for the commands that work without a server.

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/core/result.h"
#include "cli/commands/chart_fetch.h"
#include "reconciler/remotes/http_files.h"
#include "renderer/ambient/remotes.h"
#include "renderer/source/file_tree.h"

namespace swell::cli {

struct RemoteFetchOptions {
  Fetching fetching = Fetching::kNever;
  std::string flag;                // what allows it, for the error
  bool local_repositories = true;  // file:// may be read
  std::vector<std::string> repository_files;
};

// Repositories and files that are at hand for builds; those that are not on this disk only where
// fetching is allowed. Usage: build with remotes() over Mounted(tree); where that
// fails and FetchWanted() is true, again. One thread at a time.
class RemoteStore {
 public:
  explicit RemoteStore(RemoteFetchOptions options) : options_(std::move(options)) {}

  std::shared_ptr<const Remotes> remotes() const { return remotes_; }
  FileTreePtr Mounted(FileTreePtr base) const;
  // Makes at hand what builds have wanted since the last call; false: they wanted nothing.
  // kFailedPrecondition, naming the flag, where that would need the network and must not.
  Result<bool> FetchWanted();

 private:
  struct Found {
    std::string id;
    FileTreePtr tree;
  };
  Result<Found> Fetch(const RemoteName& name);
  Result<Found> Resolve(Source& source, const std::string& ref);
  Status FetchOne(const WantedRemote& wanted);

  const RemoteFetchOptions options_;
  std::shared_ptr<const Remotes> remotes_ = std::make_shared<Remotes>();
  std::map<std::string, FileTreePtr> mounts_;
  std::unique_ptr<remotes::HttpFiles> files_;
  std::unique_ptr<charts::Fetcher> charts_;
  std::vector<std::unique_ptr<Source>> sources_;  // trees may read from them
  int rounds_ = 0;
};

}  // namespace swell::cli
