#pragma once
// Charts for the commands that work without a server. Nothing is fetched unless it is asked for.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "reconciler/charts/fetcher.h"
#include "renderer/source/file_tree.h"

namespace swell::cli {

enum class Fetching { kNever, kAllowed };

struct ChartFetchOptions {
  Fetching fetching = Fetching::kNever;
  std::vector<std::string> repository_files;  // YAML with Repository resources: credentials, trust
};

// The user's folder for what was fetched: $XDG_CACHE_HOME/swell/WHAT or ~/.cache/swell/WHAT.
// kFailedPrecondition where neither variable is set.
Result<std::string> CacheFolder(std::string_view what);

// The Repository resources of files; each must hold one.
Result<std::vector<Repository>> ReadRepositories(const std::vector<std::string>& files);

// A fetcher over the user's cache folder of charts. Errors of both above.
Result<std::unique_ptr<charts::Fetcher>> OpenFetcher(
    const std::vector<std::string>& repository_files);

struct CompletedChart {
  // Keeps what the tree reads from; null where nothing was laid over it.
  std::shared_ptr<charts::Fetcher> fetcher;
  FileTreePtr tree;
  std::vector<std::string> warnings;
};

// The tree with the dependencies of the chart in `folder`: those in the same repository, those
// that were fetched before, and, where fetching is allowed, all others. kFailedPrecondition,
// naming them, where some would have to be fetched and must not be.
Result<CompletedChart> CompleteChart(FileTreePtr tree, const std::string& folder,
                                     const ChartFetchOptions& options);

}  // namespace swell::cli
