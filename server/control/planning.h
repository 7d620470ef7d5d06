#pragma once
// Planning: an application at a revision, over its clusters, becomes a Plan. Everything that
// computes or waits happens on workers and the network's loop; nothing is written anywhere.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/core/clock.h"
#include "base/runtime/executor.h"
#include "reconciler/domain/ledger.h"
#include "reconciler/heal/drift.h"
#include "reconciler/kube/clients.h"
#include "reconciler/live/reader.h"
#include "reconciler/plan/planner.h"
#include "renderer/pipeline/cache.h"
#include "renderer/pipeline/render.h"
#include "server/control/crd_shelf.h"
#include "server/control/manifest_shelf.h"
#include "server/control/watching.h"

namespace swell::control {

struct PlanServices {
  const Ledger& ledger;
  Executor& workers;
  RenderCache& renders;
  ManifestShelf& shelf;
  CrdShelf& crds;
  kube::Clients& clients;
  Watching& watching;
};

struct PlanTarget {
  Cluster cluster;
  ClusterRecord record;            // what is known of the application there
  std::optional<Digest> recorded;  // plan this recorded manifest instead of a render
  plan::Deletion deletion = plan::Deletion::kBegins;  // of kDelete
};

// Whether objects whose watch says that they are as they were when they were in sync are read
// again.
enum class LiveState { kWatched, kReadAll };

struct PlanRequest {
  PlanKind kind = PlanKind::kSync;
  LiveState live_state = LiveState::kWatched;
  Application application;
  Revision revision;
  Timestamp now;     // of the request: certificates are renewed by it
  FileTreePtr tree;  // what to render; may be null where every target is recorded
  std::shared_ptr<const Remotes> remotes;  // as RenderRequest's
  std::vector<PlanTarget> targets;         // sorted by name
  RenderLimits limits;
  plan::Confirmed confirmed = plan::Confirmed::kNo;  // of what asks before it is deleted
  // Whether PlannedCluster::live holds objects that need nothing whole, too: those of a fleet are
  // more than memory should hold.
  bool keep_live = false;
};

struct PlannedCluster {
  ClusterPlan plan;
  std::shared_ptr<const Manifest> manifest;  // null where the plan has an error, or is a deletion
  ObjectsPtr desired;
  ObjectsPtr last_applied;      // null where nothing is recorded
  CustomTypesPtr custom_types;  // null where none are known
  // What was read; of objects that need nothing the uid at most, unless PlanRequest::keep_live.
  live::Objects live;
  std::string version;  // of the cluster, "v1.36.0"
  StableRecord stable;  // what was kept when this was rendered
  std::vector<std::string> warnings;
  int unconfirmed = 0;                // objects that stay until somebody confirms their deletion
  std::vector<heal::Finding> drift;   // FindDrift; none of a deletion
  std::vector<std::string> gave_way;  // as plan::Planned's
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

// Over the spec, the split of the clusters into waves, and where each of them is: part of the
// plan's digest. What people name things by (labels that select nothing) is not in it.
Digest SettingDigest(const Application& application, const std::vector<Cluster>& clusters);

}  // namespace swell::control
