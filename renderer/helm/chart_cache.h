#pragma once
// Charts as they lie in their files, kept for the next render: a fleet renders one chart with many
// values, and loading and parsing it is most of the work.

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/core/result.h"
#include "renderer/helm/chart.h"
#include "renderer/helm/limits.h"
#include "renderer/helm/template_cache.h"
#include "renderer/source/trees.h"

namespace swell::helm {

// Not changed once loaded; renders work on copies of the chart. Shared between threads.
struct LoadedChart {
  std::shared_ptr<const Chart> chart;
  ReadSet reads;          // what loading looked at, relative to the chart's folder
  std::size_t bytes = 0;  // roughly what it occupies, parsed templates included
  std::unique_ptr<TemplateCache> templates;
};
using LoadedChartPtr = std::shared_ptr<const LoadedChart>;

// Thread-safe. Two threads that miss the same chart at once both load it.
class ChartCache {
 public:
  // `max_bytes` bounds what is held; the least recently used go first.
  explicit ChartCache(std::size_t max_bytes = 128u << 20) : max_bytes_(max_bytes) {}

  // The chart in `folder` of the tree. Kept by the folder's content id, so it is found again in
  // other commits and other repositories; a folder without one (on disk, or with symlinks) is
  // loaded anew each time. Errors as LoadChart; they are not kept.
  Result<LoadedChartPtr> Load(const FileTreePtr& tree, const std::string& folder,
                              const Limits& limits);

 private:
  using Entries = std::list<std::pair<std::string, LoadedChartPtr>>;  // most recently used first

  LoadedChartPtr Find(const std::string& key);
  void Insert(const std::string& key, LoadedChartPtr chart);

  const std::size_t max_bytes_;
  std::mutex mutex_;
  // All below is guarded by mutex_.
  Entries entries_;
  std::map<std::string, Entries::iterator, std::less<>> by_key_;
  std::size_t bytes_ = 0;
};

// Loads without a cache.
Result<LoadedChartPtr> Load(const FileTreePtr& tree, const std::string& folder,
                            const Limits& limits);

}  // namespace swell::helm
