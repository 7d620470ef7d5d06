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
  std::vector<InventoryEntry> inventory;
  // The types of custom resources, of the manifest's CRDs and of the cluster's; may be null.
  const schema::CustomTypes* custom_types = nullptr;
};

// Operations in execution order (phase, wave, rank). Deletes what the inventory holds and
// `desired` does not, only where pruning is on, the live object still carries our owner
// annotation, and nothing on it says to keep it; what is kept is said in `warnings`. Nothing is
// deleted where nothing is desired.
//
// Differences that the application ignores (spec.ignoreDifferences) are no changes; an object whose
// annotations say to leave it alone (object_policy.h) is kNone, and a warning says so where it
// differs. What was not read is kUpdate, without such an annotation.
//
// Hooks run (kCreate) where something changes that is not mere drift, or a hook itself did;
// they are kNone otherwise, so that healing drift does not run migrations again.
struct Planned {
  ClusterPlan plan;
  std::vector<std::string> warnings;
  // Objects that belong to another application, with its name: they are kNone in the plan,
  // never adopted. A plan with conflicts must not be rolled out as if it were whole.
  std::vector<std::string> conflicts;
};
Planned PlanCluster(const Inputs& inputs);

// For a cluster that could not be read: everything kUpdate, nothing deleted, the error kept.
ClusterPlan PlanUnreadable(const Inputs& inputs, std::string error);

}  // namespace swell::plan
