// ListDrift, Tolerate and what undoes it, ListDeleted, Undelete.

#include <google/protobuf/util/time_util.h>

#include "server/api/service.h"
#include "server/control/healing.h"

namespace swell::api {
namespace {

using google::protobuf::util::TimeUtil;

void Fill(Timestamp from, google::protobuf::Timestamp& to) {
  to = TimeUtil::MillisecondsToTimestamp(from.time_since_epoch().count());
}

// The epoch stands for "never": the field stays away.
template <class Message>
void FillTime(Timestamp from, Message& to, google::protobuf::Timestamp* (Message::*field)()) {
  if (from != Timestamp{}) Fill(from, *(to.*field)());
}

void Fill(const ObjectId& from, v1::ObjectName& to) {
  to.set_group(from.group);
  to.set_kind(from.kind);
  to.set_namespace_(from.ns);
  to.set_name(from.name);
}

void Fill(const heal::Field& from, v1::DriftField& to) {
  to.set_path(from.path);
  to.set_manager(from.manager);
  to.set_time(from.time);
  to.set_before(from.before);
  to.set_after(from.after);
  to.set_left_alone(from.left_alone);
  to.set_note(from.note);
}

void Fill(const control::DriftEntry& from, v1::Drift& to) {
  const heal::Record& record = from.record;
  to.set_application(from.application);
  to.set_cluster(record.cluster);
  Fill(record.id, *to.mutable_object());
  for (const heal::Field& field : record.fields) Fill(field, *to.add_fields());
  FillTime(record.first_seen, to, &v1::Drift::mutable_first_seen);
  FillTime(record.last_seen, to, &v1::Drift::mutable_last_seen);
  to.set_state(std::string(heal::FateName(record.fate)));
  FillTime(record.fate_at, to, &v1::Drift::mutable_state_since);
  to.set_open(heal::IsOpen(record.fate));
  to.set_rollout(record.rollout);
  if (record.fate == heal::Fate::kWaiting) FillTime(record.until, to, &v1::Drift::mutable_until);
  to.set_why(record.why);
  for (const heal::Repair& repair : record.repairs) {
    v1::DriftRepair& one = *to.add_repairs();
    Fill(repair.at, *one.mutable_at());
    for (const heal::Repair::What& what : repair.fields) one.add_paths(what.path);
  }
  for (const heal::Stop& stop : record.stops) {
    v1::DriftStop& one = *to.add_stops();
    one.set_path(stop.path);
    one.set_manager(stop.manager);
    one.set_flips(stop.flips);
    *one.mutable_span() = TimeUtil::MillisecondsToDuration(stop.span.count());
    Fill(stop.at, *one.mutable_at());
  }
}

void Fill(const std::string& application, const heal::Tolerance& from, v1::Toleration& to) {
  to.set_application(application);
  Fill(from.id, *to.mutable_object());
  to.set_pointer(from.pointer);
  to.set_cluster(from.cluster);
  Fill(from.since, *to.mutable_since());
  Fill(from.until, *to.mutable_until());
  to.set_actor(from.actor);
  to.set_reason(from.reason);
}

void Fill(const control::KeptEntry& from, v1::DeletedObject& to) {
  to.set_application(from.application);
  to.set_cluster(from.kept.cluster);
  Fill(from.kept.id, *to.mutable_object());
  to.set_version(from.kept.version);
  to.set_rollout(from.kept.rollout);
  to.set_number(from.kept.number);
  Fill(from.kept.at, *to.mutable_at());
  to.set_actor(from.kept.actor);
  to.set_why(from.kept.why);
}

Duration LengthOf(const google::protobuf::Duration& from) {
  return Duration(TimeUtil::DurationToMilliseconds(from));
}

}  // namespace

Status Service::DoListDrift(const v1::ListDriftRequest& request, v1::ListDriftResponse& response) {
  for (const auto& drift : TRY(engine_.Drift(request.application()))) {
    Fill(drift, *response.add_drift());
  }
  return {};
}

Status Service::DoTolerate(const v1::TolerateRequest& request, v1::Toleration& response) {
  const heal::Tolerance tolerance = TRY(engine_.Tolerate({.application = request.application(),
                                                          .object = request.object(),
                                                          .ns = request.namespace_(),
                                                          .pointer = request.pointer(),
                                                          .cluster = request.cluster(),
                                                          .length = LengthOf(request.length()),
                                                          .actor = ActorOr(request.actor()),
                                                          .reason = request.reason()}));
  Fill(request.application(), tolerance, response);
  return {};
}

Status Service::DoListTolerations(const v1::ListTolerationsRequest& request,
                                  v1::ListTolerationsResponse& response) {
  for (const auto& entry : TRY(engine_.Tolerations(request.application()))) {
    Fill(entry.application, entry.tolerance, *response.add_tolerations());
  }
  return {};
}

Status Service::DoEndTolerations(const v1::EndTolerationsRequest& request,
                                 v1::ListTolerationsResponse& response) {
  const auto ended = TRY(engine_.Untolerate({.application = request.application(),
                                             .object = request.object(),
                                             .ns = request.namespace_(),
                                             .pointer = request.pointer(),
                                             .cluster = request.cluster(),
                                             .actor = ActorOr(request.actor()),
                                             .reason = request.reason()}));
  for (const heal::Tolerance& tolerance : ended) {
    Fill(request.application(), tolerance, *response.add_tolerations());
  }
  return {};
}

Status Service::DoListDeleted(const v1::ListDeletedRequest& request,
                              v1::ListDeletedResponse& response) {
  for (const auto& entry : TRY(engine_.Deleted(request.application()))) {
    Fill(entry, *response.add_objects());
  }
  return {};
}

Status Service::DoUndelete(const v1::UndeleteRequest& request, v1::UndeleteResponse& response) {
  control::UndeleteRequest undelete{.application = request.application(),
                                    .objects = {request.objects().begin(), request.objects().end()},
                                    .cluster = request.cluster(),
                                    .number = request.rollout(),
                                    .since = {},
                                    .dry_run = request.dry_run(),
                                    .actor = ActorOr(request.actor()),
                                    .reason = request.reason()};
  if (request.has_since()) undelete.since = LengthOf(request.since());
  static constexpr const char* kOutcomes[] = {"would-restore", "restored", "there", "failed"};
  for (const control::Undeleted& one : TRY(engine_.Undelete(undelete))) {
    v1::RestoredObject& to = *response.add_objects();
    to.set_cluster(one.cluster);
    Fill(one.id, *to.mutable_object());
    to.set_rollout(one.rollout);
    to.set_outcome(kOutcomes[static_cast<int>(one.outcome)]);
    to.set_managed(one.managed);
    to.set_message(one.message);
  }
  return {};
}

}  // namespace swell::api
