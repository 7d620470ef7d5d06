// Controller: syncs, rollbacks and cancellations by hand.

#include <algorithm>
#include <future>

#include "server/control/controller.h"
#include "server/control/on_control.h"

namespace swell::control {

namespace {

// A plan reads the whole fleet; each call to a cluster has a deadline of its own below this.
constexpr auto kPatience = std::chrono::minutes(5);

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
                      if (!revision) return answer(Fail(revision.error()));
                      const auto found = Find(request.application);
                      if (!found) return answer(Fail(found.error()));
                      Intent intent;
                      intent.cause = gate::Cause::kManualSync;
                      intent.revision = std::move(*revision);
                      intent.actor = request.actor;
                      intent.reason = request.reason;
                      if (request.confirm_prune == Confirm::kYes) {
                        intent.confirmed = plan::Confirmed::kYes;
                      }
                      intent.answer = answer;
                      (*found)->intents.push_back(std::move(intent));
                      Evaluate(**found);
                    });
  });
}

Result<RolloutState> Controller::RollbackTarget(const Entry& entry, std::int64_t to) const {
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
    const auto target = RollbackTarget(entry, request.to);
    if (!target) return answer(Fail(target.error()));
    Intent intent;
    intent.cause = gate::Cause::kRollback;
    intent.revision = target->revision;
    intent.rollback_to = target->number;
    intent.actor = request.actor;
    intent.reason = request.reason;
    if (request.confirm_prune == Confirm::kYes) intent.confirmed = plan::Confirmed::kYes;
    for (const auto& [name, cluster] : target->clusters) {
      if (fleet_.Find(name) && cluster.phase == ClusterPhase::kHealthy) {
        intent.recorded.emplace(name, cluster.manifest);
      }
    }
    if (intent.recorded.empty()) {
      return answer(
          Fail(FailedPrecondition("none of the clusters of rollout " +
                                  std::to_string(target->number) + " is registered any more")));
    }
    intent.answer = answer;
    entry.intents.push_back(std::move(intent));
    Evaluate(entry);
  });
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
    TRY(Commit({DeleteQuarantine{application, it->commit},
                AppendEvent{Event(entry, "QuarantineReleased", it->commit.substr(0, 7), actor)}}));
    entry.quarantine.erase(it);
    entry.planned_for = {};
    Evaluate(entry);
    return {};
  });
}

}  // namespace swell::control
