#pragma once
// Dependencies of charts in a tree: what Chart.yaml declares and charts/ does not hold, laid over
// the tree as if `helm dependency build` had put it there. A step before the render, which sees
// one more FileTree and no network.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "reconciler/charts/fetcher.h"
#include "reconciler/charts/local_charts.h"
#include "renderer/helm/lock.h"
#include "renderer/source/trees.h"

namespace swell::charts {

struct Completed {
  FileTreePtr tree;  // the same where nothing was missing; null where something still is
  std::vector<std::string> warnings;
  std::vector<std::string> missing;  // "one 1.2.0 from https://…", what would have to be fetched
};

// What was resolved once stays so while Chart.yaml and Chart.lock say the same and the cache
// holds the note of it: a render is repeated with the same charts, and asks nobody. An archive that
// the cache holds no more is fetched again, by the noted version and digest. Thread-safe.
class Dependencies {
 public:
  // `fetcher` must outlive it.
  explicit Dependencies(Fetcher& fetcher) : fetcher_(fetcher) {}

  // The tree with the dependencies of the charts in `folders`, or what is missing; folders
  // without a chart are left alone. Asks nobody.
  Result<Completed> FromCache(FileTreePtr tree, const std::set<std::string>& folders);

  // The same, fetching what is not in the cache. Errors as Fetcher::Fetch; kFailedPrecondition
  // where Chart.lock does not belong to Chart.yaml; kDataLoss where a version that was resolved
  // before has another content now; kUnavailable where the cache cannot be read.
  Result<Completed> Complete(FileTreePtr tree, const std::set<std::string>& folders,
                             Deadline deadline);

 private:
  enum class Network { kNone, kAllowed };
  struct Resolved {
    std::string version;
    Digest archive;
    std::uint64_t size = 0;
  };
  struct Job {
    const FileTree& tree;
    Network network;
    Deadline deadline;
    std::map<std::string, OverlayFile> files;
    std::vector<std::string> warnings;
    std::vector<std::string> missing;
  };
  Result<Completed> Run(FileTreePtr tree, const std::set<std::string>& folders, Network network,
                        Deadline deadline);
  Status AddChart(const std::string& folder, Job& job);
  Status AddOne(const std::string& folder, const helm::Dependency& dependency, const Digest& key,
                Job& job);
  Result<std::optional<Resolved>> Recall(const Digest& key);
  Result<Resolved> FetchAgain(const helm::Dependency& dependency, const Resolved& noted,
                              Deadline deadline);
  Result<Resolved> Fetch(const helm::Dependency& dependency, const Digest& key, Deadline deadline);

  Fetcher& fetcher_;
  HeldCharts held_;
};

}  // namespace swell::charts
