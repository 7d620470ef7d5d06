#pragma once
// How far a plan reaches, in numbers: what somebody who approves it should know before its details.
// Pure.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "base/value/value.h"
#include "reconciler/domain/plan.h"
#include "reconciler/domain/rollout.h"
#include "renderer/object/object.h"

namespace swell::plan {

// The objects of one cluster that the plan was made from. Either may be null.
struct ClusterObjects {
  const std::vector<Object>* desired = nullptr;
  const std::map<ObjectId, std::optional<Value>>* live = nullptr;
};

// Objects of one kind over all clusters.
struct KindReach {
  std::string kind;  // "Namespace", "apiextensions.k8s.io/CustomResourceDefinition"
  int created = 0;
  int updated = 0;
  int deleted = 0;
  friend bool operator==(const KindReach&, const KindReach&) = default;
};

struct WaveReach {
  std::string name;
  std::vector<std::string> clusters;  // sorted
  int touched = 0;                    // of them
  Duration bake{0};
  bool approvals = false;  // it waits for people before it starts
  int gates = 0;           // that are asked after its bake
  friend bool operator==(const WaveReach&, const WaveReach&) = default;
};

struct BlastRadius {
  int clusters = 0;    // of the plan
  int touched = 0;     // of them something changes
  int unreadable = 0;  // of them nobody knows
  // Objects, each counted in each cluster. Hooks apart: those that run unless something fails.
  int created = 0;
  int updated = 0;
  int deleted = 0;
  int hooks = 0;
  // spec.replicas of the objects that change, summed up: as they are, and as they will be.
  std::int64_t replicas_before = 0;
  std::int64_t replicas_after = 0;
  std::vector<KindReach> deletions;        // by kind: what is deleted
  std::vector<KindReach> protected_kinds;  // of those whose loss is not made good by a rollback
  std::vector<WaveReach> waves;            // in their order
  friend bool operator==(const BlastRadius&, const BlastRadius&) = default;
};

// Whether objects of the kind hold data, other objects, or the cluster's own rules: Namespaces,
// definitions, volumes, cluster roles, webhooks, API services, storage classes.
bool IsProtectedKind(const GroupKind& kind);

// `waves`: as the rollout of this plan would go (fleet::Partition). `objects`: by cluster; one that
// is missing has no replicas.
BlastRadius MeasureBlastRadius(const Plan& plan, const std::vector<WaveProgress>& waves,
                               const std::map<std::string, ClusterObjects>& objects);

// For the ledger; inverse pair.
Value ToValue(const BlastRadius& radius);
Result<BlastRadius> BlastRadiusFromValue(const Value& value);

// "7 of 12 clusters: 14 create, 7 update, 0 delete; replicas 14 -> 21"
std::string Describe(const BlastRadius& radius);

}  // namespace swell::plan
