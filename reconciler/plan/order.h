#pragma once
// The order of a cluster's operations. Used by planner.cc alone.

#include <vector>

#include "reconciler/domain/plan.h"

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

}  // namespace swell::plan
