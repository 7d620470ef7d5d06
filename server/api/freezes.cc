// Freeze, Unfreeze, Override, EndOverride, ListFreezes.

#include <google/protobuf/util/time_util.h>

#include "server/api/service.h"

namespace swell::api {
namespace {

using google::protobuf::util::TimeUtil;

// Longer ones are no lengths of time that anybody means, and would not fit.
constexpr std::int64_t kMaxSeconds = 10LL * 366 * 24 * 3600;

Result<Duration> LengthOf(const google::protobuf::Duration& length) {
  if (length.seconds() < 0 || length.nanos() < 0 || length.seconds() > kMaxSeconds) {
    return Fail(InvalidArgument("length: give a time between 0 and ten years"));
  }
  return Duration{TimeUtil::DurationToMilliseconds(length)};
}

template <class From, class To>
void FillCommon(const From& from, To& to) {
  to.set_application(from.application);
  to.set_actor(from.actor);
  to.set_reason(from.reason);
  *to.mutable_at() = TimeUtil::MillisecondsToTimestamp(from.at.time_since_epoch().count());
}

void FillFreeze(const gate::Freeze& from, v1::Freeze& to) {
  FillCommon(from, to);
  if (!from.until) return;
  *to.mutable_until() = TimeUtil::MillisecondsToTimestamp(from.until->time_since_epoch().count());
}

void FillOverride(const gate::Override& from, v1::Override& to) {
  FillCommon(from, to);
  *to.mutable_until() = TimeUtil::MillisecondsToTimestamp(from.until.time_since_epoch().count());
}

}  // namespace

Status Service::DoFreeze(const v1::FreezeRequest& request, v1::FreezeResponse& response) {
  const Duration length = TRY(LengthOf(request.length()));
  const auto freeze = TRY(engine_.Freeze({.application = request.application(),
                                          .actor = ActorOr(request.actor()),
                                          .reason = request.reason(),
                                          .length = length}));
  FillFreeze(freeze, *response.mutable_freeze());
  return {};
}

Status Service::DoUnfreeze(const v1::UnfreezeRequest& request, v1::UnfreezeResponse&) {
  return engine_.Unfreeze({.application = request.application(),
                           .actor = ActorOr(request.actor()),
                           .reason = request.reason()});
}

Status Service::DoOverride(const v1::OverrideRequest& request, v1::OverrideResponse& response) {
  const Duration length = TRY(LengthOf(request.length()));
  const auto given = TRY(engine_.BreakGlass({.application = request.application(),
                                             .actor = ActorOr(request.actor()),
                                             .reason = request.reason(),
                                             .length = length}));
  FillOverride(given, *response.mutable_override());
  return {};
}

Status Service::DoEndOverride(const v1::EndOverrideRequest& request, v1::EndOverrideResponse&) {
  return engine_.MendGlass({.application = request.application(),
                            .actor = ActorOr(request.actor()),
                            .reason = request.reason()});
}

Status Service::DoListFreezes(const v1::ListFreezesRequest&, v1::ListFreezesResponse& response) {
  const control::FreezeList list = TRY(engine_.ListFreezes());
  for (const gate::Freeze& freeze : list.freezes) FillFreeze(freeze, *response.add_freezes());
  for (const gate::Override& given : list.overrides) {
    FillOverride(given, *response.add_overrides());
  }
  return {};
}

}  // namespace swell::api
