#pragma once
// helmCharts: charts that lie beside a kustomization, rendered in process.

#include "base/core/result.h"
#include "renderer/kustomize/accumulate.h"

namespace swell::kustomize {

// Adds what the kustomization's charts render to. Errors: kInvalidArgument where the build
// does not allow helm (`enable_helm`), kUnavailable for a chart of a repository that is not at hand
// (it is noted as wanted), and the chart's own errors.
Status AddHelmCharts(const Target& target, BuildState& build, ResourceMap& map);

// One of them, into a map of its own.
Status RenderHelmChart(const Target& target, const HelmChart& chart, const HelmGlobals& globals,
                       BuildState& build, ResourceMap& map);

}  // namespace swell::kustomize
