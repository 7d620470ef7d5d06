#pragma once
// Indexes of chart repositories, asked for anew but transferred only when they changed.

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/core/digest.h"
#include "base/fetch/client.h"
#include "reconciler/charts/access.h"
#include "reconciler/charts/index.h"

namespace swell::charts {

struct IndexLimits {
  std::uint64_t max_bytes = 100u << 20;
  // How long an index that was just looked at, or could not be, serves others: the charts of one
  // repository are polled at the same tick.
  Duration reuse = std::chrono::seconds(1);
};

// Thread-safe; who asks for an index that is on its way waits for it, until the own deadline.
class IndexCache {
 public:
  IndexCache(fetch::HttpClient& http, IndexLimits limits) : http_(http), limits_(limits) {}

  // The index as the repository has it now. With an ETag or Last-Modified of the last one, so
  // that an unchanged index costs one empty answer. kDeadlineExceeded, also where another asks.
  Result<std::shared_ptr<const Index>> Get(const std::string& repository, const Access& access,
                                           Deadline deadline);

 private:
  struct Entry {
    std::timed_mutex mutex;  // guards everything below; held while asking
    std::shared_ptr<const Index> index;
    Status last;  // how the last look went
    std::string etag;
    std::string last_modified;
    std::chrono::steady_clock::time_point checked;
  };
  std::shared_ptr<Entry> Find(const Digest& key);
  Status Refresh(Entry& entry, const std::string& repository, const Access& access,
                 Deadline deadline);

  fetch::HttpClient& http_;
  const IndexLimits limits_;
  std::mutex mutex_;
  std::map<Digest, std::shared_ptr<Entry>> entries_;  // guarded by mutex_
};

// "https://host/charts" and "index.yaml", or a chart's URL as the index has it: absolute, or
// relative to the repository, whose query it keeps, as helm does.
Result<std::string> ResolveInRepository(const std::string& repository,
                                        const std::string& reference);

}  // namespace swell::charts
