#include "server/api/convert.h"

#include <google/protobuf/util/time_util.h>

namespace swell::api {
namespace {

using google::protobuf::util::TimeUtil;

// Leaves the field unset for "not yet".
template <class Set>
void FillTime(Timestamp from, Set set) {
  if (from != Timestamp{}) {
    *set() = TimeUtil::MillisecondsToTimestamp(from.time_since_epoch().count());
  }
}

std::string Text(const Digest& digest) { return digest.empty() ? "" : digest.Hex(); }

void Fill(const ClusterProgress& from, v1::RolloutCluster& to) {
  to.set_name(from.cluster);
  to.set_phase(std::string(ClusterPhaseName(from.phase)));
  to.set_has_changes(from.has_changes);
  to.set_manifest(Text(from.manifest));
  to.set_previous_manifest(Text(from.previous_manifest));
  // Before its apply nothing was seen of this plan there: no health is better than a guess.
  const bool seen = from.started_at != Timestamp{} && from.phase != ClusterPhase::kApplying &&
                    from.phase != ClusterPhase::kSkipped;
  if (seen) api::Fill(from.health, *to.mutable_health());
  to.set_error(from.error);
  to.set_evidence_plan(Text(from.evidence.plan));
  FillTime(from.evidence.healthy_at, [&] { return to.mutable_healthy_at(); });
  to.set_waits(from.offline.empty() ? from.blocked : from.offline);
}

void Fill(const ClusterRecord& from, v1::ClusterRecord& to) {
  to.set_cluster(from.cluster);
  to.set_commit(from.commit);
  to.set_rollout(from.rollout);
  to.set_manifest(Text(from.manifest));
  api::Fill(from.health, *to.mutable_health());
  FillTime(from.updated_at, [&] { return to.mutable_updated_at(); });
}

void Fill(const control::ObjectDiff& from, v1::ObjectDiff& to) {
  const Operation& op = from.operation;
  to.set_operation(std::string(OperationTypeName(op.type)));
  to.set_group(op.id.group);
  to.set_version(op.version);
  to.set_kind(op.id.kind);
  to.set_namespace_(op.id.ns);
  to.set_name(op.id.name);
  to.set_unified(from.unified);
  const auto add = [&to](const FieldChange& change) -> v1::FieldChange& {
    v1::FieldChange& c = *to.add_changes();
    c.set_path(change.path);
    c.set_cause(std::string(ChangeCauseName(change.cause)));
    c.set_before(change.before);
    c.set_after(change.after);
    return c;
  };
  if (from.explained.empty()) {
    for (const FieldChange& change : op.changes) add(change);
  }
  for (const diff::Explanation& explanation : from.explained) {
    v1::FieldChange& c = add(explanation.change);
    c.set_manager(explanation.manager);
    c.set_time(explanation.time);
    c.set_note(explanation.note);
  }
}

void Fill(const GateProgress& from, v1::Gate& to) {
  to.set_name(from.name);
  to.set_phase(std::string(GatePhaseName(from.phase)));
  to.set_message(from.message);
  FillTime(from.asked_at, [&] { return to.mutable_asked_at(); });
}

}  // namespace

void Fill(const Revision& from, v1::Revision& to) {
  to.set_repository(from.repository);
  to.set_ref(from.ref);
  to.set_commit(from.commit);
  to.set_author(from.author);
  to.set_message(from.message);
  FillTime(from.time, [&] { return to.mutable_time(); });
}

void Fill(const Health& from, v1::Health& to) {
  to.set_status(std::string(HealthStatusName(from.status)));
  to.set_message(from.message);
}

void Fill(const RolloutState& from, Clusters clusters, v1::Rollout& to) {
  to.set_id(from.id);
  to.set_number(from.number);
  to.set_application(from.application);
  to.set_kind(std::string(PlanKindName(from.kind)));
  to.set_rollback_to(from.rollback_to);
  to.set_plan(Text(from.plan));
  Fill(from.revision, *to.mutable_revision());
  to.set_actor(from.actor);
  to.set_reason(from.reason);
  to.set_phase(std::string(RolloutPhaseName(from.phase)));
  to.set_message(from.message);
  to.set_finished(IsTerminal(from.phase));
  to.set_pause(from.pause.reason);
  to.set_held(from.held.reason);
  FillTime(from.created_at, [&] { return to.mutable_created_at(); });
  FillTime(from.finished_at, [&] { return to.mutable_finished_at(); });
  for (const WaveProgress& wave : from.waves) {
    v1::Wave& w = *to.add_waves();
    w.set_name(wave.name);
    w.set_phase(std::string(WavePhaseName(wave.phase)));
    *w.mutable_bake() = TimeUtil::MillisecondsToDuration(wave.bake.count());
    FillTime(wave.started_at, [&] { return w.mutable_started_at(); });
    FillTime(wave.healthy_at, [&] { return w.mutable_healthy_at(); });
    FillTime(wave.finished_at, [&] { return w.mutable_finished_at(); });
    for (const GateProgress& gate : wave.approvals) Fill(gate, *w.add_approvals());
    for (const GateProgress& gate : wave.gates) Fill(gate, *w.add_gates());
    if (clusters == Clusters::kWithout) continue;
    for (const std::string& name : wave.clusters) Fill(from.clusters.at(name), *w.add_clusters());
  }
}

void Fill(const control::ApplicationStatus& from, v1::ApplicationStatus& to) {
  to.set_name(from.spec.name);
  to.set_project(from.spec.project);
  to.set_sync(from.sync);
  Fill(from.health, *to.mutable_health());
  if (!from.state.revision.commit.empty()) Fill(from.state.revision, *to.mutable_revision());
  to.set_source_error(from.state.source_error);
  to.set_error(from.state.error);
  to.set_hold(from.state.hold);
  to.set_auto_sync(from.spec.sync.auto_sync);
  for (const ClusterRecord& record : from.clusters) Fill(record, *to.add_clusters());
  if (from.rollout) Fill(*from.rollout, Clusters::kWith, *to.mutable_rollout());
  for (const Quarantine& quarantine : from.quarantine) {
    v1::Quarantine& q = *to.add_quarantine();
    q.set_commit(quarantine.commit);
    q.set_rollout(quarantine.rollout);
    q.set_reason(quarantine.reason);
    FillTime(quarantine.at, [&] { return q.mutable_at(); });
  }
  if (from.held_until) FillTime(*from.held_until, [&] { return to.mutable_held_until(); });
  for (const std::string& barrier : from.barriers) to.add_barriers(barrier);
  to.set_override(from.override_);
}

void Fill(const control::ClusterStatus& from, v1::ClusterStatus& to) {
  to.set_name(from.spec.name);
  to.mutable_labels()->insert(from.spec.labels.begin(), from.spec.labels.end());
  to.set_reachable(from.reachable);
  to.set_version(from.version);
  to.set_error(from.error);
  to.set_applications(from.applications);
}

void FillDiffGroup(const control::DiffGroup& from, v1::DiffGroup& to) {
  for (const std::string& cluster : from.clusters) to.add_clusters(cluster);
  to.set_error(from.error);
  for (const control::ObjectDiff& object : from.objects) Fill(object, *to.add_objects());
}

void Fill(const control::DiffResult& from, v1::DiffResponse& to) {
  to.set_plan(Text(from.plan.digest));
  Fill(from.plan.revision, *to.mutable_revision());
  for (const control::DiffGroup& group : from.groups) FillDiffGroup(group, *to.add_groups());
  for (const std::string& warning : from.warnings) to.add_warnings(warning);
}

void Fill(const LedgerEvent& from, v1::Event& to) {
  to.set_sequence(from.sequence);
  FillTime(from.at, [&] { return to.mutable_at(); });
  to.set_application(from.application);
  to.set_rollout(from.rollout);
  to.set_cluster(from.cluster);
  to.set_type(from.type);
  to.set_message(from.message);
  to.set_actor(from.actor);
}

void Fill(const VerifyReport& from, v1::VerifyHistoryResponse& to) {
  to.set_links(from.links);
  to.set_events(from.events);
  to.set_last(from.last);
  if (from.links > 0) to.set_head(from.head.Hex());
  FillTime(from.began_at, [&] { return to.mutable_began_at(); });
  to.set_damage(from.damage);
}

}  // namespace swell::api
