#pragma once
// RenderCache: the same files and parameters are rendered once, however many commits and
// clusters ask.

#include <condition_variable>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "base/core/digest.h"
#include "base/core/result.h"
#include "renderer/pipeline/render.h"

namespace swell {

struct RenderCacheOptions {
  std::size_t max_bytes = 256u << 20;        // of manifests held; the least recently used go first
  std::size_t max_chart_bytes = 128u << 20;  // of charts held, with their parsed templates
  std::string engine_version = "1";          // part of every key: change it when rendering changes
};

// Counters since the cache was made, and its present size.
struct RenderCacheStats {
  std::uint64_t renders = 0;  // Render was really called
  std::uint64_t hits = 0;     // answered from the cache
  std::uint64_t shared = 0;   // waited for the same render in another thread
  std::uint64_t evictions = 0;
  std::size_t entries = 0;
  std::size_t bytes = 0;
};

// An entry answers a request where
//  - the parameters are the same once {{ .cluster… }} is replaced, so clusters that differ in
//    facts nobody asked for share it; version and API list count only if the chart read them;
//  - every path of the entry's read set has the same content in the asked tree (or is absent
//    in both), so commits that touch none of them do not render again;
//  - limits and engine version are the same.
// What drew random values or times serves its own application and cluster alone, and only while
// the request knows nothing else for their call sites and none of them is due; what looked
// something up likewise, while the request has the same answers. So two plans of one revision
// agree on a new password before it is recorded anywhere.
// Errors are not kept. Thread-safe; a request for what another thread is rendering from the
// same tree waits for it.
class RenderCache {
 public:
  explicit RenderCache(RenderCacheOptions options = {});
  ~RenderCache();
  RenderCache(const RenderCache&) = delete;
  RenderCache& operator=(const RenderCache&) = delete;

  // Errors as swell::Render.
  Result<std::shared_ptr<const Manifest>> Render(FileTreePtr tree, const RenderRequest& request,
                                                 const RenderLimits& limits = {});
  RenderCacheStats Stats() const;

 private:
  struct Entry;
  struct Flight;
  using Entries = std::list<std::shared_ptr<const Entry>>;  // most recently used first

  struct Asked;  // a request and its keys

  std::shared_ptr<const Manifest> Find(const Asked& asked);
  // The manifest that stands for the entry from now on: another thread's, where that one came
  // first and its random values must not differ from these.
  std::shared_ptr<const Manifest> Insert(const Asked& asked, std::shared_ptr<const Entry> entry);
  void EvictSuperseded(const Entry& entry);
  void Evict(Entries::iterator entry);
  Result<std::shared_ptr<const Manifest>> RenderOnce(const Asked& asked, const FileTreePtr& tree,
                                                     const RenderLimits& limits);

  const RenderCacheOptions options_;
  const std::unique_ptr<helm::ChartCache> charts_;  // has its own lock
  mutable std::mutex mutex_;
  // All below is guarded by mutex_.
  Entries entries_;
  std::multimap<Digest, Entries::iterator> by_key_;
  std::map<Digest, std::shared_ptr<Flight>> flights_;
  std::set<Digest> private_keys_;  // of which a render was its own cluster's alone
  RenderCacheStats stats_;
};

// The digest over the content of everything in the read set, as it is in `tree`: for a file its
// content id (or its bytes where the store knows none), for a folder its entries' names and
// kinds. Absence is content, too. Errors: what could not be found out (kUnavailable and such).
Result<Digest> DigestReads(const FileTree& tree, const ReadSet& reads);

}  // namespace swell
