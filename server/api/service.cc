#include "server/api/service.h"

#include <algorithm>

#include "base/core/version.h"
#include "base/value/yaml.h"

namespace swell::api {
namespace {

template <class T>
int Limit(T asked, int fallback, int most) {
  return asked <= 0 ? fallback : std::min(static_cast<int>(asked), most);
}

}  // namespace

std::string ActorOr(const std::string& actor) { return actor.empty() ? "unknown" : actor; }

grpc::Status ToStatus(const Error& error) {
  return {static_cast<grpc::StatusCode>(error.code()), error.ToString()};
}

grpc::ServerUnaryReactor* Service::Run(grpc::CallbackServerContext* context,
                                       std::move_only_function<Status()> call) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const Status posted = executor_.Post([reactor, call = std::move(call)]() mutable {
    const Status done = call();
    reactor->Finish(done ? grpc::Status::OK : ToStatus(done.error()));
  });
  if (!posted) reactor->Finish(ToStatus(posted.error()));
  return reactor;
}

Status Service::DoApply(const v1::ApplyRequest& request, v1::ApplyResponse& response) {
  auto resources = TRY(ParseResources(
      request.documents(), request.file_name().empty() ? "documents" : request.file_name()));
  if (resources.empty()) return Fail(InvalidArgument("there is no document to apply"));
  const auto applied =
      TRY(engine_.ApplyResources(std::move(resources), ActorOr(request.actor()),
                                 request.dry_run() ? control::DryRun::kYes : control::DryRun::kNo));
  static constexpr const char* kOutcomes[] = {"created", "changed", "unchanged"};
  for (const control::AppliedResource& one : applied) {
    auto& result = *response.add_results();
    result.set_kind(one.kind);
    result.set_name(one.name);
    result.set_outcome(kOutcomes[static_cast<int>(one.outcome)]);
  }
  return {};
}

Status Service::DoDelete(const v1::DeleteRequest& request, v1::DeleteResponse& response) {
  control::DeletionRequest deletion{.kind = request.kind(),
                                    .name = request.name(),
                                    .actor = ActorOr(request.actor()),
                                    .reason = request.reason(),
                                    .policy = {},
                                    .plan = request.plan()};
  if (request.policy() == "orphan") {
    deletion.policy = DeletionPolicy::kOrphan;
  } else if (request.policy() == "cascade") {
    deletion.policy = DeletionPolicy::kCascade;
  } else if (!request.policy().empty()) {
    return Fail(InvalidArgument("policy: \"" + request.policy() + "\" is not orphan or cascade"));
  }
  if (request.confirm()) deletion.confirm = control::Confirm::kYes;
  if (request.dry_run()) deletion.dry_run = control::DryRun::kYes;
  const control::StartedDeletion started = TRY(engine_.Delete(deletion));
  if (started.rollout) Fill(*started.rollout, Clusters::kWith, *response.mutable_rollout());
  if (started.plan) Fill(*started.plan, *response.mutable_plan());
  response.set_message(started.message);
  return {};
}

Status Service::DoGetResources(const v1::GetResourcesRequest& request,
                               v1::GetResourcesResponse& response) {
  for (const Resource& resource : TRY(engine_.ListResources(request.kind()))) {
    if (!request.name().empty() && NameOf(resource) != request.name()) continue;
    response.add_documents(yaml::Write(ToValue(resource, SecretFields::kRedact)));
  }
  if (!request.name().empty() && response.documents().empty()) {
    return Fail(NotFound("there is no " + request.kind() + " " + request.name()));
  }
  return {};
}

Status Service::DoListApplications(const v1::ListApplicationsRequest&,
                                   v1::ListApplicationsResponse& response) {
  for (const auto& status : TRY(engine_.ListApplications())) {
    Fill(status, *response.add_applications());
  }
  return {};
}

Status Service::DoGetApplication(const v1::GetApplicationRequest& request,
                                 v1::ApplicationStatus& response) {
  Fill(TRY(engine_.GetApplication(request.name())), response);
  return {};
}

Status Service::DoListClusters(const v1::ListClustersRequest&, v1::ListClustersResponse& response) {
  for (const auto& status : TRY(engine_.ListClusters())) Fill(status, *response.add_clusters());
  return {};
}

Status Service::DoDiff(const v1::DiffRequest& request, v1::DiffResponse& response) {
  const auto scope =
      request.everything() ? control::DiffScope::kEverything : control::DiffScope::kChanges;
  Fill(TRY(engine_.Diff(request.application(), request.revision(), scope)), response);
  return {};
}

Status Service::DoSync(const v1::SyncRequest& request, v1::StartedRollout& response) {
  const auto started = TRY(engine_.Sync(
      {request.application(), request.revision(), ActorOr(request.actor()), request.reason(),
       request.confirm_prune() ? control::Confirm::kYes : control::Confirm::kNo, request.plan()}));
  if (started.rollout) Fill(*started.rollout, Clusters::kWith, *response.mutable_rollout());
  response.set_message(started.message);
  return {};
}

Status Service::DoRollback(const v1::RollbackRequest& request, v1::StartedRollout& response) {
  const auto started = TRY(engine_.Rollback(
      {.application = request.application(),
       .to = request.to(),
       .actor = ActorOr(request.actor()),
       .reason = request.reason(),
       .confirm_prune = request.confirm_prune() ? control::Confirm::kYes : control::Confirm::kNo,
       .clusters = {request.clusters().begin(), request.clusters().end()},
       .plan = request.plan()}));
  if (started.rollout) Fill(*started.rollout, Clusters::kWith, *response.mutable_rollout());
  response.set_message(started.message);
  return {};
}

Status Service::DoCancelRollout(const v1::CancelRolloutRequest& request,
                                v1::CancelRolloutResponse&) {
  return engine_.CancelRollout(request.application(), ActorOr(request.actor()), request.reason());
}

Status Service::DoSteerRollout(const v1::SteerRolloutRequest& request, v1::SteerRolloutResponse&) {
  control::SteerRequest steer{.application = request.application(),
                              .actor = ActorOr(request.actor()),
                              .reason = request.reason()};
  if (request.action() == "pause") {
    steer.steering = control::Steering::kPause;
  } else if (request.action() == "resume") {
    steer.steering = control::Steering::kResume;
  } else if (request.action() == "promote") {
    steer.steering = control::Steering::kPromote;
  } else {
    return Fail(
        InvalidArgument("action: \"" + request.action() + "\" is not pause, resume or promote"));
  }
  return engine_.SteerRollout(steer);
}

Status Service::DoReleaseQuarantine(const v1::ReleaseQuarantineRequest& request,
                                    v1::ReleaseQuarantineResponse&) {
  return engine_.ReleaseQuarantine(request.application(), request.commit(),
                                   ActorOr(request.actor()));
}

Status Service::DoHistory(const v1::HistoryRequest& request, v1::HistoryResponse& response) {
  const int limit = Limit(request.limit(), 20, 200);
  for (const RolloutState& rollout :
       TRY(engine_.History(request.application(), request.before(), limit))) {
    Fill(rollout, Clusters::kWithout, *response.add_rollouts());
  }
  return {};
}

Status Service::DoGetRollout(const v1::GetRolloutRequest& request, v1::Rollout& response) {
  Fill(TRY(engine_.GetRollout(request.application(), request.number())), Clusters::kWith, response);
  return {};
}

Status Service::DoGetManifest(const v1::GetManifestRequest& request,
                              v1::GetManifestResponse& response) {
  response.set_yaml(
      TRY(engine_.GetManifest(request.application(), request.number(), request.cluster())));
  return {};
}

Status Service::DoListEvents(const v1::ListEventsRequest& request,
                             v1::ListEventsResponse& response) {
  const int limit = Limit(request.limit(), 100, 1000);
  for (const LedgerEvent& event :
       TRY(engine_.Events(request.application(), request.after(), limit))) {
    Fill(event, *response.add_events());
  }
  return {};
}

Status Service::DoVerifyHistory(const v1::VerifyHistoryRequest& request,
                                v1::VerifyHistoryResponse& response) {
  VerifyRequest verify{.from = request.from(), .expect = {}};
  if (!request.expect().empty()) {
    verify.expect = TRY_WRAP(Digest::Parse(request.expect()), "expect");
  }
  Fill(TRY(engine_.VerifyHistory(verify)), response);
  return {};
}

Status Service::DoGetVersion(const v1::GetVersionRequest&, v1::GetVersionResponse& response) {
  response.set_version(kVersion);
  return {};
}

}  // namespace swell::api
