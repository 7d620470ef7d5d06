// MakePlan, ListPlans, GetPlan, ComparePlans, ApprovePlan: plans as units of their own.

#include <google/protobuf/util/time_util.h>

#include "server/api/service.h"

namespace swell::api {
namespace {

using google::protobuf::util::TimeUtil;

google::protobuf::Timestamp Time(Timestamp at) {
  return TimeUtil::MillisecondsToTimestamp(at.time_since_epoch().count());
}

void FillApproval(const gate::Approval& from, v1::PlanApproval& to) {
  to.set_plan(from.plan.Hex());
  to.set_actor(from.actor);
  *to.mutable_at() = Time(from.at);
  to.set_comment(from.comment);
}

void FillReach(const plan::KindReach& from, v1::KindReach& to) {
  to.set_kind(from.kind);
  to.set_created(from.created);
  to.set_updated(from.updated);
  to.set_deleted(from.deleted);
}

void FillRadius(const plan::BlastRadius& from, v1::BlastRadius& to) {
  to.set_clusters(from.clusters);
  to.set_touched(from.touched);
  to.set_unreadable(from.unreadable);
  to.set_created(from.created);
  to.set_updated(from.updated);
  to.set_deleted(from.deleted);
  to.set_hooks(from.hooks);
  to.set_replicas_before(from.replicas_before);
  to.set_replicas_after(from.replicas_after);
  for (const plan::KindReach& reach : from.deletions) FillReach(reach, *to.add_deletions());
  for (const plan::KindReach& reach : from.protected_kinds) {
    FillReach(reach, *to.add_protected_kinds());
  }
  for (const plan::WaveReach& wave : from.waves) {
    v1::WaveReach& w = *to.add_waves();
    w.set_name(wave.name);
    for (const std::string& name : wave.clusters) w.add_clusters(name);
    w.set_touched(wave.touched);
    *w.mutable_bake() = TimeUtil::MillisecondsToDuration(wave.bake.count());
    w.set_approvals(wave.approvals);
    w.set_gates(wave.gates);
  }
}

void FillPlan(const control::RecordedPlan& from, v1::Plan& to) {
  const plan::PlanRecord& record = from.record;
  to.set_digest(record.plan.Hex());
  to.set_application(record.application);
  to.set_kind(std::string(PlanKindName(record.kind)));
  Fill(record.revision, *to.mutable_revision());
  to.set_generation(record.generation);
  to.set_confirmed(record.confirmed);
  to.set_rollback_to(record.rollback_to);
  for (const std::string& name : record.selection) to.add_clusters(name);
  *to.mutable_at() = Time(record.at);
  to.set_actor(record.actor);
  to.set_reason(record.reason);
  FillRadius(record.radius, *to.mutable_blast_radius());
  for (const std::string& warning : record.warnings) to.add_warnings(warning);
  for (const gate::Approval& approval : from.approvals) {
    FillApproval(approval, *to.add_approvals());
  }
}

void FillDetail(const control::PlanDetail& from, v1::PlanDetail& to) {
  FillPlan(from.recorded, *to.mutable_plan());
  for (const control::DiffGroup& group : from.diff.groups) FillDiffGroup(group, *to.add_groups());
}

void FillDifference(const plan::OperationDifference& from, v1::OperationDifference& to) {
  to.set_group(from.id.group);
  to.set_kind(from.id.kind);
  to.set_namespace_(from.id.ns);
  to.set_name(from.id.name);
  to.set_first(std::string(OperationTypeName(from.first)));
  to.set_second(std::string(OperationTypeName(from.second)));
  for (const plan::FieldDifference& field : from.fields) {
    v1::FieldDifference& f = *to.add_fields();
    f.set_path(field.path);
    f.set_first(field.first);
    f.set_second(field.second);
  }
}

}  // namespace

Status Service::DoMakePlan(const v1::MakePlanRequest& request, v1::PlanDetail& response) {
  control::ProposalRequest proposal{
      .application = request.application(),
      .revision = request.revision(),
      .confirmed = request.confirm_prune(),
      .kind = request.rollback() ? PlanKind::kRollback : PlanKind::kSync,
      .rollback_to = request.rollback_to(),
      .clusters = {request.clusters().begin(), request.clusters().end()},
      .actor = ActorOr(request.actor()),
      .reason = request.reason()};
  if (!request.rollback() && (request.rollback_to() != 0 || request.clusters_size() > 0)) {
    return Fail(InvalidArgument("rollback_to and clusters are of a rollback's plan alone"));
  }
  if (request.rollback() && !request.revision().empty()) {
    return Fail(InvalidArgument("revision is of a sync's plan alone"));
  }
  FillDetail(TRY(engine_.ProposePlan(proposal)), response);
  return {};
}

Status Service::DoListPlans(const v1::ListPlansRequest& request, v1::ListPlansResponse& response) {
  for (const control::RecordedPlan& plan : TRY(engine_.ListPlans(request.application()))) {
    FillPlan(plan, *response.add_plans());
  }
  return {};
}

Status Service::DoGetPlan(const v1::GetPlanRequest& request, v1::PlanDetail& response) {
  FillDetail(TRY(engine_.ShowRecordedPlan(request.application(), request.digest())), response);
  return {};
}

Status Service::DoComparePlans(const v1::ComparePlansRequest& request,
                               v1::PlanComparison& response) {
  const plan::PlanComparison comparison =
      TRY(engine_.ComparePlans(request.application(), request.first(), request.second()));
  response.set_first(comparison.first.Hex());
  response.set_second(comparison.second.Hex());
  for (const std::string& input : comparison.inputs) response.add_inputs(input);
  for (const plan::ClusterDifference& cluster : comparison.clusters) {
    v1::ClusterDifference& c = *response.add_clusters();
    for (const std::string& name : cluster.clusters) c.add_clusters(name);
    c.set_note(cluster.note);
    for (const plan::OperationDifference& operation : cluster.operations) {
      FillDifference(operation, *c.add_operations());
    }
  }
  return {};
}

Status Service::DoApprovePlan(const v1::ApprovePlanRequest& request, v1::PlanApproval& response) {
  FillApproval(TRY(engine_.Approve({.application = request.application(),
                                    .plan = request.plan(),
                                    .actor = ActorOr(request.actor()),
                                    .comment = request.comment()})),
               response);
  return {};
}

}  // namespace swell::api
