// Controller: drift is taken down, repaired with reason, or left alone.

#include "server/control/healing.h"

#include <algorithm>

#include "base/telemetry/log.h"
#include "reconciler/live/tree.h"
#include "server/control/controller.h"
#include "server/control/on_control.h"

namespace swell::control {
namespace {

const heal::Finding* FindingOf(const PlannedCluster& cluster, const ObjectId& id) {
  const auto found = std::ranges::find(cluster.drift, id, &heal::Finding::id);
  return found == cluster.drift.end() ? nullptr : &*found;
}

// The operation without what is not repaired any more.
Operation WithoutStopped(Operation operation, const std::vector<heal::Stop>& stops) {
  std::erase_if(operation.changes, [&](const FieldChange& change) {
    return std::ranges::find(stops, change.path, &heal::Stop::path) != stops.end();
  });
  const bool whole = std::ranges::any_of(stops, [](const heal::Stop& s) { return s.path.empty(); });
  if (whole || operation.changes.empty()) {
    operation.type = OperationType::kNone;
    operation.changes.clear();
  }
  return operation;
}

// Whether every cluster holds what is wanted, as far as it was applied, and differs by drift alone.
bool IsDriftAlone(const Planned& planned, const std::map<std::string, ClusterRecord>& records) {
  return std::ranges::all_of(planned.clusters, [&](const auto& entry) {
    const PlannedCluster& cluster = entry.second;
    const auto record = records.find(entry.first);
    if (record == records.end() || record->second.manifest != cluster.plan.manifest) return false;
    return cluster.plan.operations &&
           std::ranges::all_of(cluster.plan.operations->operations, [&](const Operation& op) {
             if (op.type == OperationType::kNone) return true;
             const bool drifted = std::ranges::all_of(op.changes, [](const FieldChange& change) {
               return change.cause == ChangeCause::kDrifted;
             });
             return !op.hook && drifted && FindingOf(cluster, op.id) != nullptr;
           });
  });
}

}  // namespace

Application Controller::Effective(const Entry& entry, heal::Book::Stops stops) const {
  Application application = entry.spec;
  std::ranges::move(entry.book.Rules(stops), std::back_inserter(application.ignore_differences));
  return application;
}

void Controller::NoteDrift(Entry& entry, const Planned& planned) {
  for (const auto& [name, cluster] : planned.clusters) {
    if (!cluster.plan.error.empty() || !cluster.plan.operations) continue;
    entry.book.Note({.cluster = name,
                     .findings = &cluster.drift,
                     .was_read = [&](const ObjectId& id) { return cluster.live.contains(id); }},
                    clock_.Now());
  }
}

// Takes out of a repair what is to wait and what is let go; tells what is let go from now on.
std::vector<Mutation> Controller::CurbRepair(Entry& entry, Planned& planned) {
  const Timestamp now = clock_.Now();
  std::vector<Mutation> events;
  bool curbed = false;
  for (ClusterPlan& plan : planned.plan.clusters) {
    PlannedCluster& cluster = planned.clusters.at(plan.cluster);
    if (!plan.operations || cluster.drift.empty()) continue;
    std::vector<Operation> operations = plan.operations->operations;
    bool changed = false;
    for (Operation& operation : operations) {
      if (operation.hook || operation.type == OperationType::kNone) continue;
      const heal::Finding* finding = FindingOf(cluster, operation.id);
      if (finding == nullptr || finding->IsLeftAlone()) continue;
      const heal::Decision decision =
          entry.book.Judge(plan.cluster, operation.id, now, options_.healing);
      if (decision.verdict == heal::Decision::Verdict::kWait) {
        entry.resync_at = std::min(entry.resync_at, decision.until);
      }
      for (const heal::Stop& stop : decision.stops) {
        LedgerEvent event = Event(
            entry, "DriftLoop",
            heal::Describe(entry.spec.name, *entry.book.Find(plan.cluster, operation.id), stop));
        event.cluster = plan.cluster;
        telemetry::LogWarning("drift is not repaired any more",
                              {{"application", entry.spec.name}, {"why", event.message}});
        events.push_back(AppendEvent{std::move(event)});
      }
      Operation left = operation;
      if (decision.verdict == heal::Decision::Verdict::kRepair) {
        if (!decision.stops.empty()) left = WithoutStopped(operation, decision.stops);
      } else {
        left.type = OperationType::kNone;
        left.changes.clear();
      }
      changed = changed || left != operation;
      operation = std::move(left);
    }
    if (!changed) continue;
    curbed = true;
    auto set = std::make_shared<OperationSet>();
    set->digest = OperationSetDigest(operations);
    set->operations = std::move(operations);
    plan.operations = set;
    cluster.plan.operations = std::move(set);
  }
  if (curbed)
    planned.plan.digest = PlanDigest(planned.plan, SettingDigest(entry.spec, Selected(entry.spec)));
  return events;
}

bool Controller::TendDrift(Entry& entry, Intent& intent, Planned& planned) {
  if (entry.runner || planned.plan.kind == PlanKind::kDelete) return false;
  if (intent.cause == gate::Cause::kAutoSync && planned.plan.HasChanges() &&
      IsDriftAlone(planned, entry.records)) {
    // Planned since the server has just begun, or a commit came that changes nothing: to undo what
    // somebody did is not what automatic sync is for.
    intent.cause = gate::Cause::kSelfHeal;
    intent.reason = "drift";
    planned.plan.kind = PlanKind::kHeal;
    planned.plan.digest = PlanDigest(planned.plan, SettingDigest(entry.spec, Selected(entry.spec)));
  }
  const bool heals = intent.cause == gate::Cause::kSelfHeal && entry.spec.sync.self_heal;
  const bool had_changes = planned.plan.HasChanges();
  NoteDrift(entry, planned);
  // Whatever is planned by hand begins anew; TakeUpDrift does it where there is something to do.
  if (intent.cause == gate::Cause::kManualSync && !had_changes) entry.book.ForgiveAll();
  WriteBook(entry, heals ? CurbRepair(entry, planned) : std::vector<Mutation>());
  const bool unreadable = std::ranges::any_of(
      planned.plan.clusters, [](const ClusterPlan& plan) { return !plan.error.empty(); });
  if (!had_changes || planned.plan.HasChanges() || unreadable) return false;
  SettleCurbed(entry);
  return true;
}

// Nothing is left of the repair: it waits, or was let go.
void Controller::SettleCurbed(Entry& entry) {
  ApplicationState next = entry.state;
  next.out_of_sync = true;
  next.hold.clear();  // what holds it is told from the book
  next.error.clear();
  if (next != entry.state && Commit({PutApplicationState{next}})) entry.state = std::move(next);
}

void Controller::LeaveDrift(Entry& entry, const Planned& planned, const std::string& why) {
  if (entry.runner) return;
  for (const auto& [name, cluster] : planned.clusters) {
    for (const heal::Finding& finding : cluster.drift) {
      if (!finding.IsLeftAlone()) {
        entry.book.LeaveAlone(name, finding.id, why, clock_.Now());
      }
    }
  }
  WriteBook(entry, {});
}

void Controller::WriteBook(Entry& entry, std::vector<Mutation> with) {
  std::ranges::move(entry.book.Unwritten(), std::back_inserter(with));
  if (!with.empty() && Commit(std::move(with))) entry.book.Written();
}

// What the book learns from a rollout that begins: for the transaction that creates it.
std::vector<Mutation> Controller::TakeUpDrift(Entry& entry, const Intent& intent,
                                              const Planned& planned, const RolloutState& state) {
  const Timestamp now = clock_.Now();
  std::vector<Mutation> out;
  if (intent.cause == gate::Cause::kManualSync) entry.book.ForgiveAll();
  const bool heals = state.kind == PlanKind::kHeal;
  for (const auto& [name, cluster] : planned.clusters) {
    for (const std::string& id : cluster.gave_way) {
      const auto tolerance = entry.book.tolerances().find(id);
      if (tolerance == entry.book.tolerances().end()) continue;
      const std::string what = heal::Describe(tolerance->second);
      entry.book.EndTolerance(id);
      out.push_back(AppendEvent{
          Event(entry, "TolerationEnded",
                what + ": " + state.revision.commit.substr(0, 7) + " changes it", state.actor)});
    }
    if (!cluster.plan.operations || !state.clusters.contains(name)) continue;
    for (const Operation& operation : cluster.plan.operations->operations) {
      if (operation.type == OperationType::kNone || operation.hook) continue;
      const bool changed = std::ranges::any_of(operation.changes, [](const FieldChange& change) {
        return change.cause == ChangeCause::kChanged;
      });
      if (!heals && changed) entry.book.Forgive(heal::KeyOf(name, operation.id));
      const heal::Finding* finding = FindingOf(cluster, operation.id);
      if (finding == nullptr || finding->IsLeftAlone()) continue;
      entry.book.BeginRepair(name, operation.id, state.id, now,
                             heals ? heal::Book::As::kRepair : heal::Book::As::kSync);
    }
  }
  std::ranges::move(entry.book.Unwritten(), std::back_inserter(out));
  return out;
}

void Controller::ExpireTolerances(Entry& entry, Timestamp now) {
  const auto expired = entry.book.Expired(now);
  if (expired.empty()) return;
  std::vector<Mutation> events;
  for (const heal::Tolerance& tolerance : expired) {
    entry.book.EndTolerance(heal::KeyOf(tolerance));
    events.push_back(AppendEvent{
        Event(entry, "TolerationEnded", heal::Describe(tolerance) + ": its time is over")});
  }
  WriteBook(entry, std::move(events));
  entry.resync_at = std::min(entry.resync_at, now);
}

Result<std::vector<DriftEntry>> Controller::Drift(const std::string& application) {
  return OnControl([&]() -> Result<std::vector<DriftEntry>> {
    if (!application.empty()) TRY(Find(application));
    std::vector<DriftEntry> out;
    for (const auto& [name, entry] : entries_) {
      if (!application.empty() && name != application) continue;
      for (const auto& [key, record] : entry->book.records()) out.push_back({name, record});
    }
    std::ranges::stable_sort(out, [](const DriftEntry& a, const DriftEntry& b) {
      const bool open = heal::IsOpen(a.record.fate);
      if (open != heal::IsOpen(b.record.fate)) return open;
      return a.record.last_seen > b.record.last_seen;
    });
    return out;
  });
}

Result<std::vector<ToleranceEntry>> Controller::Tolerations(const std::string& application) {
  return OnControl([&]() -> Result<std::vector<ToleranceEntry>> {
    if (!application.empty()) TRY(Find(application));
    std::vector<ToleranceEntry> out;
    for (const auto& [name, entry] : entries_) {
      if (!application.empty() && name != application) continue;
      for (const auto& [key, tolerance] : entry->book.tolerances())
        out.push_back({name, tolerance});
    }
    return out;
  });
}

// The object that the request names, among those that the application holds.
Result<ObjectId> Controller::NamedObject(const Entry& entry, const ToleranceRequest& request) {
  const live::ObjectPattern pattern = TRY(live::ObjectPattern::Parse(request.object));
  std::set<ObjectId> found;
  bool in_cluster = request.cluster.empty();
  for (const auto& [cluster, record] : entry.records) {
    if (!request.cluster.empty() && cluster != request.cluster) continue;
    in_cluster = true;
    for (const InventoryEntry& held : record.inventory) {
      const bool ns = request.ns.empty() || held.id.ns == request.ns;
      if (ns && pattern.Matches(held.id)) found.insert(held.id);
    }
  }
  if (!in_cluster) {
    return Fail(NotFound(entry.spec.name + " is not deployed in cluster " + request.cluster));
  }
  if (found.empty()) {
    return Fail(NotFound(entry.spec.name + " holds no object " + request.object +
                         (request.ns.empty() ? "" : " in namespace " + request.ns) +
                         ": `swell tree " + entry.spec.name + "` lists what it holds"));
  }
  if (found.size() == 1) return *found.begin();
  std::string names;
  for (const ObjectId& id : found) names += (names.empty() ? "" : ", ") + id.ToString();
  return Fail(InvalidArgument(request.object + " is the name of " + std::to_string(found.size()) +
                              " objects: say which with --namespace (" + names + ")"));
}

Result<heal::Tolerance> Controller::Tolerate(const ToleranceRequest& request) {
  if (request.length <= Duration(0) || request.length > heal::kLongest) {
    return Fail(InvalidArgument("give with --for how long it is tolerated, at most " +
                                FormatDuration(heal::kLongest) +
                                "; for ever is what spec.ignoreDifferences says"));
  }
  if (request.reason.empty()) return Fail(InvalidArgument("say why with --reason"));
  TRY_WRAP(ParsePointer(request.pointer), "the field is a JSON pointer, as swell diff shows it");
  return OnControl([&]() -> Result<heal::Tolerance> {
    Entry& entry = *TRY(Find(request.application));
    const Timestamp now = clock_.Now();
    heal::Tolerance tolerance{.id = TRY(NamedObject(entry, request)),
                              .pointer = request.pointer,
                              .cluster = request.cluster,
                              .since = now,
                              .until = now + request.length,
                              .actor = request.actor,
                              .reason = request.reason};
    const heal::Book before = entry.book;
    TRY(entry.book.Tolerate(tolerance));
    std::vector<Mutation> mutations = entry.book.Unwritten();
    const auto until = std::chrono::floor<std::chrono::seconds>(tolerance.until);
    mutations.push_back(AppendEvent{Event(
        entry, "DriftTolerated",
        heal::Describe(tolerance) + " until " + FormatTimestamp(until) + ": " + request.reason,
        request.actor)});
    if (const Status done = Commit(std::move(mutations)); !done) {
      entry.book = before;
      return Fail(done.error());
    }
    entry.book.Written();
    LookNow(entry);
    return tolerance;
  });
}

Result<std::vector<heal::Tolerance>> Controller::Untolerate(const ToleranceRequest& request) {
  const live::ObjectPattern pattern = TRY(live::ObjectPattern::Parse(request.object));
  return OnControl([&]() -> Result<std::vector<heal::Tolerance>> {
    Entry& entry = *TRY(Find(request.application));
    std::vector<heal::Tolerance> ended;
    for (const auto& [key, tolerance] : entry.book.tolerances()) {
      const bool same = pattern.Matches(tolerance.id) &&
                        (request.ns.empty() || tolerance.id.ns == request.ns) &&
                        (request.cluster.empty() || tolerance.cluster == request.cluster) &&
                        (request.pointer.empty() || tolerance.pointer == request.pointer);
      if (same) ended.push_back(tolerance);
    }
    if (ended.empty()) {
      return Fail(NotFound("nothing of " + request.object + " is tolerated: `swell tolerations " +
                           request.application + "` lists what is"));
    }
    const heal::Book before = entry.book;
    std::vector<Mutation> mutations;
    for (const heal::Tolerance& tolerance : ended) {
      entry.book.EndTolerance(heal::KeyOf(tolerance));
      mutations.push_back(
          AppendEvent{Event(entry, "TolerationEnded",
                            heal::Describe(tolerance) + ": ended by hand" +
                                (request.reason.empty() ? "" : ": ") + request.reason,
                            request.actor)});
    }
    std::ranges::move(entry.book.Unwritten(), std::back_inserter(mutations));
    if (const Status done = Commit(std::move(mutations)); !done) {
      entry.book = before;
      return Fail(done.error());
    }
    entry.book.Written();
    LookNow(entry);
    return ended;
  });
}

void Controller::LookNow(Entry& entry) {
  entry.resync_at = std::min(entry.resync_at, clock_.Now());
  Evaluate(entry);
}

}  // namespace swell::control
