#pragma once
// Asking the API server about a stage before anything of it is written.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/apply/context.h"
#include "reconciler/apply/steps.h"

namespace swell::apply {

// What the API server says to a dry run.
struct PreflightAnswers {
  std::vector<IndexedResult> refusals;  // with the error of each; in the order of the plan
  // Set where it did not answer to something: nothing is known of that then.
  std::optional<Error> unreachable;
};

// A server-side dry run of every apply of stages[from] up to, and without, stages[to]. Left out by
// rule, since their dry run says nothing about the real apply:
//   - hooks, which are deleted first, and objects with Replace=true;
//   - objects of a namespace that the plan still creates, and of kinds whose CRD it still applies;
//   - kinds that are not served.
// Where the plan was asked about as a whole (request.preflight is kAsked) only what was left out
// then is asked about. No refusal is what passes (server or webhook away), what the apply itself
// settles (an immutable field that may be recreated, a field conflict, a namespace that goes
// away), and, where the plan changes what admission looks at (quotas, limits, service accounts,
// roles, priority classes, webhooks, policies), a 403 or 404.
void RunPreflight(const ContextPtr& context, const std::vector<StageSteps>& stages,
                  std::size_t from, std::size_t to,
                  std::move_only_function<void(PreflightAnswers)> done);

// What failed, in one line: all of it up to the tenth.
Error JoinErrors(const std::vector<Error>& errors, const std::string& doing);

}  // namespace swell::apply
