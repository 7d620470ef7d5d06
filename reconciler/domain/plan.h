#pragma once
// Plan: what a rollout will do, as data. Made by reconciler/plan, stored by content, executed
// by reconciler/apply.

#include <memory>
#include <string>
#include <vector>

#include "base/core/clock.h"
#include "base/core/digest.h"
#include "base/core/result.h"
#include "base/value/value.h"
#include "reconciler/domain/revision.h"
#include "renderer/object/object.h"

namespace swell {

enum class OperationType : std::uint8_t { kCreate, kUpdate, kDelete, kNone };
std::string_view OperationTypeName(OperationType type);  // "create"

// Why a field differs between what is live and what is wanted.
enum class ChangeCause : std::uint8_t {
  kChanged,  // Git changed it since the last apply
  kDrifted,  // the cluster changed it since the last apply
  kAdopted,  // no last apply is known: the object existed already
  // Of fields that differ and need no apply; never in a plan (reconciler/diff/explain.h).
  kDefaulted,  // the API server fills in what is not stated
  kMutated,    // admission changed what was applied, and would again
  kOwned,      // another manager is in charge of the field
  kEqual,      // two spellings of one value: 1 and "1000m"
  kIgnored,    // an ignore rule names it
  kTolerated,  // left alone for a while (Toleration)
};
std::string_view ChangeCauseName(ChangeCause cause);  // "changed"

struct FieldChange {
  std::string path;  // JSON pointer; list items by index in the live object, or "[name=web]"
  ChangeCause cause = ChangeCause::kChanged;
  std::string before;  // compact JSON, shortened; "" where absent; redacted in Secrets
  std::string after;
  // Over both values in full, where the texts above do not hold all of them. For digests alone: it
  // may be of a password and is never shown.
  Digest values = {};
  friend bool operator==(const FieldChange&, const FieldChange&) = default;
};

// Where in a cluster's apply an operation belongs. In this order; see reconciler/plan/stages.h.
// kPreDelete and kPostDelete are of deletions of a whole application alone, kSyncFail runs in
// place of what is left after a failure.
enum class Phase : std::uint8_t {
  kPreDelete,
  kPreSync,
  kSync,
  kPostSync,
  kPrune,
  kPostDelete,
  kSyncFail,
};
std::string_view PhaseName(Phase phase);  // "PreSync"

struct Operation {
  OperationType type = OperationType::kNone;
  ObjectId id;
  std::string version;  // API version within the group
  Phase phase = Phase::kSync;
  int wave = 0;       // order within the phase (sync-wave annotation or Helm hook weight)
  bool hook = false;  // runs to completion; re-created, not diffed
  std::vector<FieldChange> changes;  // of kUpdate
  std::string uid;                   // of kDelete: the precondition
  friend bool operator==(const Operation&, const Operation&) = default;
};

// What one distinct set of changes does; clusters with the same changes share it.
struct OperationSet {
  std::vector<Operation> operations;  // in execution order; kNone entries included
  Digest digest;                      // over all of the above
  int Count(OperationType type) const;
};

struct ClusterPlan {
  std::string cluster;
  Digest manifest;  // what the cluster should hold
  std::shared_ptr<const OperationSet> operations;
  // Set where the cluster could not be read: there are no operations then.
  std::string error;
  bool HasChanges() const;
};

// kDelete: what a deleted application leaves in the clusters is deleted.
enum class PlanKind : std::uint8_t { kSync, kRollback, kHeal, kDelete };
std::string_view PlanKindName(PlanKind kind);  // "sync"

struct Plan {
  PlanKind kind = PlanKind::kSync;
  std::string application;
  std::int64_t application_generation = 0;
  Revision revision;
  std::vector<ClusterPlan> clusters;  // sorted by name
  Digest digest;                      // see PlanDigest
  bool HasChanges() const;
};

// Over every input and every change: kind, application and its generation, revision, `setting`
// (what else decides what is done where and when: the spec, the split into waves, the clusters'
// addresses), and per cluster its name, manifest digest, operation-set digest, and whether it could
// be read. Two plans over the same state have the same digest, whatever a cluster that cannot be
// read says about it.
Digest PlanDigest(const Plan& plan, const Digest& setting);
Digest OperationSetDigest(const std::vector<Operation>& operations);

// For the ledger; inverse pair. Operation sets that clusters share are written once.
std::string SerializePlan(const Plan& plan);
Result<Plan> ParsePlan(std::string_view text);

}  // namespace swell
