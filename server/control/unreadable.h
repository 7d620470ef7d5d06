#pragma once
// Clusters of a plan that did not answer when it was made, and whether it may be rolled out
// without them (rollout.offline, rollout.maxFailures).

#include <string>
#include <vector>

#include "reconciler/domain/application.h"
#include "reconciler/domain/plan.h"
#include "reconciler/domain/rollout.h"

namespace swell::control {

int CountUnreadable(const Plan& plan);
// The first of them, with their reasons.
std::string ShowUnreadable(const Plan& plan);
// Why the plan cannot be rolled out without them; "" where it can. `waves`: of the clusters that
// the application selects.
std::string TooFewAnswer(const Plan& plan, const Application& application,
                         const std::vector<WaveProgress>& waves);

}  // namespace swell::control
