#pragma once
// Budgets of a kustomization's build: renderer/kustomize/transforms/budget.h. Those that charts
// have as well share their flags (renderer/helm/limits.h).

#include <string_view>

#include "base/core/result.h"
#include "renderer/helm/limits.h"
#include "renderer/kustomize/transforms/budget.h"

namespace swell::kustomize {

// Sets the budget that `flag` (--render-max-…) names: of the build and of each of its charts.
// Errors as helm::SetLimit.
Status SetLimit(Limits& limits, helm::Limits& charts, std::string_view flag, std::string_view text);

// An error as people see it: how to raise a budget that has a flag, and of a text beyond all
// measure (a thousand kustomizations inside each other) the beginning and the end.
Error WithAdvice(Error error);

}  // namespace swell::kustomize
