#pragma once
// Discovery: which kinds a cluster serves, where, and its version.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/digest.h"
#include "reconciler/kube/client.h"
#include "renderer/object/object.h"

namespace swell::kube {

// One kind in one version.
struct ApiResource {
  std::string group;
  std::string version;
  std::string kind;
  std::string resource;  // plural, as in paths
  bool namespaced = false;
  std::vector<std::string> verbs;         // sorted
  std::vector<std::string> subresources;  // sorted: "scale", "status"
  GroupKind group_kind() const { return {group, kind}; }
  GroupVersionKind gvk() const { return {group, version, kind}; }
  std::string api_version() const { return group.empty() ? version : group + "/" + version; }
  bool Can(std::string_view verb) const;
  // The address of an object; `ns` is ignored for cluster-scoped kinds.
  ResourceRef Ref(std::string ns, std::string name) const;
  friend bool operator==(const ApiResource&, const ApiResource&) = default;
};

// What /version says, read tolerantly: builds report "v0.0.0-master+…" and empty numbers.
struct ServerVersion {
  std::string git_version;  // as served
  int major = 0;            // 0: unknown
  int minor = 0;
  // As served ("v1.36.2+k3s1") where that is a version; "v1.36.0" where only the numbers are
  // known; "" where nothing is.
  std::string Normalized() const;
  friend bool operator==(const ServerVersion&, const ServerVersion&) = default;
};
ServerVersion ParseServerVersion(const Value& version);

// A snapshot of what is served. Immutable; shared by pointer.
class ApiResources {
 public:
  // Groups that could not be read (an aggregated API that is down) with the reason: a kind
  // of such a group that is not found may well exist (absence is not evidence).
  struct Failure {
    std::string group_version;  // "metrics.k8s.io/v1beta1", or a group alone
    std::string message;
  };

  // `resources`: per group the preferred version first. Used by the discoverer and tests.
  ApiResources(std::vector<ApiResource> resources, ServerVersion version,
               std::vector<Failure> failures = {});

  // The preferred version of a kind, or nullptr.
  const ApiResource* Find(const GroupKind& kind) const;
  // Exactly this version, or nullptr.
  const ApiResource* Find(const GroupVersionKind& kind) const;
  // Every version of a kind, preferred first.
  std::vector<const ApiResource*> Versions(const GroupKind& kind) const;
  // In the server's order.
  std::span<const ApiResource> all() const { return resources_; }
  // For the renderer's ClusterFacts: "apps/v1", "apps/v1/Deployment"; sorted, unique.
  const std::vector<std::string>& api_versions() const { return api_versions_; }
  const ServerVersion& version() const { return version_; }
  const std::vector<Failure>& failures() const { return failures_; }
  // Whether the group could not be read in full.
  bool Failed(std::string_view group) const;
  // Over resources and version: for cache keys.
  const Digest& digest() const { return digest_; }

 private:
  std::vector<ApiResource> resources_;
  std::map<GroupKind, std::vector<std::size_t>> by_kind_;
  std::vector<std::string> api_versions_;
  ServerVersion version_;
  std::vector<Failure> failures_;
  Digest digest_;
};

using ApiResourcesPtr = std::shared_ptr<const ApiResources>;

// One snapshot for all clusters that serve the same, as most of a fleet does. Thread-safe.
class ApiResourcesShelf {
 public:
  // An equal snapshot that somebody holds, else this one. One with failures stays by itself.
  ApiResourcesPtr Share(ApiResourcesPtr snapshot);

 private:
  std::mutex mutex_;
  std::map<Digest, std::weak_ptr<const ApiResources>> held_;  // guarded by mutex_
};

// Reads and keeps a cluster's ApiResources: aggregated discovery (two requests), else the
// walk over every group version (servers before 1.26). Thread-safe. Callbacks as Client's,
// but in place where the snapshot at hand has the answer.
class Discovery {
 public:
  // `client` must outlive it. `shelf`: where equal snapshots become one; null: nowhere.
  explicit Discovery(Client& client, std::shared_ptr<ApiResourcesShelf> shelf = nullptr);
  ~Discovery();
  Discovery(const Discovery&) = delete;
  Discovery& operator=(const Discovery&) = delete;

  // The last snapshot; nullptr before the first.
  ApiResourcesPtr Current() const;
  // The last snapshot, read first if there is none.
  void Get(Callback<ApiResourcesPtr> done);
  // Reads anew, beginning after this call; calls that come meanwhile share one reading. A
  // failure leaves the last snapshot in place. An unreadable group is no failure (see
  // ApiResources::failures), unreadable /api or /apis is.
  void Refresh(Callback<ApiResourcesPtr> done);
  // The kind in its preferred version, or in exactly `version` if that is not empty; reads
  // anew once if it is not known (its CRD may be new). kNotFound: not served;
  // kUnavailable: its group could not be read, so nobody knows.
  void Resolve(const GroupKind& kind, const std::string& version, Callback<ApiResource> done);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace swell::kube
