#pragma once
// The planner: manifest, live objects and last applied in, a ClusterPlan out. Pure.

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "reconciler/domain/application.h"
#include "reconciler/domain/ledger.h"
#include "reconciler/domain/plan.h"
#include "reconciler/plan/keep.h"
#include "renderer/pipeline/render.h"
#include "renderer/schema/custom_types.h"

namespace swell::plan {

// Whether a kind is namespaced on this cluster; nothing where the cluster does not serve it.
using ScopeOf = std::function<std::optional<bool>(const GroupKind&)>;

// The manifest as it will be applied to one cluster: the destination namespace set on
// namespaced objects that have none and removed from cluster-scoped ones, the Namespace object
// added where createNamespace asks for it, Secret stringData folded into data (SSA never takes
// a stringData key back: facts B), list keys filled in (diff::WithListKeys), the owner
// annotation set. Kinds that the cluster does not serve and that no CRD of the same manifest
// brings are kFailedPrecondition, naming each. Objects that are left out on purpose (helm test
// hooks) are dropped here.
//
// A Namespace that createNamespace adds carries no owner annotation: it is created where it is
// absent and never changed or deleted, since other applications may live in it too. An object
// with generateName must be a hook; it gets a name made of the manifest's digest.
// `warnings`, where given, gets one line for each object left out that its author may miss.
Result<std::vector<Object>> PrepareObjects(const Manifest& manifest, const Application& application,
                                           const ScopeOf& scope,
                                           std::vector<std::string>* warnings = nullptr);

// Of PlanDeletion: whether an earlier one got somewhere. Then a hook that the inventory does not
// hold any more has run.
enum class Deletion { kBegins, kGoesOn };

struct Inputs {
  const Application* application = nullptr;
  std::string cluster;
  Digest manifest;
  const std::vector<Object>* desired = nullptr;       // PrepareObjects' output
  const std::vector<Object>* last_applied = nullptr;  // the same for the recorded manifest, or null
  // Live objects by id, of desired and of inventory; an id without a value is known to be absent.
  std::map<ObjectId, std::optional<Value>> live;
  // Desired objects that are known to be in sync and were not read for that; may be null.
  const std::set<ObjectId>* in_sync = nullptr;
  Inventory inventory;
  Confirmed confirmed = Confirmed::kNo;   // of what asks to be confirmed before it is deleted
  Deletion deletion = Deletion::kBegins;  // of PlanDeletion
  Timestamp now;                          // to say for how long something has been going away
  // Another application that holds objects in this namespace of the cluster, or "". Asked only
  // where a Namespace would be deleted. None: nobody does.
  std::function<std::string(const std::string& ns)> namespace_user;
  // Whether an application of that name was declared here once and is not any more. None: no.
  std::function<bool(const std::string& application)> was_deleted;
  // The types of custom resources, of the manifest's CRDs and of the cluster's; may be null.
  const schema::CustomTypes* custom_types = nullptr;
};

// Operations in execution order (phase, wave, rank). Deletes what the inventory holds and
// `desired` does not, only where pruning is on, the live object still carries our owner
// annotation, no other tool's mark, and nothing on it says to keep it (keep.h); what is kept is
// said in `warnings`. Nothing is deleted where nothing is desired. A Namespace is kept while
// anything that is declared, or another application's, lives in it.
//
// Differences that the application ignores (spec.ignoreDifferences), or that are tolerated for a
// while, are no changes; an object whose
// annotations say to leave it alone (object_policy.h) is kNone, and a warning says so where it
// differs. What was not read is kUpdate, without such an annotation.
//
// Hooks run (kCreate) where something changes that is not mere drift, or a hook itself did;
// they are kNone otherwise, so that healing drift does not run migrations again. SyncFail hooks
// are kCreate with them, and run in place of what is left when something fails; PreDelete and
// PostDelete hooks are no part of it.
struct Planned {
  ClusterPlan plan;
  std::vector<std::string> warnings;
  // Objects that belong to another application or are managed by another tool, with the way to
  // go on: they are kNone in the plan, never adopted. A plan with conflicts must not be rolled
  // out as if it were whole.
  std::vector<std::string> conflicts;
  int unconfirmed = 0;  // objects that stay until somebody confirms their deletion
  // Ids of the tolerations that the commit ends here, since it changes what they are about.
  std::vector<std::string> gave_way;
};
Planned PlanCluster(const Inputs& inputs);

// The whole application leaves the cluster: PreDelete hooks, then everything that the inventory
// holds in reverse order (what is going away already is waited for), then PostDelete hooks, and
// last the namespaces that these ran in. `desired` is what was applied last: the hooks are read
// from it; it may be empty. Kept as in PlanCluster, but Prune= options say nothing here.
Planned PlanDeletion(const Inputs& inputs);

// For a cluster that could not be read: everything kUpdate, nothing deleted, the error kept.
ClusterPlan PlanUnreadable(const Inputs& inputs, std::string error);

}  // namespace swell::plan
