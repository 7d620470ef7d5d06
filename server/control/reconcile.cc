// Controller: from a ref that moved, a spec that changed or a resync that is due, to a plan and
// the decision what to do with it.

#include <algorithm>

#include "base/telemetry/log.h"
#include "reconciler/fleet/partition.h"
#include "server/control/controller.h"
#include "server/control/inventory.h"
#include "server/control/unreadable.h"

namespace swell::control {
namespace {

bool MatchesRecords(const Planned& planned, const std::map<std::string, ClusterRecord>& records) {
  return std::ranges::all_of(planned.clusters, [&](const auto& entry) {
    const auto record = records.find(entry.first);
    return record != records.end() && record->second.manifest == entry.second.plan.manifest;
  });
}

// "main is at 1a2b3c4 "Fix" by Ada <ada@example.com>", "^1.2 is at 1a2b3c4 "chart web 1.2.3""
std::string ShowResolved(const SourceKey& source, const std::string& ref,
                         const Revision& revision) {
  const std::string newest = IsChart(source) ? "the newest version" : "HEAD";
  return (ref.empty() ? newest : ref) + " is at " + revision.commit.substr(0, 7) + " \"" +
         revision.message + "\"" + (revision.author.empty() ? "" : " by " + revision.author);
}

}  // namespace

void Controller::OnResolved(const SourceKey& source, const std::string& ref,
                            const Result<Revision>& revision) {
  // One transaction for all applications of the ref, however many they are.
  std::vector<Mutation> mutations;
  std::vector<std::pair<Entry*, ApplicationState>> moved;
  std::vector<Entry*> all;
  for (auto& [name, owned] : entries_) {
    Entry& entry = *owned;
    if (KeyOf(entry.spec.source) != source || entry.spec.source.revision != ref) continue;
    all.push_back(&entry);
    ApplicationState next = entry.state;
    entry.ref_error = revision ? "" : revision.error().ToString();
    next.source_error = ShowSourceError(entry.ref_error, entry.remote_errors);
    if (revision) next.revision = *revision;
    if (next == entry.state) continue;
    mutations.push_back(PutApplicationState{next});
    if (!revision) {
      mutations.push_back(AppendEvent{Event(entry, "SourceFailed", entry.ref_error)});
    } else if (next.revision.commit != entry.state.revision.commit) {
      mutations.push_back(
          AppendEvent{Event(entry, "RevisionResolved", ShowResolved(source, ref, next.revision))});
    }
    moved.emplace_back(&entry, std::move(next));
  }
  if (!mutations.empty() && !Commit(std::move(mutations))) return;  // the next tick tries again
  for (auto& [entry, next] : moved) entry->state = std::move(next);
  if (!revision) return;
  for (Entry* entry : all) Evaluate(*entry);
}

void Controller::Evaluate(Entry& entry) {
  if (entry.planning || entry.comparing || entry.restoring > 0 || stopped_) return;
  if (!entry.intents.empty()) return EvaluateIntent(entry);
  if (IsDeleting(entry)) return;
  if (entry.runner && entry.runner->state().kind == PlanKind::kDelete) return;
  const Revision& head = entry.state.revision;
  if (head.commit.empty()) return;
  const PlannedFor wanted = Wanted(entry);
  const bool moved = wanted != entry.planned_for;
  if (!moved && clock_.Now() < entry.resync_at) return;
  if (entry.runner) {
    const bool same = entry.runner->state().revision.commit == head.commit;
    if (same || !moved || !entry.spec.sync.auto_sync) return;
    // What runs is brought to its end; what came meanwhile is looked at then.
    if (entry.spec.rollout.on_new_commit == OnNewCommit::kFinish) return;
  }
  if (moved && CompareContent(entry, wanted)) return;
  Intent intent;
  intent.revision = head;
  const bool remote_alone = moved && head.commit == entry.planned_for.commit &&
                            wanted.remotes != entry.planned_for.remotes;
  intent.reason = remote_alone ? "what is remote changed"
                  : moved      ? "revision " + head.commit.substr(0, 7)
                               : "drift";
  // A cluster that failed and was tolerated, or was left out, is not at this revision yet: that is
  // no drift.
  const bool incomplete =
      entry.last && entry.last->phase == RolloutPhase::kSucceeded &&
      std::ranges::any_of(entry.last->clusters, [](const auto& c) {
        return c.second.phase == ClusterPhase::kFailed || c.second.phase == ClusterPhase::kOffline;
      });
  // Nor is a commit that was held: it is still to be deployed, by automatic sync or nobody.
  if (!moved && !incomplete) intent.cause = entry.held.value_or(gate::Cause::kSelfHeal);
  if (FindQuarantine(entry, head.commit)) {
    // What should be there is what was proven last, not what the ref says.
    if (entry.runner) return;
    intent.cause = gate::Cause::kSelfHeal;
    for (const auto& [name, record] : entry.records) {
      if (!record.manifest.empty()) intent.recorded.emplace(name, record.manifest);
    }
    if (intent.recorded.empty()) return;
  }
  StartPlan(entry, std::move(intent));
}

// Requests by hand: a rollback stops what runs and comes next; a sync of what runs already is
// answered with it.
void Controller::EvaluateIntent(Entry& entry) {
  Intent& first = entry.intents.front();
  if (entry.runner && !MayComeBeside(entry.runner->state(), first)) {
    entry.intents.pop_front();
    return Evaluate(entry);
  }
  const bool deleting = entry.runner && entry.runner->state().kind == PlanKind::kDelete;
  if (entry.runner && !deleting && first.cause == gate::Cause::kRollback) {
    // What may not be rolled back is not stopped for it either.
    const auto may = gate::Decide(GateRequest(entry, first, nullptr), clock_.Now());
    if (may.verdict != gate::Decision::Verdict::kAllow) {
      Intent refused = std::move(first);
      entry.intents.pop_front();
      if (refused.answer) refused.answer(Fail(gate::AsError(may)));
      return Evaluate(entry);
    }
    return entry.runner->Cancel("a rollback to " + std::to_string(first.rollback_to) +
                                " was asked for by " + first.actor);
  }
  Intent intent = std::move(first);
  entry.intents.pop_front();
  if (entry.runner) {
    const RolloutState& running = entry.runner->state();
    if (deleting || intent.cause == gate::Cause::kDeletion) {
      if (intent.answer) {
        intent.answer(Fail(FailedPrecondition("rollout " + running.id + " (" +
                                              std::string(PlanKindName(running.kind)) +
                                              ") is running: wait for it or cancel it first")));
      }
      return Evaluate(entry);
    }
    const bool same = running.kind == PlanKind::kSync && intent.confirmed == plan::Confirmed::kNo &&
                      running.revision.commit == intent.revision.commit &&
                      entry.runner->plan().application_generation == entry.spec.generation;
    if (same) {
      if (intent.answer) {
        intent.answer(StartedRollout{entry.spec.name, running, "already running"});
      }
      return Evaluate(entry);
    }
  }
  StartPlan(entry, std::move(intent));
}

// What asks for exactly one plan never stops what runs: the plan was shown for what was there.
bool Controller::MayComeBeside(const RolloutState& running, const Intent& intent) const {
  if (intent.expected_plan.empty() || intent.cause == gate::Cause::kDeletion) return true;
  if (!intent.answer) return false;
  if (running.plan.Hex() == intent.expected_plan) {
    intent.answer(StartedRollout{running.application, running, "already running"});
  } else {
    intent.answer(
        Fail(FailedPrecondition("rollout " + running.id + " of plan " + running.plan.Short() +
                                " is running: wait for it or cancel it first")));
  }
  return false;
}

Result<PlanRequest> Controller::MakeRequest(const Entry& entry, PlanKind kind,
                                            const Revision& revision,
                                            const std::map<std::string, Digest>& recorded) const {
  PlanRequest request;
  request.kind = kind;
  request.application = Effective(entry, heal::Book::Stops::kInForce);
  request.revision = revision;
  request.now = clock_.Now();
  request.limits = options_.render;
  for (const Cluster& cluster : Selected(entry.spec)) {
    PlanTarget target{cluster, ClusterRecord{}, std::nullopt};
    const auto record = entry.records.find(cluster.name);
    if (record != entry.records.end()) target.record = record->second;
    if (!recorded.empty()) {
      const auto manifest = recorded.find(cluster.name);
      if (manifest == recorded.end()) continue;
      target.recorded = manifest->second;
    }
    request.targets.push_back(std::move(target));
  }
  if (recorded.empty()) {
    request.tree = TRY(poller_.Tree(KeyOf(entry.spec.source), revision.commit));
  }
  return request;
}

void Controller::StartPlan(Entry& entry, Intent intent) {
  const PlanKind kind = intent.cause == gate::Cause::kRollback   ? PlanKind::kRollback
                        : intent.cause == gate::Cause::kDeletion ? PlanKind::kDelete
                        : intent.cause == gate::Cause::kSelfHeal ? PlanKind::kHeal
                                                                 : PlanKind::kSync;
  if (intent.recorded.empty() && kind != PlanKind::kDelete) {
    // Not planned at all: the next poll comes again.
    const auto tree = poller_.Tree(KeyOf(entry.spec.source), intent.revision.commit);
    if (!tree) return FailPlan(entry, intent, tree.error());
  }
  RemotePlanRequest request{.policy = PolicyOf(entry), .pins = entry.state.remotes, .make = {}};
  request.make = [this, name = entry.spec.name, kind, revision = intent.revision,
                  confirmed = intent.confirmed, recorded = intent.recorded,
                  by_hand = intent.cause == gate::Cause::kManualSync,
                  live_state = LiveStateFor(entry)]() -> Result<PlanRequest> {
    const Entry& entry = *TRY(Find(name));
    PlanRequest made =
        TRY(kind == PlanKind::kDelete ? MakeDeletion(entry)
                                      : MakeRequest(entry, kind, revision, recorded));
    // Whoever syncs by hand wants everything to be as it is declared, once more.
    if (by_hand) made.application = Effective(entry, heal::Book::Stops::kForgiven);
    made.confirmed = confirmed;
    made.live_state = live_state;
    return made;
  };
  entry.planning = true;
  intent.rules_version = entry.book.rules_version();
  NoteLivePlanBegins(entry, kind);
  ++plans_;
  PlanWithRemotes(Services(), Charts(), poller_, control_, std::move(request),
                  [this, name = entry.spec.name, planned_for = Wanted(entry),
                   policy = PolicyOf(entry), known = entry.state.remotes,
                   intent = std::move(intent)](Result<Planned> planned, RemotePins used) mutable {
                    const auto it = entries_.find(name);
                    if (it == entries_.end()) {
                      if (intent.answer)
                        intent.answer(Fail(NotFound("the application was deleted")));
                      return;
                    }
                    it->second->planning = false;
                    planned_for.remotes = RemotesDigest(policy, used);
                    AdoptRemotes(*it->second, known, std::move(used));
                    FinishPlan(*it->second, planned_for, std::move(intent), std::move(planned));
                  });
}

void Controller::FinishPlan(Entry& entry, const PlannedFor& planned_for, Intent intent,
                            Result<Planned> planned) {
  NoteLivePlanEnds(entry);
  if (!planned) {
    entry.planned_for = planned_for;  // the same inputs fail again: wait for the retry
    return FailPlan(entry, intent, planned.error());
  }
  for (const auto& [name, cluster] : planned->clusters) {
    fleet_.Seen(name, cluster.version, cluster.plan.error);
  }
  entry.reads = std::move(planned->reads);
  entry.reads_digest = planned->reads_digest;
  const PlannedFor now = Wanted(entry);
  const bool other_rules = intent.rules_version != entry.book.rules_version();
  if (now != planned_for || other_rules) {
    // The world moved while this was computed. Never act on what was true.
    if (other_rules) entry.resync_at = clock_.Now();
    if (intent.answer) {
      entry.intents.push_front(std::move(intent));
    }
    return Evaluate(entry);
  }
  const int unreadable = CountUnreadable(planned->plan);
  if (unreadable > 0 && planned->plan.kind == PlanKind::kDelete) {
    return FailPlan(
        entry, intent,
        Unavailable(
            std::to_string(unreadable) + " of " + std::to_string(planned->plan.clusters.size()) +
            " clusters cannot be read, so nothing is deleted: " + ShowUnreadable(planned->plan) +
            "; --orphan leaves the objects where they are"));
  }
  if (const std::string why = TooFewAnswer(
          planned->plan, entry.spec, fleet::Partition(entry.spec.rollout, Selected(entry.spec)));
      !why.empty()) {
    entry.planned_for = planned_for;
    return FailPlan(entry, intent, Unavailable(why + ": " + ShowUnreadable(planned->plan)));
  }
  Act(entry, planned_for, std::move(intent), std::move(*planned));
}

void Controller::Act(Entry& entry, const PlannedFor& planned_for, Intent intent, Planned planned) {
  entry.planned_for = planned_for;
  AdaptLivePause(entry, !planned.plan.HasChanges());
  if (!std::exchange(entry.health_known, true)) {
    // While the server was away nobody looked.
    for (const auto& [name, record] : entry.records) ReadHealthSoon(entry, name);
  }
  if (!IsAsExpected(entry, intent, planned)) return;
  if (planned.plan.kind == PlanKind::kDelete && !ActOnDeletion(entry, intent, planned)) return;
  if (Condemn(entry, intent, planned)) return Evaluate(entry);
  if (TendDrift(entry, intent, planned)) return Evaluate(entry);
  if (!planned.plan.HasChanges() && CountUnreadable(planned.plan) == 0) {
    SettleInSync(entry, intent, planned);
    if (intent.revision.commit == entry.state.revision.commit && intent.recorded.empty()) {
      entry.held.reset();
      entry.held_until.reset();
    } else if (gate::IsByHand(intent.cause)) {
      entry.planned_for = {};  // it says nothing about what the ref names, which may be held
    }
    if (intent.answer) {
      intent.answer(StartedRollout{entry.spec.name, std::nullopt,
                                   "already in sync with " + intent.revision.commit.substr(0, 7)});
    }
    return Evaluate(entry);
  }
  if (!planned.plan.HasChanges()) {  // unreadable clusters alone: look again soon
    entry.resync_at = clock_.Now() + options_.retry_interval;
    if (intent.answer) intent.answer(Fail(Unavailable(ShowUnreadable(planned.plan))));
    return;
  }
  const gate::Decision decision =
      gate::Decide(GateRequest(entry, intent, &planned.plan), clock_.Now());
  if (decision.verdict != gate::Decision::Verdict::kAllow) {
    LeaveDrift(entry, planned, decision.reason);
    return KeepBack(entry, intent, decision);
  }
  if (entry.runner) {
    // Superseded: when the running one has stopped, the plan is made anew over what it left.
    entry.runner->Cancel("superseded by revision " + intent.revision.commit.substr(0, 7));
    entry.planned_for = {};
    if (intent.answer) entry.intents.push_front(std::move(intent));
    return;
  }
  if (!decision.overridden.empty()) {
    const Status recorded =
        Commit({AppendEvent{Event(entry, "OverrideUsed", decision.overridden, intent.actor)}});
    if (!recorded) {
      entry.planned_for = {};
      if (intent.answer) intent.answer(Fail(recorded.error()));
      return;
    }
  }
  entry.held.reset();
  entry.held_until.reset();
  entry.waits = WaitsFor(entry.spec, planned);
  Launch(entry, std::move(intent), std::move(planned));
}

// What is asked for by hand is answered, and nothing else comes of it: what should happen by itself
// is decided by itself.
void Controller::KeepBack(Entry& entry, Intent& intent, const gate::Decision& decision) {
  if (gate::IsByHand(intent.cause)) {
    const bool refused = decision.verdict == gate::Decision::Verdict::kRefuse;
    (void)Commit(
        {AppendEvent{Event(entry, refused ? "Refused" : "Held", decision.reason, intent.actor)}});
    if (intent.answer) intent.answer(Fail(gate::AsError(decision)));
    entry.planned_for = {};
    return Evaluate(entry);
  }
  entry.held = intent.cause;
  entry.held_until = decision.until;
  ApplicationState next = entry.state;
  next.out_of_sync = true;
  next.hold = decision.reason;
  next.error.clear();
  if (next == entry.state) return;
  if (Commit({PutApplicationState{next}, AppendEvent{Event(entry, "Held", next.hold)}})) {
    entry.state = std::move(next);
  }
}

// Whether the deletion becomes a rollout; else it is done, or refused.
bool Controller::ActOnDeletion(Entry& entry, Intent& intent, const Planned& planned) {
  if (planned.plan.HasChanges()) return true;
  // Nothing of it is left anywhere, or what is left stays.
  const auto answer = std::exchange(intent.answer, nullptr);
  const std::string name = entry.spec.name;
  const Status forgotten =
      Forget(entry, "none of its objects was left to be deleted", intent.actor);
  if (!forgotten) {
    answer(Fail(forgotten.error()));
  } else {
    answer(StartedRollout{name, std::nullopt, "nothing was left to be deleted"});
  }
  return false;
}

// Of objects that ask to be confirmed before they are pruned; "" where there are none.
std::string Controller::WaitsFor(const Application& application, const Planned& planned) {
  int objects = 0;
  for (const auto& [name, cluster] : planned.clusters) objects += cluster.unconfirmed;
  if (objects == 0) return "";
  return std::to_string(objects) +
         (objects == 1 ? " object is no longer declared and waits"
                       : " objects are no longer declared and wait") +
         " to be confirmed: look with `swell diff " + application.name +
         "`, then run `swell sync " + application.name + " --confirm-prune`";
}

// Nothing to write anywhere: the records learn the revision they are at.
void Controller::SettleInSync(Entry& entry, const Intent& intent, const Planned& planned) {
  std::vector<Mutation> mutations;
  if (!MatchesRecords(planned, entry.records)) {
    for (const auto& [name, cluster] : planned.clusters) {
      mutations.push_back(PutBlob{BlobKind::kManifest, cluster.plan.manifest,
                                  SerializeManifest(*cluster.manifest), true});
      if (!cluster.manifest->stable_values.empty()) {
        mutations.push_back(PutStableRecord{
            Remember(cluster.stable, cluster.manifest->stable_values, entry.state.last_rollout)});
      }
      ClusterRecord record = entry.records[name];
      record.application = entry.spec.name;
      record.cluster = name;
      record.manifest = record.good_manifest = cluster.plan.manifest;
      record.commit = record.good_commit = intent.revision.commit;
      record.updated_at = clock_.Now();
      mutations.push_back(PutClusterRecord{record});
      entry.records[name] = std::move(record);
    }
  }
  for (const auto& [name, cluster] : planned.clusters) {
    const auto record = entry.records.find(name);
    if (record == entry.records.end() || !cluster.plan.operations) continue;
    auto held = WithUids(
        JoinInventory(record->second.inventory, cluster.plan.operations->operations), cluster.live);
    if (held == record->second.inventory) continue;
    record->second.inventory = std::move(held);
    mutations.push_back(PutClusterRecord{record->second});
  }
  ApplicationState next = entry.state;
  next.error.clear();
  const bool at_head = intent.revision.commit == next.revision.commit && intent.recorded.empty();
  if (at_head) {
    next.hold = WaitsFor(entry.spec, planned);
    next.out_of_sync = !next.hold.empty();
    next.reconciled_commit = intent.revision.commit;
    next.reconciled_generation = entry.spec.generation;
  }
  if (next != entry.state) mutations.push_back(PutApplicationState{next});
  if (mutations.empty() || Commit(std::move(mutations))) entry.state = std::move(next);
}

void Controller::FailPlan(Entry& entry, Intent& intent, const Error& error) {
  entry.resync_at = clock_.Now() + options_.retry_interval;
  ApplicationState next = entry.state;
  next.error = error.ToString();
  if (next.error != entry.state.error) {
    telemetry::LogWarning("cannot plan", {{"application", entry.spec.name}, {"error", error}});
    if (Commit({PutApplicationState{next}, AppendEvent{Event(entry, "PlanFailed", next.error)}})) {
      entry.state = std::move(next);
    }
  }
  if (intent.answer) intent.answer(Fail(error));
}

}  // namespace swell::control
