#include "reconciler/gate/gate.h"

#include <algorithm>

namespace swell::gate {
namespace {

Decision Hold(std::string reason) { return {Decision::Verdict::kHold, std::move(reason)}; }

}  // namespace

Decision DecideDeletion(const Application& application) {
  if (application.deletion != DeletionPolicy::kRefuse) return {};
  return {Decision::Verdict::kRefuse,
          "spec.deletion of " + application.name +
              " is refuse: change it to orphan or cascade, apply that, and delete it then"};
}

Decision Decide(const Request& request, Timestamp /*now*/) {
  const Application& app = *request.application;
  if (request.cause == Cause::kDeletion) {
    const Decision may = DecideDeletion(app);
    if (may.verdict != Decision::Verdict::kAllow) return may;
  }
  if (request.rollout_running && request.cause != Cause::kRollback) {
    return Hold("a rollout is running");
  }
  if (request.cause == Cause::kAutoSync && !app.sync.auto_sync) {
    return Hold("automatic sync is off: run `swell sync " + app.name + "`");
  }
  if (request.cause == Cause::kSelfHeal && !app.sync.self_heal) {
    return Hold("self-heal is off: run `swell sync " + app.name + "`");
  }
  if (request.cause == Cause::kAutoSync) {
    const auto bad =
        std::ranges::find(*request.quarantine, request.plan->revision.commit, &Quarantine::commit);
    if (bad != request.quarantine->end()) {
      return Hold("revision " + bad->commit.substr(0, 7) + " is quarantined since rollout " +
                  std::to_string(bad->rollout) + ": " + bad->reason);
    }
  }
  return {};
}

}  // namespace swell::gate
