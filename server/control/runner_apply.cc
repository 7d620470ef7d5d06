// Runner: one cluster is asked about its plan, and gets it.

#include <algorithm>

#include "server/control/inventory.h"
#include "server/control/runner_work.h"

#if defined(__GNUC__) && !defined(__clang__)
// A false alarm of g++ 12 on moving a Result (GCC bug 105562).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace swell::control {
namespace {

constexpr Duration kPreflightDeadline = std::chrono::minutes(2);

}  // namespace

// --- preflight ---

void Runner::Preflight(const std::string& cluster) {
  Work& work = WorkOn(cluster);
  const auto answer = [&](rollout::PreflightAnswer answer, const Error& error) {
    Handle(rollout::ClusterPreflighted{cluster, state_->plan, answer, error.ToString()});
  };
  const ClusterPlan* plan = PlanFor(cluster);
  if (plan == nullptr || !plan->operations) {
    return answer(rollout::PreflightAnswer::kRefused,
                  FailedPrecondition("the plan holds nothing for this cluster"));
  }
  auto connection = services_.planning.clients.Find(cluster);
  if (!connection) return answer(rollout::PreflightAnswer::kRefused, connection.error());
  work.connection = *connection;
  Prepare(work, state_->clusters.at(cluster).manifest,
          [cluster, plan = *plan](Runner& self, const Status& ready) {
            if (!ready) {
              const ErrorCode code = ready.error().code();
              const bool away =
                  code == ErrorCode::kUnavailable || code == ErrorCode::kDeadlineExceeded;
              return self.FinishPreflight(cluster,
                                          away ? apply::DryRunResult{ready.error(), std::nullopt}
                                               : apply::DryRunResult{std::nullopt, ready.error()});
            }
            apply::Request request = self.MakeRequest(self.WorkOn(cluster), plan);
            request.preflight = apply::Preflight::kAlways;
            request.deadline = kPreflightDeadline;
            apply::DryRun(std::move(request),
                          self.OnControl([cluster](Runner& self, apply::DryRunResult result) {
                            self.FinishPreflight(cluster, std::move(result));
                          }));
          });
}

void Runner::FinishPreflight(const std::string& cluster, apply::DryRunResult result) {
  rollout::ClusterPreflighted event{cluster, state_->plan};
  if (result.unreachable) {
    event.answer = rollout::PreflightAnswer::kUnreachable;
    event.error = result.unreachable->ToString();
  } else if (result.refused) {
    event.answer = rollout::PreflightAnswer::kRefused;
    event.error = result.refused->ToString();
  }
  Handle(std::move(event));
}

// --- apply ---

void Runner::ApplyTo(const std::string& cluster) {
  Work& work = WorkOn(cluster);
  if (work.sending) return;  // asked again after a restart of the machine alone
  const ClusterPlan* plan = PlanFor(cluster);
  const auto fail = [&](const Error& error) {
    Handle(rollout::ClusterApplyFailed{cluster, state_->plan, error.ToString()});
  };
  if (plan == nullptr || !plan->operations) {
    return fail(FailedPrecondition("the plan holds nothing for this cluster"));
  }
  auto connection = services_.planning.clients.Find(cluster);
  if (!connection) return fail(connection.error());
  work.connection = *connection;
  work.sending = true;
  work.may_write = std::make_shared<std::atomic<bool>>(true);
  ClusterPlan todo = Deletes() ? WithoutDoneHooks(*plan, Record(cluster).inventory) : *plan;
  Prepare(work, state_->clusters.at(cluster).manifest,
          [cluster, operations = std::move(todo)](Runner& self, const Status& ready) {
            Work& work = self.WorkOn(cluster);
            work.sending = false;
            if (!ready) {
              return self.Handle(rollout::ClusterApplyFailed{cluster, self.state_->plan,
                                                             ready.error().ToString()});
            }
            self.Send(work, operations, [cluster](Runner& self, apply::ClusterResult result) {
              self.FinishApply(cluster, std::move(result));
            });
          });
}

void Runner::FinishApply(const std::string& cluster, apply::ClusterResult result) {
  Work& work = WorkOn(cluster);
  ClusterRecord& record = Record(cluster);
  record.inventory = SettleInventory(record.inventory, result);
  if (result.ok() && Deletes()) {
    ClearRecord(record);
  } else if (result.ok()) {
    record.manifest = state_->clusters.at(cluster).manifest;
    record.commit = state_->revision.commit;
    record.rollout = state_->number;
  }
  record.updated_at = services_.clock.Now();
  results_.push_back(PutClusterRecord{record});
  work.applied = std::move(result.objects);
  if (work.then) return std::exchange(work.then, nullptr)();
  if (result.ok()) return Handle(rollout::ClusterApplied{cluster, state_->plan});
  Handle(rollout::ClusterApplyFailed{cluster, state_->plan, result.error->ToString()});
}

void Runner::RecordHooks(const std::string& cluster, std::vector<apply::ObjectResult> results,
                         std::move_only_function<void(Status)> go_on) {
  ClusterRecord& record = Record(cluster);
  apply::ClusterResult so_far;
  so_far.objects = std::move(results);
  record.inventory = SettleInventory(record.inventory, so_far);
  record.updated_at = services_.clock.Now();
  go_on(services_.ledger.Commit({PutClusterRecord{record}}));
}

void Runner::ClearRecord(ClusterRecord& record) {
  if (!record.inventory.empty()) {
    std::string kept;
    std::size_t shown = 0;
    for (const InventoryEntry& entry : record.inventory) {
      if (++shown <= 5) kept += (kept.empty() ? "" : ", ") + entry.id.ToString();
    }
    if (shown > 5) kept += " and " + std::to_string(shown - 5) + " more";
    results_.push_back(AppendEvent{{.at = services_.clock.Now(),
                                    .application = application_.name,
                                    .rollout = state_->id,
                                    .cluster = record.cluster,
                                    .type = "ObjectsKept",
                                    .message = kept,
                                    .actor = state_->actor}});
  }
  record = {.application = record.application, .cluster = record.cluster};
}

void Runner::Prepare(Work& work, const Digest& manifest,
                     std::function<void(Runner&, const Status&)> done) {
  auto ready = OnControl([cluster = work.cluster, done](Runner& self, Result<ObjectsPtr> desired) {
    if (!desired) return done(self, Fail(desired.error()));
    self.WorkOn(cluster).desired = *desired;
    done(self, {});
  });
  work.connection->discovery->Get([&shelf = services_.planning.shelf, manifest,
                                   application = application_, deletes = Deletes(),
                                   ready](auto resources) mutable {
    if (!resources) return ready(Result<ObjectsPtr>(Fail(resources.error())));
    ready([&]() -> Result<ObjectsPtr> {
      if (deletes) return shelf.PrepareDeletionHooks(manifest, application, **resources);
      return ObjectsOf(TRY(shelf.Prepare(*TRY(shelf.Get(manifest)), application, **resources)));
    }());
  });
}

// A little before the rollout's own deadline strikes: that one does not know what was waited for.
Duration Runner::ApplyDeadline(const ClusterProgress& progress) const {
  const WaveProgress& wave = state_->waves[static_cast<std::size_t>(progress.wave)];
  const Duration deadline = wave.deadline.count() > 0 ? wave.deadline : state_->strategy.deadline;
  const Duration left =
      std::chrono::duration_cast<Duration>(progress.started_at + deadline - services_.clock.Now());
  return std::max<Duration>(std::chrono::milliseconds(100),
                            left - std::min<Duration>(left / 10, std::chrono::seconds(2)));
}

apply::Request Runner::MakeRequest(Work& work, const ClusterPlan& plan) {
  apply::Request request;
  request.connection = work.connection;
  request.desired = work.desired;
  request.plan = plan;
  if (!index_ || !index_->IsOf(work.desired, plan.operations)) {
    index_ = std::make_shared<const apply::DesiredIndex>(work.desired, plan.operations);
  }
  request.index = index_;
  request.application = application_.name;
  request.sync = application_.sync;
  // One that cannot be read was refused when it was declared.
  if (auto rules = diff::RuleBook::Compile(application_.ignore_differences)) {
    request.ignored = *std::move(rules);
  }
  request.checks = checks_;
  return request;
}

apply::Preflight Runner::PreflightOf(const ClusterProgress& progress) const {
  // A rollback restores what it can: one object that is refused must not keep the others back.
  if (progress.phase == ClusterPhase::kRollingBack) return apply::Preflight::kOff;
  return state_->kind == PlanKind::kSync ? apply::Preflight::kAsked : apply::Preflight::kDryRun;
}

void Runner::Send(Work& work, const ClusterPlan& plan,
                  std::function<void(Runner&, apply::ClusterResult)> done) {
  work.sending = true;
  if (!work.may_write) work.may_write = std::make_shared<std::atomic<bool>>(true);
  apply::Request request = MakeRequest(work, plan);
  const ClusterProgress& progress = state_->clusters.at(work.cluster);
  request.preflight = PreflightOf(progress);
  request.deadline = ApplyDeadline(progress);
  request.may_write = [flag = work.may_write, fence = services_.fence] {
    return flag->load() && fence->Holds();
  };
  work.may_clean_up = std::make_shared<std::atomic<bool>>(true);
  request.may_write_after_failure = [flag = work.may_clean_up, fence = services_.fence] {
    return flag->load() && fence->Holds();
  };
  if (Deletes()) {
    request.await_deletions = apply::AwaitDeletions::kAlways;
    request.checkpoint =
        OnControl([cluster = work.cluster](Runner& self, std::vector<apply::ObjectResult> results,
                                           std::move_only_function<void(Status)> go_on) {
          self.RecordHooks(cluster, std::move(results), std::move(go_on));
        });
  }
  apply::Apply(std::move(request),
               OnControl([cluster = work.cluster, done](Runner& self, apply::ClusterResult result) {
                 self.WorkOn(cluster).sending = false;
                 done(self, std::move(result));
               }));
}

}  // namespace swell::control
