#pragma once
// Planning: an application at a revision, over its clusters, becomes a Plan. Everything that
// computes or waits happens on workers and the network's loop; nothing is written anywhere.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/core/clock.h"
#include "base/runtime/executor.h"
#include "reconciler/domain/ledger.h"
#include "reconciler/kube/clients.h"
#include "reconciler/live/reader.h"
#include "reconciler/plan/planner.h"
#include "renderer/pipeline/cache.h"
#include "renderer/pipeline/render.h"

namespace swell::control {

using ObjectsPtr = std::shared_ptr<const std::vector<Object>>;

// Manifests from the ledger and their prepared forms, shared by everyone who holds the same
// one. Thread-safe.
class ManifestShelf {
 public:
  explicit ManifestShelf(const Ledger& ledger) : ledger_(ledger) {}

  // The recorded manifest; read once while anyone holds it.
  Result<std::shared_ptr<const Manifest>> Get(const Digest& digest);
  // Puts a manifest there that was just rendered.
  void Put(std::shared_ptr<const Manifest> manifest);
  // plan::PrepareObjects for a cluster with these API resources.
  Result<ObjectsPtr> Prepare(const Manifest& manifest, const Application& application,
                             const kube::ApiResources& resources);
  // The same of the PreDelete and PostDelete hooks of a recorded manifest alone: a kind that the
  // cluster does not serve any more must not keep the rest from being deleted. An empty digest has
  // none.
  Result<ObjectsPtr> PrepareDeletionHooks(const Digest& manifest, const Application& application,
                                          const kube::ApiResources& resources);

 private:
  const Ledger& ledger_;
  std::mutex mutex_;  // guards both maps
  std::map<Digest, std::weak_ptr<const Manifest>> manifests_;
  std::map<Digest, std::weak_ptr<const std::vector<Object>>> prepared_;
};

struct PlanServices {
  const Ledger& ledger;
  Executor& workers;
  RenderCache& renders;
  ManifestShelf& shelf;
  kube::Clients& clients;
};

struct PlanTarget {
  Cluster cluster;
  ClusterRecord record;            // what is known of the application there
  std::optional<Digest> recorded;  // plan this recorded manifest instead of a render
  plan::Deletion deletion = plan::Deletion::kBegins;  // of kDelete
};

struct PlanRequest {
  PlanKind kind = PlanKind::kSync;
  Application application;
  Revision revision;
  Timestamp now;     // of the request: certificates are renewed by it
  FileTreePtr tree;  // what to render; may be null where every target is recorded
  std::shared_ptr<const Remotes> remotes;  // as RenderRequest's
  std::vector<PlanTarget> targets;         // sorted by name
  RenderLimits limits;
  plan::Confirmed confirmed = plan::Confirmed::kNo;  // of what asks before it is deleted
};

struct PlannedCluster {
  ClusterPlan plan;
  std::shared_ptr<const Manifest> manifest;  // null where the plan has an error, or is a deletion
  ObjectsPtr desired;
  live::Objects live;
  std::string version;  // of the cluster, "v1.36.0"
  StableRecord stable;  // what was kept when this was rendered
  std::vector<std::string> warnings;
  int unconfirmed = 0;  // objects that stay until somebody confirms their deletion
};

struct Planned {
  Plan plan;
  std::map<std::string, PlannedCluster> clusters;
  // What all renders read, and the digest of its content; empty where a cluster could not be
  // rendered for, or nothing was rendered.
  ReadSet reads;
  Digest reads_digest;
  std::vector<std::string> warnings;  // about the source, whatever the cluster
};

// A plan of kind kDelete takes all of a target's inventory away; nothing is rendered.
// Calls `done` once, on a worker. Fails where a render does (no cluster is planned then);
// clusters that cannot be read are in the plan with their error.
void MakePlan(const PlanServices& services, PlanRequest request,
              std::move_only_function<void(Result<Planned>)> done);

// The render request of an application for one cluster.
RenderRequest ToRenderRequest(const Application& application, const Revision& revision,
                              const Cluster& cluster, const kube::ApiResources& resources);

// Over the strategy and the split into waves: part of the plan's digest.
Digest StrategyDigest(const Application& application);

}  // namespace swell::control
