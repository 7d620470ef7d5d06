#pragma once
// Asking the API server about a stage before anything of it is written.

#include <functional>
#include <vector>

#include "reconciler/apply/context.h"
#include "reconciler/apply/steps.h"

namespace swell::apply {

// A server-side dry run of every apply of stages[stage]. `done` gets the refusals, with the error
// of each; empty where nothing is known against the stage. Left out by rule, since their dry run
// says nothing about the real apply:
//   - hooks, which are deleted first, and objects with Replace=true;
//   - objects of a namespace that the plan still creates, and of kinds whose CRD it still applies;
//   - kinds that are not served.
// No refusal is what passes (server or webhook away), what the apply itself settles (an immutable
// field that may be recreated, a field conflict, a namespace that goes away), and, where the plan
// changes what admission looks at (quotas, limits, service accounts, roles, priority classes,
// webhooks, policies), a 403 or 404.
void RunPreflight(const ContextPtr& context, const std::vector<StageSteps>& stages,
                  std::size_t stage,
                  std::move_only_function<void(std::vector<IndexedResult>)> done);

}  // namespace swell::apply
