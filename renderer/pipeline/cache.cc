#include "renderer/pipeline/cache.h"

#include <utility>
#include <vector>

#include "base/value/json.h"
#include "renderer/pipeline/manifest.h"
#include "renderer/pipeline/resolve.h"

namespace swell {
namespace {

void AddAll(Hasher& hasher, const std::vector<std::string>& texts) {
  hasher.Add(static_cast<std::int64_t>(texts.size()));
  for (const std::string& text : texts) hasher.Add(text);
}

void AddAll(Hasher& hasher, const std::map<std::string, std::string>& pairs) {
  hasher.Add(static_cast<std::int64_t>(pairs.size()));
  for (const auto& [key, value] : pairs) hasher.Add(key).Add(value);
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
  const KustomizeParameters& kustomize = resolved.kustomize;
  AddAll(hasher, kustomize.images);
  hasher.Add(kustomize.name_prefix).Add(kustomize.name_suffix);
  AddAll(hasher, kustomize.common_labels);
  AddAll(hasher, kustomize.common_annotations);
  const DirectoryParameters& directory = resolved.directory;
  hasher.Add(directory.recurse ? 1 : 0).Add(directory.include).Add(directory.exclude);
  hasher.Add(static_cast<std::int64_t>(limits.max_objects));
  hasher.Add(static_cast<std::int64_t>(limits.max_bytes));
  hasher.Add(static_cast<std::int64_t>(limits.max_object_bytes));
  return hasher.Finish();
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
  Digest key;           // parameters
  bool any_cluster;     // capabilities do not count
  Digest capabilities;  // else these
  Digest reads;         // content of the read set
  std::size_t bytes;
  std::shared_ptr<const Manifest> manifest;
};

// A render under way, and who waits for it.
struct RenderCache::Flight {
  FileTreePtr tree;
  std::condition_variable landed;
  std::optional<Result<std::shared_ptr<const Manifest>>> result;  // guarded by mutex_
};

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

std::shared_ptr<const Manifest> RenderCache::Find(const Digest& key, const Digest& capabilities,
                                                  const FileTree& tree) {
  std::vector<std::shared_ptr<const Entry>> candidates;
  {
    const std::lock_guard lock(mutex_);
    for (auto [it, end] = by_key_.equal_range(key); it != end; ++it) {
      const Entry& entry = **it->second;
      if (entry.any_cluster || entry.capabilities == capabilities) {
        candidates.push_back(*it->second);
      }
    }
  }
  for (const auto& candidate : candidates) {
    const auto reads = DigestReads(tree, candidate->manifest->reads);
    if (!reads || *reads != candidate->reads) continue;
    const std::lock_guard lock(mutex_);
    ++stats_.hits;
    for (auto [it, end] = by_key_.equal_range(key); it != end; ++it) {
      if (*it->second == candidate) entries_.splice(entries_.begin(), entries_, it->second);
    }
    return candidate->manifest;
  }
  return nullptr;
}

void RenderCache::Insert(std::shared_ptr<const Entry> entry) {
  const std::lock_guard lock(mutex_);
  if (entry->bytes > options_.max_bytes) return;
  for (auto [it, end] = by_key_.equal_range(entry->key); it != end; ++it) {
    const Entry& other = **it->second;
    const bool same = other.reads == entry->reads && other.any_cluster == entry->any_cluster &&
                      other.capabilities == entry->capabilities;
    if (same) return;
  }
  stats_.bytes += entry->bytes;
  entries_.push_front(entry);
  by_key_.emplace(entry->key, entries_.begin());
  while (stats_.bytes > options_.max_bytes) {
    const auto last = std::prev(entries_.end());
    for (auto [it, end] = by_key_.equal_range((*last)->key); it != end; ++it) {
      if (it->second != last) continue;
      by_key_.erase(it);
      break;
    }
    stats_.bytes -= (*last)->bytes;
    ++stats_.evictions;
    entries_.erase(last);
  }
}

Result<std::shared_ptr<const Manifest>> RenderCache::RenderOnce(const FileTreePtr& tree,
                                                                const RenderRequest& request,
                                                                const RenderLimits& limits,
                                                                const Digest& key,
                                                                const Digest& capabilities) {
  // Another thread may have landed between the first look and this one's turn.
  if (auto found = Find(key, capabilities, *tree)) return found;
  {
    const std::lock_guard lock(mutex_);
    ++stats_.renders;
  }
  auto manifest = std::make_shared<const Manifest>(TRY(swell::Render(tree, request, limits)));
  auto entry = std::make_shared<Entry>();
  entry->key = key;
  entry->any_cluster = !manifest->used_capabilities;
  entry->capabilities = capabilities;
  entry->bytes = ManifestBytes(*manifest);
  entry->manifest = manifest;
  // A tree that cannot be read any more makes no entry; the render itself stands.
  if (auto reads = DigestReads(*tree, manifest->reads)) {
    entry->reads = *reads;
    Insert(std::move(entry));
  }
  return manifest;
}

Result<std::shared_ptr<const Manifest>> RenderCache::Render(FileTreePtr tree,
                                                            const RenderRequest& request,
                                                            const RenderLimits& limits) {
  const RenderRequest resolved = TRY(ResolveRequest(request));
  const Digest key = ParameterKey(resolved, limits, options_.engine_version);
  const Digest capabilities = CapabilitiesKey(request.cluster);
  if (auto found = Find(key, capabilities, *tree)) return found;

  const Digest flight_key = Hasher().Add(key).Add(capabilities).Finish();
  const auto flight = std::make_shared<Flight>();
  flight->tree = tree;
  {
    std::unique_lock lock(mutex_);
    const auto it = flights_.find(flight_key);
    if (it != flights_.end() && it->second->tree == tree) {
      const auto ahead = it->second;
      ahead->landed.wait(lock, [&] { return ahead->result.has_value(); });
      if (*ahead->result) {
        ++stats_.shared;
        return *ahead->result;
      }
      // Its error may name its own cluster: this request gets its own.
    } else {
      flights_.emplace(flight_key, flight);  // beside another tree's flight this one stays alone
    }
  }
  auto result = RenderOnce(tree, request, limits, key, capabilities);
  const std::lock_guard lock(mutex_);
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
