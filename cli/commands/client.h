#pragma once
// The server, as the commands see it: API messages in, Results out.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "swell/v1/swell.pb.h"

namespace swell::cli {

namespace v1 = ::swell::v1;

inline constexpr char kDefaultServer[] = "127.0.0.1:7420";

enum class WatchStep { kGoOn, kStop };

// Every call blocks until the server has answered or its own deadline has passed: 30 s for
// what only looks, 6 minutes for what makes a plan or restores objects (the server itself gives up
// after 5). Errors carry the server's code and words; a server that cannot be reached is
// kUnavailable with its address and how to name another. Threads: any.
class Client {
 public:
  virtual ~Client() = default;

#define SWELL_CLIENT_METHODS(X)                                             \
  X(Apply, ApplyRequest, ApplyResponse)                                     \
  X(Delete, DeleteRequest, DeleteResponse)                                  \
  X(GetResources, GetResourcesRequest, GetResourcesResponse)                \
  X(ListApplications, ListApplicationsRequest, ListApplicationsResponse)    \
  X(GetApplication, GetApplicationRequest, ApplicationStatus)               \
  X(ListClusters, ListClustersRequest, ListClustersResponse)                \
  X(Diff, DiffRequest, DiffResponse)                                        \
  X(Sync, SyncRequest, StartedRollout)                                      \
  X(Rollback, RollbackRequest, StartedRollout)                              \
  X(CancelRollout, CancelRolloutRequest, CancelRolloutResponse)             \
  X(SteerRollout, SteerRolloutRequest, SteerRolloutResponse)                \
  X(ReleaseQuarantine, ReleaseQuarantineRequest, ReleaseQuarantineResponse) \
  X(History, HistoryRequest, HistoryResponse)                               \
  X(GetRollout, GetRolloutRequest, Rollout)                                 \
  X(GetManifest, GetManifestRequest, GetManifestResponse)                   \
  X(ListEvents, ListEventsRequest, ListEventsResponse)                      \
  X(VerifyHistory, VerifyHistoryRequest, VerifyHistoryResponse)             \
  X(GetTree, GetTreeRequest, GetTreeResponse)                               \
  X(ListLiveEvents, ListLiveEventsRequest, ListLiveEventsResponse)          \
  X(GetVersion, GetVersionRequest, GetVersionResponse)                      \
  X(Freeze, FreezeRequest, FreezeResponse)                                  \
  X(Unfreeze, UnfreezeRequest, UnfreezeResponse)                            \
  X(Override, OverrideRequest, OverrideResponse)                            \
  X(EndOverride, EndOverrideRequest, EndOverrideResponse)                   \
  X(ListFreezes, ListFreezesRequest, ListFreezesResponse)                   \
  X(MakePlan, MakePlanRequest, PlanDetail)                                  \
  X(ListPlans, ListPlansRequest, ListPlansResponse)                         \
  X(GetPlan, GetPlanRequest, PlanDetail)                                    \
  X(ComparePlans, ComparePlansRequest, PlanComparison)                      \
  X(ApprovePlan, ApprovePlanRequest, PlanApproval)                          \
  X(GetReport, GetReportRequest, Report)                                    \
  X(GetEvidence, GetReportRequest, Evidence)                                \
  X(GetRolloutEvidence, GetRolloutEvidenceRequest, EvidenceFile)            \
  X(ListDrift, ListDriftRequest, ListDriftResponse)                         \
  X(Tolerate, TolerateRequest, Toleration)                                  \
  X(ListTolerations, ListTolerationsRequest, ListTolerationsResponse)       \
  X(EndTolerations, EndTolerationsRequest, ListTolerationsResponse)         \
  X(ListDeleted, ListDeletedRequest, ListDeletedResponse)                   \
  X(Undelete, UndeleteRequest, UndeleteResponse)

#define SWELL_DECLARE(Method, Request, Response) \
  virtual Result<v1::Response> Method(const v1::Request& request) = 0;
  SWELL_CLIENT_METHODS(SWELL_DECLARE)
#undef SWELL_DECLARE

  // Calls `on_message` for everything that the server sends, on the caller's thread, until
  // it answers kStop, the server ends the stream (both are no errors), or `timeout` has
  // passed (kDeadlineExceeded).
  using OnWatch = std::function<WatchStep(const v1::WatchResponse&)>;
  virtual Status Watch(const v1::WatchRequest& request, std::optional<Duration> timeout,
                       const OnWatch& on_message) = 0;
  // The same for lines of logs, without a time limit: until the server ends the stream.
  using OnLogs = std::function<WatchStep(const v1::LogsResponse&)>;
  virtual Status Logs(const v1::LogsRequest& request, const OnLogs& on_message) = 0;
};

// Over gRPC. Does not connect yet: the first call does.
std::unique_ptr<Client> ConnectTo(const std::string& address);

}  // namespace swell::cli
