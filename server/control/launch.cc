// Controller: a plan becomes a rollout, and what follows when it has ended.

#include <algorithm>
#include <set>

#include "base/core/strings.h"
#include "base/telemetry/log.h"
#include "reconciler/fleet/partition.h"
#include "server/control/controller.h"
#include "server/control/plan_records.h"

namespace swell::control {
namespace {

// Of clusters that were left out; "" where none were.
std::string ShowOffline(const RolloutState& state) {
  std::vector<std::string> names;
  for (const auto& [name, c] : state.clusters) {
    if (c.phase == ClusterPhase::kOffline) names.push_back(name);
  }
  if (names.empty()) return "";
  const std::size_t all = names.size();
  names.resize(std::min<std::size_t>(all, 5));
  return std::to_string(all) + (all == 1 ? " cluster does" : " clusters do") +
         " not answer, to be caught up: " + Join(names, ", ") +
         (all > 5 ? " and " + std::to_string(all - 5) + " more" : "");
}

}  // namespace

std::vector<Cluster> Controller::FirstClusters(const Entry& entry, const Plan* plan) const {
  const bool deletes = plan && plan->kind == PlanKind::kDelete;
  const std::vector<Cluster> members = deletes ? fleet_.All() : Selected(entry.spec);
  const std::vector<WaveProgress> waves = plan ? WavesOf(entry.spec.rollout, members, *plan)
                                               : fleet::Partition(entry.spec.rollout, members);
  for (const WaveProgress& wave : waves) {
    std::vector<Cluster> out;
    for (const std::string& name : wave.clusters) {
      const auto changes = [&] {
        const auto mine = std::ranges::find(plan->clusters, name, &ClusterPlan::cluster);
        return mine != plan->clusters.end() && mine->HasChanges();
      };
      if (plan == nullptr || changes()) out.push_back(*fleet_.Find(name));
    }
    if (!out.empty()) return out;
  }
  return {};
}

void Controller::Launch(Entry& entry, Intent intent, Planned planned) {
  const Plan& plan = planned.plan;
  RolloutState state;
  state.number = entry.state.last_rollout + 1;
  state.id = entry.spec.name + "-" + std::to_string(state.number);
  state.application = entry.spec.name;
  state.kind = plan.kind;
  state.rollback_to = intent.rollback_to;
  state.plan = plan.digest;
  state.revision = intent.revision;
  state.actor = intent.actor;
  state.reason = intent.reason;
  state.strategy = entry.spec.rollout;
  state.created_at = clock_.Now();
  if (plan.kind == PlanKind::kDelete) {
    // One cluster whose objects stay keeps the application; there is nothing to bake.
    state.strategy.max_failures = {};
    for (WaveSpec& wave : state.strategy.waves) wave.bake = Duration{0};
    state.waves = WavesOf(state.strategy, fleet_.All(), plan);
  } else {
    state.waves = WavesOf(entry.spec.rollout, Selected(entry.spec), plan);
  }

  std::vector<Mutation> mutations = PutManifests(planned, state.waves);
  for (std::size_t wave = 0; wave < state.waves.size(); ++wave) {
    for (const std::string& name : state.waves[wave].clusters) {
      const PlannedCluster& mine = planned.clusters.at(name);
      ClusterProgress progress;
      progress.cluster = name;
      progress.wave = static_cast<int>(wave);
      progress.manifest = mine.plan.manifest;
      const auto record = entry.records.find(name);
      if (record != entry.records.end()) progress.previous_manifest = record->second.good_manifest;
      progress.has_changes = mine.plan.HasChanges();
      if (plan.kind != PlanKind::kSync || !progress.has_changes) {
        progress.preflight = PreflightPhase::kPassed;
      }
      if (!mine.plan.error.empty()) {
        progress.phase = state.strategy.offline == OfflinePolicy::kSkip ? ClusterPhase::kOffline
                                                                        : ClusterPhase::kFailed;
        progress.error = "could not be read when this was planned: " + mine.plan.error;
      }
      state.clusters.emplace(name, std::move(progress));
      // One that was rendered and could not be read then has no manifest in the plan.
      if (!mine.manifest || !mine.plan.error.empty()) continue;
      if (!mine.manifest->stable_values.empty()) {
        mutations.push_back(
            PutStableRecord{Remember(mine.stable, mine.manifest->stable_values, state.number)});
      }
    }
  }
  for (const auto& [name, cluster] : planned.clusters) {
    if (cluster.manifest) shelf_.Put(cluster.manifest);
  }
  plan::PlanRecord record = RecordOf(planned, state.waves);
  NoteRequest(intent, state.created_at, record);
  auto put_plan = PutPlan(ledger_, plan, record);
  if (!put_plan) return GiveUpLaunch(entry, intent, put_plan.error());
  std::ranges::move(*put_plan, std::back_inserter(mutations));
  mutations.push_back(PutRollout{state});
  ApplicationState next = entry.state;
  next.last_rollout = state.number;
  next.out_of_sync = true;
  next.hold.clear();
  next.error.clear();
  mutations.push_back(PutApplicationState{next});
  LedgerEvent created =
      Event(entry, "RolloutCreated",
            std::string(PlanKindName(state.kind)) +
                (state.kind == PlanKind::kDelete ? std::string()
                                                 : " of " + state.revision.commit.substr(0, 7)) +
                ", plan " + plan.digest.Short() + ": " + plan::Describe(record.radius),
            intent.actor);
  created.rollout = state.id;
  mutations.push_back(AppendEvent{created});
  std::vector<Quarantine> before = entry.quarantine;
  const heal::Book book_before = entry.book;
  auto kept = KeepWhatGoes(entry, state, planned.clusters);
  if (!kept) {
    entry.planned_for = {};
    return FailPlan(entry, intent, kept.error());
  }
  std::ranges::move(*kept, std::back_inserter(mutations));
  std::ranges::move(TakeUpDrift(entry, intent, planned, state), std::back_inserter(mutations));
  if (intent.cause == gate::Cause::kManualSync) {
    // Whoever syncs a quarantined revision by hand releases it.
    std::ranges::move(Release(entry, state.revision.commit), std::back_inserter(mutations));
  } else if (intent.cause == gate::Cause::kRollback) {
    std::ranges::move(QuarantineWhatIsLeft(entry, state), std::back_inserter(mutations));
  }
  if (const Status committed = Commit(std::move(mutations)); !committed) {
    entry.quarantine = std::move(before);
    entry.book = book_before;
    keeper_.Forget(entry.spec.name);
    return GiveUpLaunch(entry, intent, committed.error());
  }
  entry.state = std::move(next);
  entry.book.Written();
  entry.adopted.clear();
  ++rollouts_;
  telemetry::LogInfo("rollout begins", {{"rollout", state.id},
                                        {"commit", state.revision.commit},
                                        {"plan", plan.digest.Short()},
                                        {"changes", plan::Describe(record.radius)}});
  entry.runner = MakeRunner(entry, state, plan);
  (void)workers_.Post([read = std::move(planned)] {});  // a thousand clusters' objects go there
  if (intent.answer) intent.answer(StartedRollout{entry.spec.name, state, ""});
  entry.runner->Start();
}

// The ledger cannot be read or written: nothing has begun, and it is tried again.
void Controller::GiveUpLaunch(Entry& entry, const Intent& intent, const Error& error) {
  entry.planned_for = {};
  entry.resync_at = clock_.Now() + options_.retry_interval;
  if (intent.answer) intent.answer(Fail(error));
}

// Who asked for the plan of a rollout, and what for.
void Controller::NoteRequest(const Intent& intent, Timestamp now, plan::PlanRecord& record) {
  record.at = now;
  record.actor = intent.actor;
  record.reason = intent.reason;
  record.confirmed = intent.confirmed == plan::Confirmed::kYes;
  record.rollback_to = intent.rollback_to;
  record.selection = intent.selection;
}

// What the plan deletes can be brought back.
Result<std::vector<Mutation>> Controller::KeepWhatGoes(
    const Entry& entry, const RolloutState& state,
    const std::map<std::string, PlannedCluster>& planned) {
  Keeping keeping = TRY_WRAP(keeper_.Keep(state, planned, clock_.Now()),
                             "keep what is deleted for swell undelete");
  if (keeping.left_out == 0) return std::move(keeping.mutations);
  LedgerEvent event =
      Event(entry, "DeletedNotKept",
            std::to_string(keeping.left_out) + " of the " +
                std::to_string(keeping.kept + keeping.left_out) +
                " objects that this deletes cannot be brought back with swell undelete: at most " +
                std::to_string(heal::kMaxKept) + " objects and " +
                std::to_string(kMaxKeptBytes >> 20) + " MiB are kept at a time",
            state.actor);
  event.rollout = state.id;
  keeping.mutations.push_back(AppendEvent{std::move(event)});
  return std::move(keeping.mutations);
}

// A rollback condemns what it leaves: the revisions that the clusters are at, and the one that
// the ref names, which would be deployed again at once otherwise.
std::vector<Mutation> Controller::QuarantineWhatIsLeft(Entry& entry, const RolloutState& rollback) {
  std::set<std::string> left;
  for (const auto& [name, record] : entry.records) {
    if (rollback.clusters.contains(name)) left.insert(record.commit);
  }
  left.erase(rollback.revision.commit);
  left.insert(entry.state.revision.commit);
  left.erase("");
  const std::string why = "rolled back to rollout " + std::to_string(rollback.rollback_to) +
                          (rollback.reason.empty() ? "" : ": " + rollback.reason);
  std::vector<Mutation> out;
  for (const std::string& commit : left) {
    std::ranges::move(QuarantineOf(entry, commit, rollback.number, why), std::back_inserter(out));
  }
  return out;
}

RunnerServices Controller::ServicesFor(const std::string& application) {
  return {
      control_,
      clock_,
      ledger_,
      Services(),
      options_.health_interval,
      options_.health_checks,
      [this, application](const RolloutState& state) { return ConditionsOf(application, state); },
      [this, application](const RolloutState& state, const rollout::AskGate& ask,
                          RunnerServices::GateAnswered answered) {
        AskGate(application, state, ask, answered);
      },
      [this, application](
          const RolloutState& state,
          const std::map<std::string, PlannedCluster>& planned) -> Result<std::vector<Mutation>> {
        return KeepWhatGoes(*TRY(Find(application)), state, planned);
      },
      [this, application] { keeper_.Forget(application); },
      [this, application](const RolloutStatePtr& state, const std::vector<LedgerEvent>& events) {
        for (const LedgerEvent& event : events) Publish({.event = event}, application);
        Publish({.rollout = state}, application);
      },
      [this, application](const RolloutState& state) {
        // Later: the runner is still on the stack.
        control_.Post([this, application, state] { OnRolloutFinished(application, state); });
      },
      fence_};
}

std::shared_ptr<Runner> Controller::MakeRunner(Entry& entry, RolloutState state, Plan plan) {
  return std::make_shared<Runner>(ServicesFor(entry.spec.name),
                                  Effective(entry, heal::Book::Stops::kInForce), fleet_.All(),
                                  std::move(state), std::move(plan), entry.records);
}

void Controller::OnRolloutFinished(const std::string& application, const RolloutState& state) {
  const auto it = entries_.find(application);
  if (it == entries_.end() || stopped_) return;
  Entry& entry = *it->second;
  entry.runner.reset();
  entry.last = state;
  // What the watches told meanwhile was most of it our own doing: one look, soon, tells the rest.
  entry.live_changes = {};
  entry.resync_at = clock_.Now() + kFirstLivePause;
  ReadHealthSoon(entry);
  telemetry::LogInfo("rollout ended", {{"rollout", state.id},
                                       {"phase", RolloutPhaseName(state.phase)},
                                       {"message", state.message}});
  DeleteJobs(state);
  if (state.kind == PlanKind::kDelete) return FinishDeletion(entry, state);
  std::vector<Mutation> mutations;
  ApplicationState next = entry.state;
  const bool failed =
      state.phase == RolloutPhase::kFailed || state.phase == RolloutPhase::kRolledBack;
  if (state.phase == RolloutPhase::kSucceeded && state.kind != PlanKind::kRollback) {
    const std::string& head = next.revision.commit;
    next.out_of_sync = state.revision.commit != head &&
                       std::ranges::find(entry.adopted, head) == entry.adopted.end();
    next.reconciled_commit = state.revision.commit;
    next.reconciled_generation = entry.spec.generation;
    next.hold = entry.waits;
    if (next.hold.empty()) next.hold = ShowOffline(state);
    next.out_of_sync = next.out_of_sync || !next.hold.empty();
  } else if (state.phase == RolloutPhase::kSucceeded) {
    next.hold = "rolled back to rollout " + std::to_string(state.rollback_to) + "; the next " +
                (IsChart(KeyOf(entry.spec.source)) ? "version" : "commit") + " deploys by itself";
  } else if (failed && state.kind == PlanKind::kSync) {
    mutations = QuarantineOf(entry, state.revision.commit, state.number, state.message);
    for (const std::string& same : entry.adopted) {
      std::ranges::move(QuarantineOf(entry, same, state.number, state.message),
                        std::back_inserter(mutations));
    }
    next.hold = "revision " + state.revision.commit.substr(0, 7) +
                " is quarantined since rollout " + std::to_string(state.number) + " failed; " +
                HowToGoOn(entry.spec);
  } else if (failed) {
    next.error = state.message;
  }
  entry.book.Settle(state, clock_.Now());
  std::ranges::move(entry.book.Unwritten(), std::back_inserter(mutations));
  if (next != entry.state) mutations.push_back(PutApplicationState{next});
  if (mutations.empty() || Commit(std::move(mutations))) {
    entry.state = std::move(next);
    entry.book.Written();
  }
  // A failed repair waits for the next resync; everything else is looked at anew now.
  if (state.phase == RolloutPhase::kCancelled) entry.planned_for = {};
  Evaluate(entry);
}

std::string Controller::HowToGoOn(const Application& application) {
  const bool chart = IsChart(KeyOf(application.source));
  return std::string(chart ? "publish another version" : "push another commit") +
         ", or run `swell sync " + application.name + "` to try it again";
}

std::vector<Mutation> Controller::QuarantineOf(Entry& entry, const std::string& commit,
                                               std::int64_t rollout, const std::string& reason) {
  Quarantine q{entry.spec.name, commit, rollout, reason, clock_.Now()};
  std::erase_if(entry.quarantine, [&](const Quarantine& other) { return other.commit == commit; });
  entry.quarantine.push_back(q);
  return {PutQuarantine{q},
          AppendEvent{Event(entry, "RevisionQuarantined", commit.substr(0, 7) + ": " + reason)}};
}

}  // namespace swell::control
