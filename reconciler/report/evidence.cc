#include "reconciler/report/evidence.h"

#include <algorithm>
#include <map>

#include "base/value/json.h"
#include "reconciler/domain/convert.h"
#include "reconciler/plan/compare_plans.h"

namespace swell::report {
namespace {

Value Seconds(Duration length) { return Value(static_cast<double>(length.count()) / 1000); }

Value ShareValue(const Share& share) { return share ? Value(*share) : Value(); }

Value SpreadValue(const Spread& spread) {
  return Value::Object({{"count", Value(spread.count)},
                        {"p50Seconds", Seconds(spread.p50)},
                        {"p90Seconds", Seconds(spread.p90)},
                        {"longestSeconds", Seconds(spread.longest)}});
}

Value Texts(const std::vector<std::string>& texts) {
  std::vector<Value> out;
  for (const std::string& text : texts) out.push_back(Value(text));
  return Value::Array(std::move(out));
}

std::string DigestText(const Digest& digest) { return digest.empty() ? "" : digest.Hex(); }

Value ChangeValue(const FieldChange& change) {
  return Value::Object({{"path", Value(change.path)},
                        {"cause", Value(ChangeCauseName(change.cause))},
                        {"before", Value(change.before)},
                        {"after", Value(change.after)}});
}

Value OperationValue(const Operation& operation) {
  std::vector<Value> changes;
  for (const FieldChange& change : operation.changes) changes.push_back(ChangeValue(change));
  return Value::Object({{"operation", Value(OperationTypeName(operation.type))},
                        {"object", ToValue(operation.id)},
                        {"version", Value(operation.version)},
                        {"phase", Value(PhaseName(operation.phase))},
                        {"hook", Value(operation.hook)},
                        {"uid", Value(operation.uid)},
                        {"changes", Value::Array(std::move(changes))}});
}

// Clusters that change alike are together.
Value ChangesValue(const Plan& plan) {
  struct Group {
    std::vector<std::string> clusters;
    const ClusterPlan* first = nullptr;
  };
  std::vector<Group> groups;
  std::map<std::string, std::size_t> known;
  for (const ClusterPlan& cluster : plan.clusters) {
    const std::string key = cluster.operations ? cluster.operations->digest.Hex() : "";
    const auto [it, added] = known.try_emplace(key + cluster.error, groups.size());
    if (added) groups.push_back({{}, &cluster});
    groups[it->second].clusters.push_back(cluster.cluster);
  }
  std::vector<Value> out;
  for (const Group& group : groups) {
    std::vector<Value> operations;
    if (group.first->operations) {
      for (const Operation& operation : group.first->operations->operations) {
        if (operation.type != OperationType::kNone) operations.push_back(OperationValue(operation));
      }
    }
    out.push_back(Value::Object({{"clusters", Texts(group.clusters)},
                                 {"error", Value(group.first->error)},
                                 {"operations", Value::Array(std::move(operations))}}));
  }
  return Value::Array(std::move(out));
}

Value GateValue(const GateProgress& gate) {
  return Value::Object({{"name", Value(gate.name)},
                        {"phase", Value(GatePhaseName(gate.phase))},
                        {"message", Value(gate.message)},
                        {"firstAskedAt", TimeToValue(gate.first_at)},
                        {"lastAskedAt", TimeToValue(gate.asked_at)},
                        {"successes", Value(gate.successes)},
                        {"failures", Value(gate.failures)}});
}

Value GatesValue(const std::vector<GateProgress>& gates) {
  std::vector<Value> out;
  for (const GateProgress& gate : gates) out.push_back(GateValue(gate));
  return Value::Array(std::move(out));
}

Value WaveValue(const WaveProgress& wave) {
  return Value::Object({{"name", Value(wave.name)},
                        {"phase", Value(WavePhaseName(wave.phase))},
                        {"clusters", Texts(wave.clusters)},
                        {"bakeSeconds", Seconds(wave.bake)},
                        {"startedAt", TimeToValue(wave.started_at)},
                        {"healthyAt", TimeToValue(wave.healthy_at)},
                        {"finishedAt", TimeToValue(wave.finished_at)},
                        {"approvals", GatesValue(wave.approvals)},
                        {"gates", GatesValue(wave.gates)}});
}

Value ClusterValue(const ClusterProgress& cluster) {
  return Value::Object({{"cluster", Value(cluster.cluster)},
                        {"phase", Value(ClusterPhaseName(cluster.phase))},
                        {"manifest", Value(DigestText(cluster.manifest))},
                        {"previousManifest", Value(DigestText(cluster.previous_manifest))},
                        {"evidencePlan", Value(DigestText(cluster.evidence.plan))},
                        {"appliedAt", TimeToValue(cluster.evidence.applied_at)},
                        {"healthyAt", TimeToValue(cluster.evidence.healthy_at)},
                        {"error", Value(cluster.error)}});
}

Value ApprovalValue(const gate::Approval& approval) {
  return Value::Object({{"plan", Value(approval.plan.Hex())},
                        {"actor", Value(approval.actor)},
                        {"at", TimeToValue(approval.at)},
                        {"comment", Value(approval.comment)}});
}

Value EventValue(const LedgerEvent& event) {
  return Value::Object({{"sequence", Value(event.sequence)},
                        {"at", TimeToValue(event.at)},
                        {"type", Value(event.type)},
                        {"rollout", Value(event.rollout)},
                        {"cluster", Value(event.cluster)},
                        {"actor", Value(event.actor)},
                        {"message", Value(event.message)}});
}

Value EventsValue(const std::vector<LedgerEvent>& events) {
  std::vector<Value> out;
  for (const LedgerEvent& event : events) out.push_back(EventValue(event));
  return Value::Array(std::move(out));
}

// As it was kept; what is no JSON, or encrypted at rest, is left out by its reader.
Value RecordValue(const LedgerRecord& record) {
  const auto content = json::Parse(record.content);
  return Value::Object({{"kind", Value(RecordKindName(record.kind))},
                        {"application", Value(record.application)},
                        {"key", Value(record.key)},
                        {"at", TimeToValue(record.at)},
                        {"content", record.sensitive ? Value("(kept encrypted, not shown)")
                                    : content        ? *content
                                                     : Value(record.content)}});
}

Value DeletedValue(const DeletedObject& deleted) {
  return Value::Object({{"cluster", Value(deleted.cluster)},
                        {"object", ToValue(deleted.id)},
                        {"version", Value(deleted.version)},
                        {"rollout", Value(deleted.rollout)},
                        {"at", TimeToValue(deleted.at)},
                        {"actor", Value(deleted.actor)},
                        {"why", Value(deleted.why)}});
}

Value PlanValue(const RolloutRows& rows) {
  Value out = Value::Object({{"digest", Value(DigestText(rows.rollout.plan))}});
  if (rows.record) {
    out = out.With("firstMadeAt", TimeToValue(rows.record->at))
              .With("firstMadeBy", Value(rows.record->actor))
              .With("generation", Value(rows.record->generation))
              .With("blastRadius", plan::ToValue(rows.record->radius))
              .With("warnings", Texts(rows.record->warnings));
  }
  if (rows.plan) out = out.With("changes", ChangesValue(*rows.plan));
  return out;
}

}  // namespace

Value ToValue(const Delivery& d) {
  std::vector<Value> waves;
  for (const WaveLeadTime& wave : d.lead_times) {
    waves.push_back(
        Value::Object({{"wave", Value(wave.wave)}, {"leadTime", SpreadValue(wave.lead_time)}}));
  }
  return Value::Object({{"rollouts", Value(d.rollouts)},
                        {"succeeded", Value(d.succeeded)},
                        {"failed", Value(d.failed)},
                        {"cancelled", Value(d.cancelled)},
                        {"rolledBackByHand", Value(d.rolled_back_by_hand)},
                        {"deploymentsPerDay", Value(d.deployments_per_day)},
                        {"successRate", ShareValue(d.success_rate)},
                        {"changeFailureRate", ShareValue(d.change_failure_rate)},
                        {"leadTime", SpreadValue(d.lead_time)},
                        {"leadTimes", Value::Array(std::move(waves))},
                        {"unknownCommitTimes", Value(d.unknown_commit_times)},
                        {"restore", SpreadValue(d.restore)},
                        {"unrestored", Value(d.unrestored)},
                        {"drifts", Value(d.drifts)},
                        {"driftsPerDay", Value(d.drifts_per_day)},
                        {"repair", SpreadValue(d.repair)},
                        {"unrepaired", Value(d.unrepaired)},
                        {"heals", Value(d.heals)}});
}

Value RolloutEvidence(const RolloutRows& rows) {
  const RolloutState& rollout = rows.rollout;
  std::vector<Value> waves, clusters, approvals;
  for (const WaveProgress& wave : rollout.waves) waves.push_back(WaveValue(wave));
  for (const auto& [name, cluster] : rollout.clusters) clusters.push_back(ClusterValue(cluster));
  for (const gate::Approval& approval : rows.approvals)
    approvals.push_back(ApprovalValue(approval));
  return Value::Object({{"id", Value(rollout.id)},
                        {"application", Value(rollout.application)},
                        {"number", Value(rollout.number)},
                        {"kind", Value(PlanKindName(rollout.kind))},
                        {"rollbackTo", Value(rollout.rollback_to)},
                        {"askedBy", Value(rollout.actor)},
                        {"reason", Value(rollout.reason)},
                        {"revision", ToValue(rollout.revision)},
                        {"phase", Value(RolloutPhaseName(rollout.phase))},
                        {"message", Value(rollout.message)},
                        {"createdAt", TimeToValue(rollout.created_at)},
                        {"finishedAt", TimeToValue(rollout.finished_at)},
                        {"plan", PlanValue(rows)},
                        {"approvals", Value::Array(std::move(approvals))},
                        {"waves", Value::Array(std::move(waves))},
                        {"clusters", Value::Array(std::move(clusters))},
                        {"events", EventsValue(rows.events)}});
}

Value ApplicationEvidence(const Window& window, const ApplicationRows& rows) {
  std::vector<Value> rollouts, quarantine, records, deleted;
  for (const RolloutState& rollout : rows.rollouts) {
    rollouts.push_back(
        Value::Object({{"number", Value(rollout.number)},
                       {"file", Value(RolloutPath(rows.application, rollout.number))},
                       {"plan", Value(DigestText(rollout.plan))},
                       {"phase", Value(RolloutPhaseName(rollout.phase))}}));
  }
  for (const Quarantine& q : rows.quarantine) {
    quarantine.push_back(Value::Object({{"commit", Value(q.commit)},
                                        {"rollout", Value(q.rollout)},
                                        {"reason", Value(q.reason)},
                                        {"at", TimeToValue(q.at)}}));
  }
  for (const LedgerRecord& record : rows.records) records.push_back(RecordValue(record));
  for (const DeletedObject& object : rows.deleted) deleted.push_back(DeletedValue(object));
  return Value::Object({{"application", Value(rows.application)},
                        {"since", TimeToValue(window.since)},
                        {"until", TimeToValue(window.until)},
                        {"delivery", ToValue(rows.delivery)},
                        {"rollouts", Value::Array(std::move(rollouts))},
                        {"quarantine", Value::Array(std::move(quarantine))},
                        {"records", Value::Array(std::move(records))},
                        {"deleted", Value::Array(std::move(deleted))},
                        {"events", EventsValue(rows.events)}});
}

Value LedgerEvidence(const VerifyReport& ledger) {
  return Value::Object({{"intact", Value(ledger.ok())},
                        {"damage", Value(ledger.damage)},
                        {"links", Value(ledger.links)},
                        {"events", Value(ledger.events)},
                        {"last", Value(ledger.last)},
                        {"head", Value(DigestText(ledger.head))},
                        {"beganAt", TimeToValue(ledger.began_at)}});
}

std::string ApplicationPath(const std::string& application) {
  return application + "/application.json";
}

std::string RolloutPath(const std::string& application, std::int64_t number) {
  return application + "/rollout-" + std::to_string(number) + ".json";
}

}  // namespace swell::report
