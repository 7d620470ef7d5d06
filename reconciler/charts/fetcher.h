#pragma once
// The fetcher: charts from chart repositories and registries into the cache.

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/core/clock.h"
#include "base/core/digest.h"
#include "base/core/result.h"
#include "base/fetch/client.h"
#include "reconciler/charts/access.h"
#include "reconciler/charts/cache.h"
#include "reconciler/charts/index_cache.h"
#include "reconciler/charts/registry.h"
#include "reconciler/domain/application.h"

namespace swell::charts {

struct Limits {
  Duration timeout = std::chrono::seconds(60);   // of resolving and fetching what one job needs
  std::uint64_t max_archive_bytes = 100u << 20;  // packed
  std::uint64_t max_cache_bytes = 4ull << 30;    // of everything that is kept on disk
  IndexLimits index;
  fetch::HttpOptions http;
};

struct ChartReference {
  std::string repository;  // https://…, http://… or oci://…
  std::string chart;       // may be "" where an oci:// URL ends with it
  // A version, a constraint ("^1.2"), "" for the newest stable one; of a registry also
  // "sha256:…" and "1.2.3@sha256:…", the manifest's digest.
  std::string version;
};

// A chart that is in the cache.
struct FetchedChart {
  std::string name;
  std::string version;
  Digest digest;      // of its archive
  Timestamp created;  // epoch: unknown
};

// Thread-safe. Blocks its caller until the deadline at the latest.
class Fetcher {
 public:
  // Makes no I/O. `on_damage` is told of cached files that are damaged.
  explicit Fetcher(std::string cache_folder, const Limits& limits = {},
                   DiskCache::OnDamage on_damage = {});

  // Credentials and trust by URL prefix, from now on.
  void SetRepositories(std::vector<Repository> repositories);

  // Which chart is meant now, by asking, and its archive into the cache where it is not there
  // yet. Only archives that can be unpacked, hold the chart and match every digest that the
  // repository or registry names come into the cache. kNotFound, kUnavailable, kUnauthenticated,
  // kDataLoss (a wrong digest), kResourceExhausted (budgets), kInvalidArgument.
  Result<FetchedChart> Fetch(const ChartReference& reference, Deadline deadline);

  // A chart by its archive's digest; kNotFound where the cache does not hold it (any more),
  // kInvalidArgument where the archive holds another chart.
  Result<FetchedChart> FromCache(const Digest& archive, const std::string& chart);

  // Ends what is being fetched: kUnavailable, and so is everything later.
  void Stop() { http_.Stop(); }

  DiskCache& cache() { return cache_; }
  const Limits& limits() const { return limits_; }

 private:
  // What an archive without a digest in the index was when it was fetched last.
  struct Validators {
    std::string etag;
    std::string last_modified;
    Digest archive;
  };
  // Who we are at `url`; where no Repository is for it, as whoever we are at `home` if that is
  // the same origin, for archives beside the index.
  Result<Access> AccessTo(const std::string& url, const std::string& home = {}) const;
  Result<FetchedChart> FetchFromIndex(const ChartReference& reference, Deadline deadline);
  Result<FetchedChart> FetchFromRegistry(const ChartReference& reference, Deadline deadline);
  Result<FetchedChart> FetchPinned(OciRepository& repository, const OciName& name,
                                   const std::string& digest, Deadline deadline);
  Result<Digest> FetchArchive(const std::string& url, const std::string& repository,
                              const std::string& chart, const Digest& expected, Deadline deadline);
  Result<Digest> Download(const std::string& url, const Access& access, const std::string& chart,
                          const Digest& expected, Deadline deadline);
  Status FetchBlob(OciRepository& repository, const OciManifest& manifest, const std::string& chart,
                   Deadline deadline);
  Status Keep(const Digest& digest, std::string_view bytes, const std::string& name,
              const std::string& chart);
  Validators ValidatorsOf(const std::string& url, const std::string& chart);
  // Whether the cache holds the archive. What brought it there may have been another chart:
  // kInvalidArgument where it does not hold the one that is asked for.
  Result<bool> CheckHeld(const Digest& archive, const std::string& chart);
  void Remember(const Digest& archive, const std::string& name);

  const Limits limits_;
  fetch::HttpClient http_;
  RegistryClient registries_;
  IndexCache indexes_;
  DiskCache cache_;
  mutable std::mutex mutex_;
  // Guarded by mutex_:
  std::vector<Repository> repositories_;
  std::map<std::string, Validators> validators_;  // by URL
  std::map<Digest, std::string> names_;           // of the charts in archives that were read
};

}  // namespace swell::charts
