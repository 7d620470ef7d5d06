#include "server/control/runner.h"

#include <algorithm>
#include <atomic>

#include "base/telemetry/log.h"
#include "server/control/inventory.h"

#if defined(__GNUC__) && !defined(__clang__)
// A false alarm of g++ 12 on moving a Result (GCC bug 105562).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace swell::control {

struct Runner::Work {
  std::string cluster;
  kube::ConnectionPtr connection;
  ObjectsPtr desired;
  std::vector<apply::ObjectResult> applied;
  std::shared_ptr<apply::Explanations> explanations = std::make_shared<apply::Explanations>();
  // Shared with the apply that is under way: false stops its next write.
  std::shared_ptr<std::atomic<bool>> may_write;
  // The same for its SyncFail hooks, which a rollback lets run before it begins.
  std::shared_ptr<std::atomic<bool>> may_clean_up;
  bool sending = false;                  // operations are under way
  bool watching = false;                 // health is read again and again
  std::move_only_function<void()> then;  // when what is under way has stopped
};

apply::UserChecks ChecksOf(const RunnerServices& services, const Application& application) {
  auto own = health::Checks::Compile(application.health_checks, health::kHealthChecksField);
  if (!own) own = health::Checks::Broken(own.error());
  return {.checks = own->Before(services.health_checks),
          .clock = &services.clock,
          .workers = &services.planning.workers};
}

template <class Fn>
auto Runner::OnControl(Fn fn) {
  return [weak = weak_from_this(), &control = services_.control,
          fn = std::make_shared<Fn>(std::move(fn))](auto... args) {
    control.Post([weak, fn, ... args = std::move(args)]() mutable {
      if (auto self = weak.lock(); self && !self->finished_) (*fn)(*self, std::move(args)...);
    });
  };
}

Runner::Runner(RunnerServices services, Application application, std::vector<Cluster> clusters,
               RolloutState state, Plan plan, std::map<std::string, ClusterRecord>& records)
    : services_(std::move(services)),
      application_(std::move(application)),
      clusters_([&] {
        std::map<std::string, Cluster> out;
        for (Cluster& c : clusters) out.emplace(c.name, std::move(c));
        return out;
      }()),
      checks_(ChecksOf(services_, application_)),
      state_(std::move(state)),
      plan_(std::move(plan)),
      records_(records) {}

Runner::~Runner() = default;

void Runner::Start() { Handle(rollout::Started{}); }

void Runner::Cancel(const std::string& reason) { Handle(rollout::CancelRequested{reason}); }

void Runner::Abandon() {
  finished_ = true;
  wake_.Cancel();
  ForbidWrites();
}

void Runner::ForbidWrites() {
  for (auto& [name, work] : work_) {
    if (work->may_write) *work->may_write = false;
    if (work->may_clean_up) *work->may_clean_up = false;
  }
}

// A write that is on its way may still land: the next rollout must not begin before it has.
void Runner::Close() {
  ForbidWrites();
  const bool busy = std::ranges::any_of(work_, [](const auto& w) { return w.second->sending; });
  if (busy || !results_.empty()) {
    if (!busy) Handle(rollout::Ticked{});  // commits what came in last; changes nothing else
    services_.control.PostAfter(std::chrono::milliseconds(20), [weak = weak_from_this()] {
      if (auto self = weak.lock(); self && !self->finished_) self->Close();
    });
    return;
  }
  finished_ = true;
  services_.on_finished(state_);
}

// --- events, steps, the ledger ---

void Runner::Handle(rollout::Event event) {
  if (finished_) return;
  inbox_.push_back(std::move(event));
  if (drain_posted_) return;
  // Events that arrive together are committed together.
  drain_posted_ = true;
  services_.control.Post([weak = weak_from_this()] {
    if (auto self = weak.lock()) self->Drain();
  });
}

void Runner::Drain() {
  drain_posted_ = false;
  if (finished_ || inbox_.empty()) return;
  const Timestamp now = services_.clock.Now();
  RolloutState next = state_;
  std::vector<rollout::Action> actions;
  for (const rollout::Event& event : inbox_) {
    rollout::Transition t = rollout::Step(std::move(next), event, now);
    next = std::move(t.state);
    std::ranges::move(t.actions, std::back_inserter(actions));
  }
  std::vector<Mutation> mutations = results_;
  std::vector<LedgerEvent> notes;
  for (const rollout::Action& action : actions) {
    if (const auto* note = std::get_if<rollout::Note>(&action)) {
      notes.push_back({.at = now,
                       .application = next.application,
                       .rollout = next.id,
                       .cluster = note->cluster,
                       .type = note->type,
                       .message = note->message,
                       .actor = next.actor});
      mutations.push_back(AppendEvent{notes.back()});
    }
  }
  Intend(actions, mutations);
  if (IsTerminal(next.phase)) Conclude(next, mutations);
  mutations.push_back(PutRollout{next});
  if (const Status committed = services_.ledger.Commit(std::move(mutations)); !committed) {
    // Nothing was recorded, so nothing is done: the same events are tried again.
    telemetry::LogError("cannot record a rollout's step; trying again",
                        {{"rollout", state_.id}, {"error", committed.error()}});
    drain_posted_ = true;
    services_.control.PostAfter(std::chrono::seconds(1), [weak = weak_from_this()] {
      if (auto self = weak.lock()) self->Drain();
    });
    return;
  }
  inbox_.clear();
  results_.clear();
  state_ = std::move(next);
  services_.on_step(state_, notes);
  for (const rollout::Action& action : actions) Carry(action);
}

void Runner::Intend(const std::vector<rollout::Action>& actions, std::vector<Mutation>& mutations) {
  for (const rollout::Action& action : actions) {
    const auto* apply = std::get_if<rollout::ApplyCluster>(&action);
    if (!apply) continue;
    const auto plan = std::ranges::find(plan_.clusters, apply->cluster, &ClusterPlan::cluster);
    if (plan == plan_.clusters.end() || !plan->operations) continue;
    // Taken up again, a deletion knows from the inventory which hooks have run.
    const bool again = state_.clusters.at(apply->cluster).phase != ClusterPhase::kPending;
    if (Deletes() && again) continue;
    ClusterRecord& record = Record(apply->cluster);
    record.inventory = JoinInventory(record.inventory, plan->operations->operations);
    mutations.push_back(PutClusterRecord{record});
  }
}

void Runner::Conclude(const RolloutState& after, std::vector<Mutation>& mutations) {
  if (Deletes()) return;  // ClearRecord has done it, cluster by cluster
  const Timestamp now = services_.clock.Now();
  for (const auto& [name, c] : after.clusters) {
    ClusterRecord& record = Record(name);
    if (c.phase == ClusterPhase::kPending || c.phase == ClusterPhase::kSkipped) continue;
    record.health = c.phase == ClusterPhase::kHealthy || c.phase == ClusterPhase::kRolledBack
                        ? Health{}
                        : c.health;
    record.updated_at = now;
    if (after.phase == RolloutPhase::kSucceeded && c.phase == ClusterPhase::kHealthy) {
      record.good_manifest = c.manifest;
      record.good_commit = after.revision.commit;
      record.good_rollout = after.number;
    }
    mutations.push_back(PutClusterRecord{record});
  }
  // Together with the end: a crash between the two would let the same revision begin again.
  const bool failed =
      after.phase == RolloutPhase::kFailed || after.phase == RolloutPhase::kRolledBack;
  if (failed && after.kind == PlanKind::kSync) {
    mutations.push_back(PutQuarantine{
        {after.application, after.revision.commit, after.number, after.message, now}});
  }
}

void Runner::Carry(const rollout::Action& action) {
  if (const auto* apply = std::get_if<rollout::ApplyCluster>(&action)) {
    ApplyTo(apply->cluster);
  } else if (const auto* watch = std::get_if<rollout::WatchHealth>(&action)) {
    WatchHealth(watch->cluster);
  } else if (const auto* back = std::get_if<rollout::RollBackCluster>(&action)) {
    RollBack(back->cluster, back->manifest);
  } else if (const auto* wake = std::get_if<rollout::WakeAt>(&action)) {
    WakeAt(wake->at);
  } else if (std::get_if<rollout::Finished>(&action)) {
    wake_.Cancel();
    Close();
  }
}

void Runner::WakeAt(Timestamp at) {
  wake_.Cancel();
  const Duration wait = std::max(Duration{1}, Duration(at - services_.clock.Now()));
  wake_ = services_.control.PostAfter(wait, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->Handle(rollout::Ticked{});
  });
}

ClusterRecord& Runner::Record(const std::string& cluster) {
  ClusterRecord& record = records_[cluster];
  record.application = application_.name;
  record.cluster = cluster;
  return record;
}

Runner::Work& Runner::WorkOn(const std::string& cluster) {
  auto& work = work_[cluster];
  if (!work) {
    work = std::make_unique<Work>();
    work->cluster = cluster;
  }
  return *work;
}

// --- apply ---

void Runner::ApplyTo(const std::string& cluster) {
  Work& work = WorkOn(cluster);
  if (work.sending) return;  // asked again after a restart of the machine alone
  const auto plan = std::ranges::find(plan_.clusters, cluster, &ClusterPlan::cluster);
  const auto fail = [&](const Error& error) {
    Handle(rollout::ClusterApplyFailed{cluster, state_.plan, error.ToString()});
  };
  if (plan == plan_.clusters.end() || !plan->operations) {
    return fail(FailedPrecondition("the plan holds nothing for this cluster"));
  }
  auto connection = services_.planning.clients.Find(cluster);
  if (!connection) return fail(connection.error());
  work.connection = *connection;
  work.sending = true;
  work.may_write = std::make_shared<std::atomic<bool>>(true);
  ClusterPlan todo = Deletes() ? WithoutDoneHooks(*plan, Record(cluster).inventory) : *plan;
  Prepare(work, state_.clusters.at(cluster).manifest,
          [cluster, operations = std::move(todo)](Runner& self, const Status& ready) {
            Work& work = self.WorkOn(cluster);
            work.sending = false;
            if (!ready) {
              return self.Handle(
                  rollout::ClusterApplyFailed{cluster, self.state_.plan, ready.error().ToString()});
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
    record.manifest = state_.clusters.at(cluster).manifest;
    record.commit = state_.revision.commit;
    record.rollout = state_.number;
  }
  record.updated_at = services_.clock.Now();
  results_.push_back(PutClusterRecord{record});
  work.applied = std::move(result.objects);
  if (work.then) return std::exchange(work.then, nullptr)();
  if (result.ok()) return Handle(rollout::ClusterApplied{cluster, state_.plan});
  Handle(rollout::ClusterApplyFailed{cluster, state_.plan, result.error->ToString()});
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
                                    .rollout = state_.id,
                                    .cluster = record.cluster,
                                    .type = "ObjectsKept",
                                    .message = kept,
                                    .actor = state_.actor}});
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
  const Duration left = std::chrono::duration_cast<Duration>(
      progress.started_at + state_.strategy.deadline - services_.clock.Now());
  return std::max<Duration>(std::chrono::milliseconds(100),
                            left - std::min<Duration>(left / 10, std::chrono::seconds(2)));
}

void Runner::Send(Work& work, const ClusterPlan& plan,
                  std::function<void(Runner&, apply::ClusterResult)> done) {
  work.sending = true;
  if (!work.may_write) work.may_write = std::make_shared<std::atomic<bool>>(true);
  apply::Request request;
  request.connection = work.connection;
  request.desired = work.desired;
  request.plan = plan;
  request.application = application_.name;
  request.sync = application_.sync;
  // One that cannot be read was refused when it was declared.
  if (auto rules = diff::RuleBook::Compile(application_.ignore_differences)) {
    request.ignored = *std::move(rules);
  }
  const ClusterProgress& progress = state_.clusters.at(work.cluster);
  // A rollback restores what it can: one object that is refused must not keep the others back.
  request.preflight = progress.phase == ClusterPhase::kRollingBack ? apply::Preflight::kOff
                                                                   : apply::Preflight::kDryRun;
  request.deadline = ApplyDeadline(progress);
  request.may_write = [flag = work.may_write] { return flag->load(); };
  request.checks = checks_;
  work.may_clean_up = std::make_shared<std::atomic<bool>>(true);
  request.may_write_after_failure = [flag = work.may_clean_up] { return flag->load(); };
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

// --- rollback of one cluster ---

void Runner::RollBack(const std::string& cluster, const Digest& manifest) {
  Work& work = WorkOn(cluster);
  if (work.sending) {
    *work.may_write = false;
    work.then = [this, cluster, manifest] { RollBack(cluster, manifest); };
    return;
  }
  const auto known = clusters_.find(cluster);
  auto connection = services_.planning.clients.Find(cluster);
  if (known == clusters_.end() || !connection) {
    return Handle(rollout::ClusterRollbackFailed{cluster, state_.plan,
                                                 "the cluster is not registered any more"});
  }
  work.connection = *connection;
  work.sending = true;
  work.may_write = std::make_shared<std::atomic<bool>>(true);
  PlanRequest request;
  request.kind = PlanKind::kRollback;
  request.application = application_;
  request.targets.push_back({known->second, Record(cluster), manifest});
  MakePlan(services_.planning, std::move(request),
           OnControl([cluster](Runner& self, Result<Planned> planned) {
             Work& work = self.WorkOn(cluster);
             work.sending = false;
             const PlannedCluster* mine = planned ? &planned->clusters.at(cluster) : nullptr;
             if (mine && mine->plan.error.empty()) return self.SendRollback(work, *mine);
             self.Handle(rollout::ClusterRollbackFailed{
                 cluster, self.state_.plan, mine ? mine->plan.error : planned.error().ToString()});
           }));
}

void Runner::SendRollback(Work& work, const PlannedCluster& planned) {
  work.desired = planned.desired;
  ClusterRecord& record = Record(work.cluster);
  record.inventory = JoinInventory(record.inventory, planned.plan.operations->operations);
  if (const Status committed = services_.ledger.Commit({PutClusterRecord{record}}); !committed) {
    return Handle(
        rollout::ClusterRollbackFailed{work.cluster, state_.plan, committed.error().ToString()});
  }
  Send(work, planned.plan,
       [cluster = work.cluster, manifest = planned.plan.manifest](Runner& self,
                                                                  apply::ClusterResult result) {
         self.FinishRollback(cluster, manifest, std::move(result));
       });
}

void Runner::FinishRollback(const std::string& cluster, const Digest& manifest,
                            apply::ClusterResult result) {
  Work& work = WorkOn(cluster);
  ClusterRecord& record = Record(cluster);
  record.inventory = SettleInventory(record.inventory, result);
  if (result.ok()) {
    record.manifest = manifest;
    record.commit = record.good_commit;
    record.rollout = record.good_rollout;
  }
  record.updated_at = services_.clock.Now();
  results_.push_back(PutClusterRecord{record});
  if (!result.ok()) {
    return Handle(rollout::ClusterRollbackFailed{cluster, state_.plan, result.error->ToString()});
  }
  work.applied = std::move(result.objects);
  AwaitRolledBack(cluster);
}

void Runner::AwaitRolledBack(const std::string& cluster) {
  if (finished_ || state_.clusters.at(cluster).phase != ClusterPhase::kRollingBack) return;
  ReadHealth(WorkOn(cluster), [weak = weak_from_this(), cluster](const Health& health) {
    auto self = weak.lock();
    if (!self || self->finished_) return;
    if (health.status == HealthStatus::kHealthy) {
      return self->Handle(rollout::ClusterRolledBack{cluster, self->state_.plan});
    }
    self->services_.control.PostAfter(self->services_.health_interval, [weak, cluster] {
      if (auto self = weak.lock()) self->AwaitRolledBack(cluster);
    });
  });
}

// --- health ---

void Runner::WatchHealth(const std::string& cluster) {
  Work& work = WorkOn(cluster);
  if (finished_ || !rollout::NeedsHealth(state_, cluster)) {
    work.watching = false;
    return;
  }
  if (work.watching) return;
  work.watching = true;
  ReadHealth(work, [weak = weak_from_this(), cluster](const Health& health) {
    auto self = weak.lock();
    if (!self || self->finished_) return;
    const ClusterProgress& now = self->state_.clusters.at(cluster);
    // Only news are events: a bake of an hour must not be an hour of commits.
    if (health != now.health ||
        (now.phase == ClusterPhase::kVerifying) == (health.status == HealthStatus::kHealthy)) {
      self->Handle(rollout::ClusterHealthSeen{cluster, self->state_.plan, health});
    }
    self->services_.control.PostAfter(self->services_.health_interval, [weak, cluster] {
      auto self = weak.lock();
      if (!self) return;
      self->WorkOn(cluster).watching = false;
      self->WatchHealth(cluster);
    });
  });
}

void Runner::ReadHealth(Work& work, std::function<void(const Health&)> seen) {
  if (work.desired) {
    apply::HealthRequest request{work.connection, work.desired, work.applied, checks_,
                                 work.explanations};
    apply::ReadHealth(
        std::move(request), OnControl([seen](Runner&, Result<apply::HealthReport> report) {
          seen(report ? report->health : Health{HealthStatus::kUnknown, report.error().ToString()});
        }));
    return;
  }
  // After a restart: what is desired comes from the record again.
  const std::string cluster = work.cluster;
  const ClusterProgress& progress = state_.clusters.at(cluster);
  const Digest manifest =
      progress.phase == ClusterPhase::kRollingBack ? progress.previous_manifest : progress.manifest;
  auto connection = services_.planning.clients.Find(cluster);
  if (!connection) return seen({HealthStatus::kUnknown, connection.error().ToString()});
  work.connection = *connection;
  Prepare(work, manifest, [cluster, seen](Runner& self, const Status& ready) {
    if (!ready) return seen({HealthStatus::kUnknown, ready.error().ToString()});
    self.ReadHealth(self.WorkOn(cluster), seen);
  });
}

}  // namespace swell::control
