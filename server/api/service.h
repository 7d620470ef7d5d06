#pragma once
// The methods of swell.v1.Swell over the engine. Included by this room's sources alone: the
// gRPC headers are slow to compile.

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <mutex>
#include <set>

#include "base/runtime/executor.h"
#include "server/api/convert.h"
#include "server/control/engine.h"
#include "swell/v1/swell.grpc.pb.h"

namespace swell::api {

grpc::Status ToStatus(const Error& error);
// "unknown" where the client does not say who asks.
std::string ActorOr(const std::string& actor);

class WatchReactor;
class LogsReactor;

// A call that goes on until it is ended.
class Endable {
 public:
  virtual ~Endable() = default;
  virtual void End(const grpc::Status& status) = 0;
};

class Service final : public v1::Swell::CallbackService {
 public:
  Service(control::Engine& engine, Executor& executor, std::size_t max_streams)
      : engine_(engine), executor_(executor), max_streams_(max_streams) {}

#define SWELL_UNARY(Method, Request, Response)                                                    \
  grpc::ServerUnaryReactor* Method(grpc::CallbackServerContext* context,                          \
                                   const v1::Request* request, v1::Response* response) override { \
    return Run(context, [this, request, response] { return Do##Method(*request, *response); });   \
  }                                                                                               \
  Status Do##Method(const v1::Request& request, v1::Response& response);

  SWELL_UNARY(Apply, ApplyRequest, ApplyResponse)
  SWELL_UNARY(Delete, DeleteRequest, DeleteResponse)
  SWELL_UNARY(GetResources, GetResourcesRequest, GetResourcesResponse)
  SWELL_UNARY(ListApplications, ListApplicationsRequest, ListApplicationsResponse)
  SWELL_UNARY(GetApplication, GetApplicationRequest, ApplicationStatus)
  SWELL_UNARY(ListClusters, ListClustersRequest, ListClustersResponse)
  SWELL_UNARY(Diff, DiffRequest, DiffResponse)
  SWELL_UNARY(Sync, SyncRequest, StartedRollout)
  SWELL_UNARY(Rollback, RollbackRequest, StartedRollout)
  SWELL_UNARY(CancelRollout, CancelRolloutRequest, CancelRolloutResponse)
  SWELL_UNARY(SteerRollout, SteerRolloutRequest, SteerRolloutResponse)
  SWELL_UNARY(ReleaseQuarantine, ReleaseQuarantineRequest, ReleaseQuarantineResponse)
  SWELL_UNARY(History, HistoryRequest, HistoryResponse)
  SWELL_UNARY(GetRollout, GetRolloutRequest, Rollout)
  SWELL_UNARY(GetManifest, GetManifestRequest, GetManifestResponse)
  SWELL_UNARY(ListEvents, ListEventsRequest, ListEventsResponse)
  SWELL_UNARY(VerifyHistory, VerifyHistoryRequest, VerifyHistoryResponse)
  SWELL_UNARY(GetTree, GetTreeRequest, GetTreeResponse)
  SWELL_UNARY(ListLiveEvents, ListLiveEventsRequest, ListLiveEventsResponse)
  SWELL_UNARY(GetVersion, GetVersionRequest, GetVersionResponse)
  SWELL_UNARY(Freeze, FreezeRequest, FreezeResponse)
  SWELL_UNARY(Unfreeze, UnfreezeRequest, UnfreezeResponse)
  SWELL_UNARY(Override, OverrideRequest, OverrideResponse)
  SWELL_UNARY(EndOverride, EndOverrideRequest, EndOverrideResponse)
  SWELL_UNARY(ListFreezes, ListFreezesRequest, ListFreezesResponse)
  SWELL_UNARY(MakePlan, MakePlanRequest, PlanDetail)
  SWELL_UNARY(ListPlans, ListPlansRequest, ListPlansResponse)
  SWELL_UNARY(GetPlan, GetPlanRequest, PlanDetail)
  SWELL_UNARY(ComparePlans, ComparePlansRequest, PlanComparison)
  SWELL_UNARY(ApprovePlan, ApprovePlanRequest, PlanApproval)
  SWELL_UNARY(GetReport, GetReportRequest, Report)
  SWELL_UNARY(GetEvidence, GetReportRequest, Evidence)
  SWELL_UNARY(GetRolloutEvidence, GetRolloutEvidenceRequest, EvidenceFile)
  SWELL_UNARY(ListDrift, ListDriftRequest, ListDriftResponse)
  SWELL_UNARY(Tolerate, TolerateRequest, Toleration)
  SWELL_UNARY(ListTolerations, ListTolerationsRequest, ListTolerationsResponse)
  SWELL_UNARY(EndTolerations, EndTolerationsRequest, ListTolerationsResponse)
  SWELL_UNARY(ListDeleted, ListDeletedRequest, ListDeletedResponse)
  SWELL_UNARY(Undelete, UndeleteRequest, UndeleteResponse)
#undef SWELL_UNARY

  grpc::ServerWriteReactor<v1::WatchResponse>* Watch(grpc::CallbackServerContext* context,
                                                     const v1::WatchRequest* request) override;

  grpc::ServerWriteReactor<v1::LogsResponse>* Logs(grpc::CallbackServerContext* context,
                                                   const v1::LogsRequest* request) override;

  // Ends every watch and every call that reads logs, with kUnavailable.
  void EndStreams();

 private:
  friend class WatchReactor;
  friend class LogsReactor;

  // Off gRPC's own threads: engine calls wait.
  grpc::ServerUnaryReactor* Run(grpc::CallbackServerContext* context,
                                std::move_only_function<Status()> call);
  bool Add(Endable* stream);  // false: there are too many
  void Remove(Endable* stream);
  grpc::Status TooManyStreams() const;

  control::Engine& engine_;
  Executor& executor_;
  const std::size_t max_streams_;
  std::mutex mutex_;
  std::set<Endable*> streams_;  // guarded by mutex_
};

}  // namespace swell::api
