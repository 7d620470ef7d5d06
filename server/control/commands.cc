// Controller: syncs, rollbacks and cancellations by hand.

#include <algorithm>
#include <future>

#include "server/control/controller.h"
#include "server/control/on_control.h"
#include "server/control/plan_records.h"

namespace swell::control {

namespace {

// A plan reads the whole fleet; each call to a cluster has a deadline of its own below this.
constexpr auto kPatience = std::chrono::minutes(5);

bool Names(const std::vector<std::string>& selection, const std::string& name) {
  return std::ranges::find(selection, name) != selection.end();
}

}  // namespace

Result<StartedRollout> Controller::Await(std::function<void(Answer)> start) {
  auto promise = std::make_shared<std::promise<Result<StartedRollout>>>();
  auto future = promise->get_future();
  auto answered = std::make_shared<bool>(false);
  control_.Post([start = std::move(start), promise, answered] {
    start([promise, answered](Result<StartedRollout> result) {
      if (!std::exchange(*answered, true)) promise->set_value(std::move(result));
    });
  });
  if (future.wait_for(kPatience) != std::future_status::ready) {
    return Fail(Error(ErrorCode::kDeadlineExceeded,
                      "no plan within " + FormatDuration(kPatience) + "; it goes on"));
  }
  return future.get();
}

Result<StartedRollout> Controller::Sync(const SyncRequest& request) {
  return Await([this, request](Answer answer) {
    const auto found = Find(request.application);
    if (!found) return answer(Fail(found.error()));
    const Application& spec = (*found)->spec;
    if (const Status may = CheckActor(**found, gate::Deed::kSync, request.actor); !may) {
      return answer(Fail(may.error()));
    }
    if (!request.plan.empty()) return SyncPlan(**found, request, answer);
    const bool own_ref = request.revision.empty() || request.revision == spec.source.revision;
    if (!own_ref && spec.sync.auto_sync) {
      return answer(Fail(FailedPrecondition("automatic sync is on and follows " +
                                            (!spec.source.revision.empty() ? spec.source.revision
                                             : IsChart(KeyOf(spec.source)) ? "the newest version"
                                                                           : "HEAD") +
                                            ": it would undo a sync to " + request.revision +
                                            "; set sync.auto: false first")));
    }
    poller_.Resolve(KeyOf(spec.source), own_ref ? spec.source.revision : request.revision,
                    [this, request, answer](Result<Revision> revision) {
                      SyncTo(request, std::move(revision), "", answer);
                    });
  });
}

void Controller::SyncTo(const SyncRequest& request, Result<Revision> revision,
                        const std::string& expected_plan, const Answer& answer) {
  if (!revision) return answer(Fail(revision.error()));
  const auto found = Find(request.application);
  if (!found) return answer(Fail(found.error()));
  Intent intent;
  intent.cause = gate::Cause::kManualSync;
  intent.revision = std::move(*revision);
  intent.actor = request.actor;
  intent.reason = request.reason;
  if (request.confirm_prune == Confirm::kYes) intent.confirmed = plan::Confirmed::kYes;
  intent.expected_plan = expected_plan;
  intent.answer = answer;
  (*found)->intents.push_back(std::move(intent));
  Evaluate(**found);
}

// Exactly a plan that was shown.
void Controller::SyncPlan(const Entry& entry, SyncRequest request, const Answer& answer) {
  const auto record = FindPlan(ledger_, entry.spec.name, request.plan);
  if (!record) return answer(Fail(record.error()));
  if (record->kind != PlanKind::kSync) {
    return answer(Fail(FailedPrecondition("plan " + record->plan.Short() + " is of kind " +
                                          std::string(PlanKindName(record->kind)) +
                                          ": only one of kind sync can be synced")));
  }
  request.confirm_prune = record->confirmed ? Confirm::kYes : Confirm::kNo;
  // Automatic sync follows the ref and would undo a sync to anything else.
  const std::string& ref = entry.spec.sync.auto_sync   ? entry.spec.source.revision
                           : !request.revision.empty() ? request.revision
                                                       : record->revision.commit;
  poller_.Resolve(
      KeyOf(entry.spec.source), ref,
      [this, request, expected = record->plan.Hex(), answer](Result<Revision> revision) {
        SyncTo(request, std::move(revision), expected, answer);
      });
}

Result<RolloutState> Controller::RollbackTarget(const Entry& entry, std::int64_t to,
                                                const std::vector<std::string>& selection) const {
  const std::string& name = entry.spec.name;
  if (to > 0) {
    auto target = TRY(ledger_.GetRollout(name, to));
    if (!target) return Fail(NotFound(name + " has no rollout " + std::to_string(to)));
    if (target->phase != RolloutPhase::kSucceeded) {
      return Fail(FailedPrecondition("rollout " + std::to_string(to) + " of " + name + " ended " +
                                     std::string(RolloutPhaseName(target->phase)) +
                                     ": only one that succeeded can be restored"));
    }
    return std::move(*target);
  }
  // The newest that succeeded and differs from what is there now.
  std::int64_t before = 0;
  for (;;) {
    const auto page = TRY(ledger_.ListRollouts(name, before, 50));
    if (page.empty()) break;
    for (const RolloutState& rollout : page) {
      before = rollout.number;
      if (rollout.phase != RolloutPhase::kSucceeded || rollout.kind == PlanKind::kHeal) continue;
      const bool differs = std::ranges::any_of(rollout.clusters, [&](const auto& c) {
        const bool asked = selection.empty() || Names(selection, c.first);
        if (!asked || c.second.phase != ClusterPhase::kHealthy) return false;
        const auto record = entry.records.find(c.first);
        return record != entry.records.end() && record->second.manifest != c.second.manifest;
      });
      if (differs) return rollout;
    }
  }
  return Fail(FailedPrecondition(name + " has no earlier rollout that succeeded"));
}

Result<StartedRollout> Controller::Rollback(const RollbackRequest& request) {
  return Await([this, request](Answer answer) {
    const auto found = Find(request.application);
    if (!found) return answer(Fail(found.error()));
    Entry& entry = **found;
    if (const Status may = CheckActor(entry, gate::Deed::kRollback, request.actor); !may) {
      return answer(Fail(may.error()));
    }
    auto intent = request.plan.empty() ? RollbackIntent(entry, request.to, request.clusters)
                                       : PlannedRollback(entry, request);
    if (!intent) return answer(Fail(intent.error()));
    intent->actor = request.actor;
    if (request.confirm_prune == Confirm::kYes) intent->confirmed = plan::Confirmed::kYes;
    intent->reason = request.reason;
    intent->answer = answer;
    entry.intents.push_back(std::move(*intent));
    Evaluate(entry);
  });
}

Result<Controller::Intent> Controller::RollbackIntent(
    const Entry& entry, std::int64_t to, const std::vector<std::string>& selection) const {
  const RolloutState target = TRY(RollbackTarget(entry, to, selection));
  const std::string rollout = "rollout " + std::to_string(target.number);
  Intent intent;
  intent.cause = gate::Cause::kRollback;
  intent.revision = target.revision;
  intent.rollback_to = target.number;
  intent.selection = selection;
  std::ranges::sort(intent.selection);
  for (const std::string& name : intent.selection) {
    const auto mine = target.clusters.find(name);
    if (mine == target.clusters.end()) {
      return Fail(FailedPrecondition(rollout + " brought nothing to cluster " + name));
    }
    if (mine->second.phase != ClusterPhase::kHealthy) {
      return Fail(FailedPrecondition(rollout + " was not proven well on cluster " + name + " (" +
                                     std::string(ClusterPhaseName(mine->second.phase)) + ")"));
    }
    if (!fleet_.Find(name)) return Fail(NotFound("there is no cluster " + name));
  }
  for (const auto& [name, cluster] : target.clusters) {
    const bool asked = selection.empty() || Names(selection, name);
    if (asked && fleet_.Find(name) && cluster.phase == ClusterPhase::kHealthy) {
      intent.recorded.emplace(name, cluster.manifest);
    }
  }
  if (intent.recorded.empty()) {
    return Fail(
        FailedPrecondition("none of the clusters of " + rollout + " is registered any more"));
  }
  return intent;
}

Result<Controller::Intent> Controller::PlannedRollback(const Entry& entry,
                                                       const RollbackRequest& request) const {
  const plan::PlanRecord record = TRY(FindPlan(ledger_, entry.spec.name, request.plan));
  if (record.kind != PlanKind::kRollback) {
    return Fail(FailedPrecondition("plan " + record.plan.Short() + " is of kind " +
                                   std::string(PlanKindName(record.kind)) + ", not rollback"));
  }
  Intent intent = TRY(RollbackIntent(entry, record.rollback_to, record.selection));
  if (record.confirmed) intent.confirmed = plan::Confirmed::kYes;
  intent.expected_plan = record.plan.Hex();
  return intent;
}

Status Controller::CancelRollout(const std::string& application, const std::string& actor,
                                 const std::string& reason) {
  return OnControl([&]() -> Status {
    Entry& entry = *TRY(Find(application));
    TRY(CheckActor(entry, gate::Deed::kSync, actor));
    if (!entry.runner) return Fail(FailedPrecondition(application + " has no running rollout"));
    const RolloutState& running = entry.runner->state();
    const std::string why = "cancelled by " + actor + (reason.empty() ? "" : ": " + reason);
    // Otherwise automatic sync would begin it again at once.
    if (running.kind != PlanKind::kDelete)
      TRY(Commit(QuarantineOf(entry, running.revision.commit, running.number, why)));
    entry.runner->Cancel(why);
    return {};
  });
}

Status Controller::SteerRollout(const SteerRequest& request) {
  return OnControl([&]() -> Status {
    Entry& entry = *TRY(Find(request.application));
    const bool promotes = request.steering == Steering::kPromote;
    TRY(CheckActor(entry, promotes ? gate::Deed::kOverride : gate::Deed::kSync, request.actor));
    if (!entry.runner) {
      return Fail(FailedPrecondition(request.application + " has no running rollout"));
    }
    const RolloutState& running = entry.runner->state();
    const std::string by =
        "by " + request.actor + (request.reason.empty() ? "" : ": " + request.reason);
    switch (request.steering) {
      case Steering::kPause:
        entry.runner->Tell(rollout::PauseRequested{by});
        return {};
      case Steering::kResume:
        if (running.pause.scope == HoldScope::kNothing) {
          return Fail(FailedPrecondition("rollout " + running.id + " is not paused"));
        }
        entry.runner->Tell(rollout::ResumeRequested{by});
        return {};
      case Steering::kPromote:
        if (request.reason.empty()) return Fail(InvalidArgument("a promotion needs a reason"));
        if (!rollout::MayPromote(running)) {
          return Fail(FailedPrecondition("rollout " + running.id +
                                         " does not wait for approvals, a bake or gates: it is " +
                                         std::string(RolloutPhaseName(running.phase)) +
                                         (running.message.empty() ? "" : ", " + running.message)));
        }
        entry.runner->Tell(rollout::PromoteRequested{by});
        return {};
    }
    return {};
  });
}

Status Controller::ReleaseQuarantine(const std::string& application, const std::string& commit,
                                     const std::string& actor) {
  return OnControl([&]() -> Status {
    Entry& entry = *TRY(Find(application));
    TRY(CheckActor(entry, gate::Deed::kSync, actor));
    const auto it = std::ranges::find_if(entry.quarantine, [&](const Quarantine& q) {
      return commit.size() >= 7 && q.commit.starts_with(commit);
    });
    if (it == entry.quarantine.end()) {
      return Fail(NotFound(application + " has no quarantined revision " + commit));
    }
    const std::vector<Quarantine> before = entry.quarantine;
    const std::string released = it->commit;
    std::vector<Mutation> mutations = Release(entry, released);
    mutations.push_back(
        AppendEvent{Event(entry, "QuarantineReleased", released.substr(0, 7), actor)});
    if (const Status done = Commit(std::move(mutations)); !done) {
      entry.quarantine = before;
      return done;
    }
    entry.planned_for = {};
    Evaluate(entry);
    return {};
  });
}

}  // namespace swell::control
