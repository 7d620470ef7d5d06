#pragma once
// Engine: what swelld does, behind one door. The API, webhooks and tests call it; inside, one
// control thread owns all state and is the ledger's only writer (docs/architecture.md).

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "reconciler/diff/explain.h"
#include "reconciler/domain/ledger.h"
#include "reconciler/domain/plan.h"
#include "reconciler/domain/rollout.h"
#include "server/control/freezes.h"
#include "server/control/healing.h"
#include "server/control/live.h"
#include "server/control/plans.h"
#include "server/control/reports.h"

namespace swell::control {

enum class DryRun { kNo, kYes };

enum class ApplyOutcome { kCreated, kChanged, kUnchanged };
struct AppliedResource {
  std::string kind;
  std::string name;
  ApplyOutcome outcome = ApplyOutcome::kUnchanged;
};

// How one application stands, for people and pipelines.
struct ApplicationStatus {
  Application spec;
  ApplicationState state;
  std::string sync;                     // "Synced", "OutOfSync", "Unknown"
  Health health;                        // the worst of its clusters'
  std::vector<ClusterRecord> clusters;  // sorted by name; inventories are left out
  std::optional<RolloutState> rollout;  // the running one, else the last
  std::vector<Quarantine> quarantine;
  std::optional<Timestamp> held_until;  // when what state.hold says is looked at again
  // What keeps changes from being made now, asked for or not: freezes, windows.
  std::vector<std::string> barriers;
  std::string override_;  // "override of web by ada until …": lets them pass by hand; "" is none
};

struct ClusterStatus {
  Cluster spec;  // without its inline kubeconfig
  bool reachable = false;
  std::string version;  // "v1.36.0"; "" until it was reached
  std::string error;    // why it is not reachable
  int applications = 0;
};

enum class Confirm { kNo, kYes };

struct SyncRequest {
  std::string application;
  std::string revision;  // "" takes the application's own ref, resolved anew
  std::string actor;
  std::string reason;
  // Of objects that say Prune=confirm, and of more deletions than spec.sync.deletionBudget.
  Confirm confirm_prune = Confirm::kNo;
  // Digest of a recorded plan of the application, or the start of it: its revision is planned anew
  // (as it was then confirmed or not), and anything but exactly this plan is refused. "": none.
  std::string plan;
};

struct RollbackRequest {
  std::string application;
  std::int64_t to = 0;  // rollout number; 0: the last one that succeeded before the present
  std::string actor;
  std::string reason;
  Confirm confirm_prune = Confirm::kNo;  // as a sync's
  std::vector<std::string> clusters;     // these alone; empty: all that it restores
  std::string plan;                      // as SyncRequest's; says `to` and `clusters` as well
};

// What people do to a running rollout. kPause: no further cluster is begun until kResume.
// kPromote: what its wave waits for (approvals, bake, gates) counts as passed.
enum class Steering : std::uint8_t { kPause, kResume, kPromote };
struct SteerRequest {
  std::string application;
  Steering steering = Steering::kPause;
  std::string actor;
  std::string reason;  // required of kPromote
};

// What a sync or rollback led to. rollout is empty where nothing had to change.
struct StartedRollout {
  std::string application;
  std::optional<RolloutState> rollout;
  std::string message;  // "already in sync with main at 1a2b3c4"
};

// One object's change as text, for `swell diff`; Secrets redacted.
struct ObjectDiff {
  Operation operation;
  std::string unified;  // unified diff of YAML, live against wanted; "" for kNone
  // Of an object that is there and declared: the operation's changes with who made them and when;
  // with DiffScope::kEverything also the differences that need no apply.
  std::vector<diff::Explanation> explained;
};
// kChanges: the objects that a sync would change. kEverything: also those that differ without.
enum class DiffScope : std::uint8_t { kChanges, kEverything };
// Clusters with the same changes are shown once.
struct DiffGroup {
  std::vector<std::string> clusters;
  std::string error;  // why they could not be read; objects is empty then
  std::vector<ObjectDiff> objects;
};
struct DiffResult {
  Plan plan;
  std::vector<DiffGroup> groups;
  std::vector<std::string> warnings;
};

// A plan with what it changes. As it is shown when it is made each object has its text; from the
// ledger the fields alone.
struct PlanDetail {
  RecordedPlan recorded;
  DiffResult diff;
};

struct DeletionRequest {
  std::string kind;
  std::string name;
  std::string actor;
  std::string reason;
  // What becomes of the objects in the clusters; kRefuse cannot be asked for. Nothing: an
  // Application's spec.deletion; a Cluster that holds objects of applications is then not deleted.
  std::optional<DeletionPolicy> policy;
  Confirm confirm = Confirm::kNo;  // of objects that ask before they are deleted
  DryRun dry_run = DryRun::kNo;    // of an Application
  // What was shown: a cascade that would delete anything else is refused. "": whatever it is.
  std::string plan;
};

struct StartedDeletion {
  std::optional<RolloutState> rollout;  // of a cascade; the application goes when it has succeeded
  std::optional<DiffResult> plan;       // of a dry run of a cascade: what it would delete
  std::string message;
};

// What happens, as it happens: a line of history, or a step of a rollout.
struct Update {
  std::optional<LedgerEvent> event;
  RolloutStatePtr rollout;  // or null
};

// Threads: every method may be called from any thread. Methods that return a Result block until
// it is there (bounded by their own deadlines); none may be called from the control thread.
class Engine {
 public:
  virtual ~Engine() = default;

  // All documents or none. Checks what one resource alone cannot know (names that clash, URLs).
  virtual Result<std::vector<AppliedResource>> ApplyResources(std::vector<Resource> resources,
                                                              const std::string& actor,
                                                              DryRun dry_run) = 0;
  // An application with policy orphan goes at once and leaves its objects in the clusters; with
  // cascade it goes when a rollout of kind delete has taken them away, and stays where that fails
  // (kFailedPrecondition while another rollout runs). A cluster that applications still hold
  // objects in is refused, but with orphan, which forgets them and says so in history.
  virtual Result<StartedDeletion> Delete(const DeletionRequest& request) = 0;
  virtual Result<std::vector<Resource>> ListResources(const std::string& kind) = 0;

  virtual Result<std::vector<ApplicationStatus>> ListApplications() = 0;
  virtual Result<ApplicationStatus> GetApplication(const std::string& name) = 0;
  virtual Result<std::vector<ClusterStatus>> ListClusters() = 0;

  // Renders, reads the fleet and plans, without writing anything anywhere.
  virtual Result<DiffResult> Diff(const std::string& application, const std::string& revision,
                                  DiffScope scope) = 0;
  // The same, recorded, so that it can be looked at, approved and rolled out exactly so; or what a
  // rollback would do. Nothing is written to any cluster.
  virtual Result<PlanDetail> ProposePlan(const ProposalRequest& request) = 0;
  // Those that were proposed or rolled out, newest first.
  virtual Result<std::vector<RecordedPlan>> ListPlans(const std::string& application) = 0;
  // `digest` may be the start of it. application "": whosever plan it is.
  virtual Result<PlanDetail> ShowRecordedPlan(const std::string& application,
                                              const std::string& digest) = 0;
  virtual Result<plan::PlanComparison> ComparePlans(const std::string& application,
                                                    const std::string& first,
                                                    const std::string& second) = 0;
  // Records somebody's yes to a recorded plan. Counts for that plan alone.
  virtual Result<gate::Approval> Approve(const ApprovalRequest& request) = 0;
  // Starts a rollout by hand. Refused (kFailedPrecondition) while another one runs, unless that
  // one is for another plan: then it is cancelled first.
  virtual Result<StartedRollout> Sync(const SyncRequest& request) = 0;
  // Restores the recorded manifests in wave order, and quarantines the revision it leaves.
  virtual Result<StartedRollout> Rollback(const RollbackRequest& request) = 0;
  virtual Status CancelRollout(const std::string& application, const std::string& actor,
                               const std::string& reason) = 0;
  // kFailedPrecondition where no rollout runs, or it does not wait for anything that a promotion
  // passes.
  virtual Status SteerRollout(const SteerRequest& request) = 0;
  virtual Status ReleaseQuarantine(const std::string& application, const std::string& commit,
                                   const std::string& actor) = 0;

  // Nothing is begun in the fleet or of one application; what is under way is brought to its end
  // where it is, and taken back where it fails. A second one replaces the first.
  virtual Result<gate::Freeze> Freeze(const FreezeRequest& request) = 0;
  virtual Status Unfreeze(const ReleaseRequest& request) = 0;
  // For a while freezes, windows and budgets let pass what is done by hand.
  virtual Result<gate::Override> BreakGlass(const OverrideRequest& request) = 0;
  virtual Status MendGlass(const ReleaseRequest& request) = 0;
  virtual Result<FreezeList> ListFreezes() = 0;

  // Newest first; before == 0 starts at the newest.
  virtual Result<std::vector<RolloutState>> History(const std::string& application,
                                                    std::int64_t before, int limit) = 0;
  // number == 0: the running one, else the last.
  virtual Result<RolloutState> GetRollout(const std::string& application, std::int64_t number) = 0;
  virtual Result<Plan> GetPlan(const Digest& plan) = 0;
  // The recorded manifest as YAML; Secrets redacted.
  virtual Result<std::string> GetManifest(const std::string& application, std::int64_t number,
                                          const std::string& cluster) = 0;
  virtual Result<std::vector<LedgerEvent>> Events(const std::string& application,
                                                  std::int64_t after, int limit) = 0;
  // Ledger::Verify.
  virtual Result<VerifyReport> VerifyHistory(const VerifyRequest& request) = 0;

  // How the applications were delivered. kInvalidArgument for a window without length.
  virtual Result<report::Report> Report(const ReportRequest& request) = 0;
  // The same time for auditors, with every rollout that was begun or ended in it.
  virtual Result<Evidence> GetEvidence(const ReportRequest& request) = 0;
  virtual Result<EvidenceFile> GetRolloutEvidence(const std::string& application,
                                                  std::int64_t number) = 0;

  // What runs in the clusters (live.h). Clusters that do not answer in time are in the answer with
  // their error.
  virtual Result<std::vector<ClusterTree>> Tree(const TreeRequest& request) = 0;
  virtual Result<LiveEvents> ListLiveEvents(const LiveEventsRequest& request) = 0;
  // Returns at once. The session must be gone before the engine is.
  virtual Result<std::unique_ptr<LogSession>> Logs(const LogsRequest& request) = 0;

  // Drift and deletions (healing.h); application "" is every one. Open drift first, the newest
  // first.
  virtual Result<std::vector<DriftEntry>> Drift(const std::string& application) = 0;
  // kNotFound where the application holds no such object.
  virtual Result<heal::Tolerance> Tolerate(const ToleranceRequest& request) = 0;
  virtual Result<std::vector<ToleranceEntry>> Tolerations(const std::string& application) = 0;
  // What the request does not name is any; kNotFound where nothing of it is tolerated.
  virtual Result<std::vector<heal::Tolerance>> Untolerate(const ToleranceRequest& request) = 0;
  // The newest first. The application may be one that is not declared any more; "" is every one.
  virtual Result<std::vector<KeptEntry>> Deleted(const std::string& application) = 0;
  // One answer an object. Fails as a whole where nothing was begun.
  virtual Result<std::vector<Undeleted>> Undelete(const UndeleteRequest& request) = 0;

  // Calls `listener` on the control thread for every later update of the application ("" is
  // every application) until Unsubscribe returns. The listener must be quick and must not call
  // the engine.
  using Listener = std::function<void(const Update&)>;
  virtual std::uint64_t Subscribe(const std::string& application, Listener listener) = 0;
  virtual void Unsubscribe(std::uint64_t subscription) = 0;
};

}  // namespace swell::control
