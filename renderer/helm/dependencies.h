#pragma once
// Chart.yaml's dependencies put into effect: aliases, conditions, tags, import-values.

#include <string>
#include <vector>

#include "base/core/result.h"
#include "renderer/helm/chart.h"
#include "renderer/helm/limits.h"

namespace swell::helm {

// Every dependency that Chart.yaml declares must lie in charts/. kFailedPrecondition names
// those that do not.
Status CheckDependencies(const Chart& chart);

// Gives each declared dependency its chart (a copy named after the alias), takes out the
// disabled ones, and imports values from the children into the parents' defaults. `user` are
// the release's values (helm's ProcessDependencies). kResourceExhausted where aliases of aliases
// make more charts than the limits allow.
Status ProcessDependencies(Chart& chart, const Value& user, std::vector<std::string>* warnings,
                           const Limits& limits = {});

}  // namespace swell::helm
