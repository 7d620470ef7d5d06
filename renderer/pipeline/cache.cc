#include "renderer/pipeline/cache.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/value/json.h"
#include "renderer/helm/chart_cache.h"
#include "renderer/pipeline/manifest.h"
#include "renderer/pipeline/resolve.h"

namespace swell {
namespace {

constexpr std::size_t kMaxPrivateKeys = 100'000;

void AddAll(Hasher& hasher, const std::vector<std::string>& texts) {
  hasher.Add(static_cast<std::int64_t>(texts.size()));
  for (const std::string& text : texts) hasher.Add(text);
}

// Everything but the files, the cluster's version and API list. The application's name counts
// through the release name alone; the revision is provenance and does not count.
Digest ParameterKey(const RenderRequest& resolved, const RenderLimits& limits,
                    const std::string& engine_version) {
  Hasher hasher;
  hasher.Add("render").Add(engine_version).Add(resolved.ns).Add(resolved.path);
  hasher.Add(static_cast<std::int64_t>(resolved.type));
  const HelmParameters& helm = resolved.helm;
  hasher.Add(helm.release_name).Add(json::Write(helm.values));
  AddAll(hasher, helm.value_files);
  AddAll(hasher, helm.set);
  AddAll(hasher, helm.set_string);
  hasher.Add(helm.ignore_missing_value_files ? 1 : 0).Add(helm.skip_crds ? 1 : 0);
  hasher.Add(json::Write(resolved.kustomize));
  const DirectoryParameters& directory = resolved.directory;
  hasher.Add(directory.recurse ? 1 : 0).Add(directory.include).Add(directory.exclude);
  hasher.Add(static_cast<std::int64_t>(limits.max_objects));
  hasher.Add(static_cast<std::int64_t>(limits.max_bytes));
  hasher.Add(static_cast<std::int64_t>(limits.max_object_bytes));
  const helm::Limits& chart = limits.helm;
  for (const std::uint64_t limit :
       {chart.templates.max_steps, chart.templates.max_output_bytes,
        chart.templates.max_value_bytes, chart.templates.max_allocated_bytes,
        chart.schema.max_steps, std::uint64_t{chart.max_chart_bytes},
        std::uint64_t{chart.max_chart_files}, std::uint64_t{chart.max_charts}}) {
    hasher.Add(static_cast<std::int64_t>(limit));
  }
  const kustomize::Limits& build = limits.kustomize;
  for (const std::uint64_t limit :
       {build.max_steps, build.max_output_bytes, build.max_allocated_bytes, build.max_read_bytes,
        std::uint64_t{build.max_objects}, std::uint64_t{build.max_kustomizations},
        std::uint64_t{build.max_depth}}) {
    hasher.Add(static_cast<std::int64_t>(limit));
  }
  return hasher.Finish();
}

// Chance, the clock and lookups make a manifest that of one application and cluster.
Digest PrivateKey(const Digest& key, const RenderRequest& request) {
  return Hasher()
      .Add(key)
      .Add(request.application)
      .Add(request.cluster.name)
      .Add(request.stable ? 1 : 0)
      .Add(request.lookups ? 1 : 0)
      .Finish();
}

bool IsPrivate(const Manifest& manifest, const RenderRequest& request) {
  return manifest.nondeterministic || (request.lookups && !manifest.lookups.empty());
}

// Lookups by the digest of their answer: the objects themselves may be large, and secret.
using AnswerDigests = std::map<LookupKey, Digest>;

AnswerDigests DigestAnswers(const RenderRequest& request) {
  AnswerDigests out;
  if (!request.lookups) return out;
  for (const auto& [key, answer] : *request.lookups)
    out.emplace(key, Digest::Of(json::Write(answer)));
  return out;
}

AnswerDigests AnswersUsed(const Manifest& manifest, const AnswerDigests& answers) {
  AnswerDigests out;
  for (const auto& [key, asked_by] : manifest.lookups) {
    if (const auto it = answers.find(key); it != answers.end()) out.insert(*it);
  }
  return out;
}

Digest CapabilitiesKey(const ClusterFacts& cluster) {
  Hasher hasher;
  hasher.Add(cluster.kube_version);
  AddAll(hasher, cluster.api_versions);
  return hasher.Finish();
}

// An error that says something about the tree (and would be said again), not about the moment.
bool IsAboutContent(ErrorCode code) {
  return code == ErrorCode::kNotFound || code == ErrorCode::kPermissionDenied ||
         code == ErrorCode::kFailedPrecondition || code == ErrorCode::kInvalidArgument;
}

std::string Absence(ErrorCode code) { return "absent:" + std::string(ErrorCodeName(code)); }

Result<std::string> FileContent(const FileTree& tree, const std::string& path) {
  if (std::string id = tree.ContentId(path); !id.empty()) return "id:" + id;
  const auto text = tree.Read(path);
  if (text) return Digest::Of(*text).ToString();
  if (IsAboutContent(text.error().code())) return Absence(text.error().code());
  return std::unexpected(text.error());
}

Result<std::string> FolderContent(const FileTree& tree, const std::string& path) {
  const auto entries = tree.List(path);
  if (!entries) {
    if (IsAboutContent(entries.error().code())) return Absence(entries.error().code());
    return std::unexpected(entries.error());
  }
  Hasher hasher;
  for (const FileEntry& entry : *entries) {
    hasher.Add(entry.name).Add(static_cast<std::int64_t>(entry.kind));
  }
  return hasher.Finish().ToString();
}

}  // namespace

struct RenderCache::Entry {
  Digest key;           // parameters; with application and cluster where it is theirs alone
  bool any_cluster;     // capabilities do not count
  Digest capabilities;  // else these
  Digest reads;         // content of the read set
  std::size_t bytes;
  std::shared_ptr<const Manifest> manifest;
  bool looked_up;         // lookups were answered
  AnswerDigests answers;  // with these; what is asked and not here had no answer yet
  // The tree in which the read set was looked up last, and whether it had that content there: a
  // fleet asks about one tree a thousand times. Guarded by the cache's mutex_.
  mutable std::weak_ptr<const FileTree> looked_in;
  mutable bool found = false;
};

struct RenderCache::Asked {
  const RenderRequest& request;
  const FileTreePtr& tree;
  Timestamp now;
  Digest key;          // of what serves everybody
  Digest private_key;  // of what serves this application and cluster alone
  Digest capabilities;
  AnswerDigests answers;

  // Whether the entry's kept values and lookups are what the request would lead to.
  bool Agrees(const Entry& entry) const;
  bool Fits(const Entry& entry) const {
    return (entry.any_cluster || entry.capabilities == capabilities) && Agrees(entry);
  }
};

// A render under way, and who waits for it.
struct RenderCache::Flight {
  FileTreePtr tree;
  std::condition_variable landed;
  std::optional<Result<std::shared_ptr<const Manifest>>> result;  // guarded by mutex_
};

RenderCache::RenderCache(RenderCacheOptions options)
    : options_(std::move(options)),
      charts_(std::make_unique<helm::ChartCache>(options_.max_chart_bytes)) {}
RenderCache::~RenderCache() = default;

Result<Digest> DigestReads(const FileTree& tree, const ReadSet& reads) {
  Hasher hasher;
  for (const std::string& path : reads.files) {
    hasher.Add("file").Add(path).Add(TRY(FileContent(tree, path)));
  }
  for (const std::string& path : reads.directories) {
    hasher.Add("folder").Add(path).Add(TRY(FolderContent(tree, path)));
  }
  return hasher.Finish();
}

bool RenderCache::Asked::Agrees(const Entry& entry) const {
  const Manifest& manifest = *entry.manifest;
  if (request.stable && !Agree(manifest.stable_values, *request.stable, now)) return false;
  if (manifest.lookups.empty()) return true;
  if (entry.looked_up != (request.lookups != nullptr)) return false;
  if (!entry.looked_up) return true;
  return std::ranges::all_of(manifest.lookups, [&](const auto& asked) {
    const auto mine = answers.find(asked.first);
    const auto its = entry.answers.find(asked.first);
    if (mine == answers.end() || its == entry.answers.end()) {
      return mine == answers.end() && its == entry.answers.end();
    }
    return mine->second == its->second;
  });
}

std::shared_ptr<const Manifest> RenderCache::Find(const Asked& asked) {
  struct Candidate {
    std::shared_ptr<const Entry> entry;
    bool known;  // to be of the same content in this tree
  };
  std::vector<Candidate> candidates;
  {
    const std::lock_guard lock(mutex_);
    for (const Digest& key : {asked.key, asked.private_key}) {
      for (auto [it, end] = by_key_.equal_range(key); it != end; ++it) {
        const auto& entry = *it->second;
        const bool looked = entry->looked_in.lock() == asked.tree;
        if ((!looked || entry->found) && asked.Fits(*entry)) candidates.push_back({entry, looked});
      }
    }
  }
  for (const auto& [candidate, known] : candidates) {
    bool same = known;
    if (!known) {
      const auto reads = DigestReads(*asked.tree, candidate->manifest->reads);
      if (!reads) continue;
      same = *reads == candidate->reads;
    }
    const std::lock_guard lock(mutex_);
    candidate->looked_in = asked.tree;
    candidate->found = same;
    if (!same) continue;
    ++stats_.hits;
    for (auto [it, end] = by_key_.equal_range(candidate->key); it != end; ++it) {
      if (*it->second == candidate) entries_.splice(entries_.begin(), entries_, it->second);
    }
    return candidate->manifest;
  }
  return nullptr;
}

std::shared_ptr<const Manifest> RenderCache::Insert(const Asked& asked,
                                                    std::shared_ptr<const Entry> entry) {
  const std::lock_guard lock(mutex_);
  const bool is_private = entry->key == asked.private_key;
  if (is_private && private_keys_.size() < kMaxPrivateKeys) private_keys_.insert(asked.key);
  for (auto [it, end] = by_key_.equal_range(entry->key); it != end; ++it) {
    const Entry& other = **it->second;
    const bool same = other.reads == entry->reads && other.any_cluster == entry->any_cluster &&
                      other.capabilities == entry->capabilities && asked.Agrees(other);
    if (same) return other.manifest;
  }
  if (is_private) EvictSuperseded(*entry);
  if (entry->bytes > options_.max_bytes) return entry->manifest;
  stats_.bytes += entry->bytes;
  entries_.push_front(entry);
  by_key_.emplace(entry->key, entries_.begin());
  while (stats_.bytes > options_.max_bytes) Evict(std::prev(entries_.end()));
  return entry->manifest;
}

// Of one application and cluster the newest answers to the same lookups stand: a list of Pods is
// another at every look, and nobody asks for the earlier ones again.
void RenderCache::EvictSuperseded(const Entry& entry) {
  std::vector<Entries::iterator> superseded;
  for (auto [it, end] = by_key_.equal_range(entry.key); it != end; ++it) {
    const Entry& other = **it->second;
    const bool same_questions = std::ranges::equal(
        other.answers, entry.answers, {}, [](const auto& a) { return a.first; },
        [](const auto& a) { return a.first; });
    if (!entry.answers.empty() && same_questions && other.reads == entry.reads &&
        other.capabilities == entry.capabilities) {
      superseded.push_back(it->second);
    }
  }
  for (const Entries::iterator& old : superseded) Evict(old);
}

void RenderCache::Evict(Entries::iterator entry) {
  for (auto [it, end] = by_key_.equal_range((*entry)->key); it != end; ++it) {
    if (it->second != entry) continue;
    by_key_.erase(it);
    break;
  }
  stats_.bytes -= (*entry)->bytes;
  ++stats_.evictions;
  entries_.erase(entry);
}

Result<std::shared_ptr<const Manifest>> RenderCache::RenderOnce(const Asked& asked,
                                                                const FileTreePtr& tree,
                                                                const RenderLimits& limits) {
  // Another thread may have landed between the first look and this one's turn.
  if (auto found = Find(asked)) return found;
  {
    const std::lock_guard lock(mutex_);
    ++stats_.renders;
  }
  const RenderRequest& request = asked.request;
  auto manifest =
      std::make_shared<const Manifest>(TRY(swell::Render(tree, request, limits, charts_.get())));
  auto entry = std::make_shared<Entry>();
  entry->looked_up = request.lookups != nullptr;
  entry->key = IsPrivate(*manifest, request) ? asked.private_key : asked.key;
  entry->any_cluster = !manifest->used_capabilities;
  entry->capabilities = asked.capabilities;
  entry->bytes = ManifestBytes(*manifest);
  entry->manifest = manifest;
  if (request.lookups) entry->answers = AnswersUsed(*manifest, asked.answers);
  // A tree that cannot be read any more makes no entry; the render itself stands.
  auto reads = DigestReads(*tree, manifest->reads);
  if (!reads) return manifest;
  entry->reads = *reads;
  entry->looked_in = tree;
  entry->found = true;
  return Insert(asked, std::move(entry));
}

Result<std::shared_ptr<const Manifest>> RenderCache::Render(FileTreePtr tree,
                                                            const RenderRequest& request,
                                                            const RenderLimits& limits) {
  const RenderRequest resolved = TRY(ResolveRequest(request));
  const Digest key = ParameterKey(resolved, limits, options_.engine_version);
  const Asked asked{.request = request,
                    .tree = tree,
                    .now = request.now == Timestamp{} ? SystemClock().Now() : request.now,
                    .key = key,
                    .private_key = PrivateKey(key, request),
                    .capabilities = CapabilitiesKey(request.cluster),
                    .answers = DigestAnswers(request)};
  if (auto found = Find(asked)) return found;

  const auto flight = std::make_shared<Flight>();
  flight->tree = tree;
  std::unique_lock lock(mutex_);
  // Nobody waits for a render that will be another cluster's alone.
  const Digest flight_key = Hasher()
                                .Add(private_keys_.contains(key) ? asked.private_key : key)
                                .Add(asked.capabilities)
                                .Finish();
  const auto found = flights_.find(flight_key);
  if (found != flights_.end() && found->second->tree == tree) {
    const auto ahead = found->second;
    ahead->landed.wait(lock, [&] { return ahead->result.has_value(); });
    // An error may name its own cluster, and random values or lookups may be another's: then
    // this request looks again, and gets its own.
    const bool shared = *ahead->result && !(**ahead->result)->nondeterministic &&
                        (**ahead->result)->lookups.empty();
    if (shared) {
      ++stats_.shared;
      return *ahead->result;
    }
  } else {
    flights_.emplace(flight_key, flight);  // beside another tree's flight this one stays alone
  }
  lock.unlock();
  auto result = RenderOnce(asked, tree, limits);
  lock.lock();
  flight->result = result;
  flight->landed.notify_all();
  const auto it = flights_.find(flight_key);
  if (it != flights_.end() && it->second == flight) flights_.erase(it);
  return result;
}

RenderCacheStats RenderCache::Stats() const {
  const std::lock_guard lock(mutex_);
  RenderCacheStats stats = stats_;
  stats.entries = entries_.size();
  return stats;
}

}  // namespace swell
