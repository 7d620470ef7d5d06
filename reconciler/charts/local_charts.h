#pragma once
// Charts that lie in the tree itself: in charts/, or in a folder that file:// names.

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "base/core/result.h"
#include "renderer/helm/chart.h"
#include "renderer/source/file_tree.h"

namespace swell::charts {

// Which charts a chart's charts/ holds, by the names that they give themselves. Remembers what
// an archive is called by its content id. Thread-safe.
class HeldCharts {
 public:
  // Of `names` those that charts/ below `folder` does not hold. What cannot be read there counts
  // as not held: the render says what is wrong with it.
  Result<std::set<std::string>> Missing(const FileTree& tree, const std::string& folder,
                                        std::set<std::string> names);

 private:
  Result<std::string> NameOf(const FileTree& tree, const std::string& path, const FileEntry& entry);

  std::mutex mutex_;
  std::map<std::string, std::string> names_;  // content id -> name; guarded by mutex_
};

struct LocalArchive {
  std::string version;  // of the chart
  std::string bytes;    // a tar file
};

// The chart that `dependency.repository`, file://PATH, names from the chart in `folder`, packed as
// helm packs it: without what its .helmignore names. kPermissionDenied for a path that leaves the
// tree, kFailedPrecondition where the chart's version does not satisfy the dependency's.
Result<LocalArchive> PackLocalChart(const FileTree& tree, const std::string& folder,
                                    const helm::Dependency& dependency);

}  // namespace swell::charts
