#pragma once
// From a commit's files to a plan: the charts that its charts depend on are fetched first, then
// everything is planned over one tree.

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "reconciler/charts/dependencies.h"
#include "server/control/planning.h"

namespace swell::control {

struct ChartServices {
  charts::Dependencies& dependencies;
  Executor& fetchers;  // waits for repositories and registries
  Duration timeout;    // of everything that one plan has to fetch
};

// The folders that may hold an application's chart: one for every path that its clusters make of
// `source.path` and `source.overrides`, which are asked for only where they can differ. Empty where
// the source cannot be a chart in Git.
std::set<std::string> ChartFolders(const Application& application,
                                   const std::function<std::vector<Cluster>()>& clusters);

// MakePlan with the missing dependencies of the request's charts laid over its tree. A worker
// looks for them in the cache; those that are not there are fetched on `fetchers`. Calls `done`
// once, on any thread. Fails as MakePlan does, and where a dependency cannot be had.
void PlanSource(const PlanServices& services, const ChartServices& charts, PlanRequest request,
                std::move_only_function<void(Result<Planned>)> done);

}  // namespace swell::control
