// GetReport, GetEvidence, GetRolloutEvidence.

#include <google/protobuf/util/time_util.h>

#include "server/api/service.h"

namespace swell::api {
namespace {

using google::protobuf::util::TimeUtil;

Timestamp TimeOf(const google::protobuf::Timestamp& time) {
  return Timestamp{Duration{TimeUtil::TimestampToMilliseconds(time)}};
}

google::protobuf::Timestamp Time(Timestamp at) {
  return TimeUtil::MillisecondsToTimestamp(at.time_since_epoch().count());
}

void FillSpread(const report::Spread& from, v1::Spread& to) {
  to.set_count(from.count);
  if (from.count == 0) return;
  *to.mutable_p50() = TimeUtil::MillisecondsToDuration(from.p50.count());
  *to.mutable_p90() = TimeUtil::MillisecondsToDuration(from.p90.count());
  *to.mutable_longest() = TimeUtil::MillisecondsToDuration(from.longest.count());
}

void FillDelivery(const report::Delivery& from, v1::Delivery& to) {
  to.set_rollouts(from.rollouts);
  to.set_succeeded(from.succeeded);
  to.set_failed(from.failed);
  to.set_cancelled(from.cancelled);
  to.set_rolled_back_by_hand(from.rolled_back_by_hand);
  to.set_deployments_per_day(from.deployments_per_day);
  if (from.success_rate) to.set_success_rate(*from.success_rate);
  if (from.change_failure_rate) to.set_change_failure_rate(*from.change_failure_rate);
  FillSpread(from.lead_time, *to.mutable_lead_time());
  for (const report::WaveLeadTime& wave : from.lead_times) {
    v1::WaveLeadTime& w = *to.add_lead_times();
    w.set_wave(wave.wave);
    FillSpread(wave.lead_time, *w.mutable_lead_time());
  }
  to.set_unknown_commit_times(from.unknown_commit_times);
  FillSpread(from.restore, *to.mutable_restore());
  to.set_unrestored(from.unrestored);
  to.set_drifts(from.drifts);
  to.set_drifts_per_day(from.drifts_per_day);
  FillSpread(from.repair, *to.mutable_repair());
  to.set_unrepaired(from.unrepaired);
  to.set_heals(from.heals);
}

Result<control::ReportRequest> RequestOf(const v1::GetReportRequest& from) {
  if (!from.has_since()) return Fail(InvalidArgument("since: say when the report begins"));
  control::ReportRequest out;
  out.applications = {from.applications().begin(), from.applications().end()};
  out.window.since = TimeOf(from.since());
  if (from.has_until()) out.window.until = TimeOf(from.until());
  return out;
}

void FillFile(const control::EvidenceFile& from, v1::EvidenceFile& to) {
  to.set_path(from.path);
  to.set_content(from.content);
}

}  // namespace

Status Service::DoGetReport(const v1::GetReportRequest& request, v1::Report& response) {
  const report::Report report = TRY(engine_.Report(TRY(RequestOf(request))));
  *response.mutable_since() = Time(report.window.since);
  *response.mutable_until() = Time(report.window.until);
  for (const report::ApplicationReport& one : report.applications) {
    v1::ApplicationReport& to = *response.add_applications();
    to.set_application(one.application);
    FillDelivery(one.delivery, *to.mutable_delivery());
  }
  FillDelivery(report.total, *response.mutable_total());
  return {};
}

Status Service::DoGetEvidence(const v1::GetReportRequest& request, v1::Evidence& response) {
  const control::Evidence evidence = TRY(engine_.GetEvidence(TRY(RequestOf(request))));
  for (const control::EvidenceFile& file : evidence.files) FillFile(file, *response.add_files());
  for (const auto& [application, number] : evidence.rollouts) {
    v1::EvidenceRollout& rollout = *response.add_rollouts();
    rollout.set_application(application);
    rollout.set_number(number);
  }
  return {};
}

Status Service::DoGetRolloutEvidence(const v1::GetRolloutEvidenceRequest& request,
                                     v1::EvidenceFile& response) {
  FillFile(TRY(engine_.GetRolloutEvidence(request.application(), request.number())), response);
  return {};
}

}  // namespace swell::api
