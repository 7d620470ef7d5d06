#pragma once
// What a plan's comparison says of drift in one cluster.

#include <vector>

#include "reconciler/heal/drift.h"
#include "server/control/planning.h"

namespace swell::control {

inline constexpr std::size_t kMaxFindings = 1'000;  // of a cluster

// Objects whose live state differs from what was applied last, at most kMaxFindings of them:
// fields that an apply would put back, those that are left alone by a toleration, and objects that
// are absent though they were applied. Values of Secrets are never in it. Requires what was planned
// for the cluster.
std::vector<heal::Finding> FindDrift(const PlannedCluster& cluster, const Application& application);

}  // namespace swell::control
