#pragma once
// The order of a cluster's operations, and what the planners of this room share.

#include <vector>

#include "reconciler/domain/plan.h"
#include "reconciler/plan/planner.h"
#include "reconciler/plan/stages.h"

namespace swell::plan {

// One operation with the object that it applies (null for deletions).
struct Planning {
  Operation operation;
  const Object* object = nullptr;
};

// Moves Namespaces before everything that lives in them and CRDs before their objects, also
// across waves and phases (a PreSync hook needs its namespace), then sorts: phase, wave, rank;
// deletions in reverse rank.
void OrderOperations(std::vector<Planning>& plannings);

// Of a declared object in one of its stages; the type is the caller's to set.
Operation OperationFor(const Object& object, const Stage& stage);

// Ordered, with its digest.
ClusterPlan FinishPlan(const Inputs& inputs, std::vector<Planning> plannings);

}  // namespace swell::plan
