#pragma once
// The controller: Engine, carried out. One control loop owns all state and is the ledger's only
// writer; Git, rendering, comparing and the network happen elsewhere and report back to it.

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/core/clock.h"
#include "base/net/loop.h"
#include "base/runtime/executor.h"
#include "reconciler/gate/gate.h"
#include "reconciler/gate/permissions.h"
#include "reconciler/gates/job.h"
#include "reconciler/heal/book.h"
#include "server/control/engine.h"
#include "server/control/fence.h"
#include "server/control/fleet.h"
#include "server/control/gather.h"
#include "server/control/kept.h"
#include "server/control/options.h"
#include "server/control/planning.h"
#include "server/control/poller.h"
#include "server/control/remote_plan.h"
#include "server/control/runner.h"
#include "server/control/source_plan.h"

namespace swell::control {

class Controller final : public Engine {
 public:
  // `ledger` and `clock` must outlive it. Starts nothing yet.
  Controller(Options options, Ledger& ledger, const Clock& clock);
  // Stops first.
  ~Controller() override;

  // Reads the ledger, takes up the rollouts that were under way, and begins to poll.
  Status Start();
  // No further writes; abandons what is under way (the next Start takes it up). Idempotent.
  void Stop();
  // Why it does nothing any more: another server has taken over its ledger. Any thread.
  Status Ready() const { return fence_->status(); }

  Result<std::vector<AppliedResource>> ApplyResources(std::vector<Resource> resources,
                                                      const std::string& actor,
                                                      DryRun dry_run) override;
  Result<StartedDeletion> Delete(const DeletionRequest& request) override;
  Result<std::vector<Resource>> ListResources(const std::string& kind) override;
  Result<std::vector<ApplicationStatus>> ListApplications() override;
  Result<ApplicationStatus> GetApplication(const std::string& name) override;
  Result<std::vector<ClusterStatus>> ListClusters() override;
  Result<DiffResult> Diff(const std::string& application, const std::string& revision,
                          DiffScope scope) override;
  Result<StartedRollout> Sync(const SyncRequest& request) override;
  Result<StartedRollout> Rollback(const RollbackRequest& request) override;
  Result<PlanDetail> ProposePlan(const ProposalRequest& request) override;
  Result<std::vector<RecordedPlan>> ListPlans(const std::string& application) override;
  Result<PlanDetail> ShowRecordedPlan(const std::string& application,
                                      const std::string& digest) override;
  Result<plan::PlanComparison> ComparePlans(const std::string& application,
                                            const std::string& first,
                                            const std::string& second) override;
  Result<gate::Approval> Approve(const ApprovalRequest& request) override;
  Status CancelRollout(const std::string& application, const std::string& actor,
                       const std::string& reason) override;
  Status SteerRollout(const SteerRequest& request) override;
  Status ReleaseQuarantine(const std::string& application, const std::string& commit,
                           const std::string& actor) override;
  Result<gate::Freeze> Freeze(const FreezeRequest& request) override;
  Status Unfreeze(const ReleaseRequest& request) override;
  Result<gate::Override> BreakGlass(const OverrideRequest& request) override;
  Status MendGlass(const ReleaseRequest& request) override;
  Result<FreezeList> ListFreezes() override;
  Result<std::vector<RolloutState>> History(const std::string& application, std::int64_t before,
                                            int limit) override;
  Result<RolloutState> GetRollout(const std::string& application, std::int64_t number) override;
  Result<Plan> GetPlan(const Digest& plan) override;
  Result<std::string> GetManifest(const std::string& application, std::int64_t number,
                                  const std::string& cluster) override;
  Result<std::vector<LedgerEvent>> Events(const std::string& application, std::int64_t after,
                                          int limit) override;
  Result<report::Report> Report(const ReportRequest& request) override;
  Result<Evidence> GetEvidence(const ReportRequest& request) override;
  Result<EvidenceFile> GetRolloutEvidence(const std::string& application,
                                          std::int64_t number) override;
  Result<VerifyReport> VerifyHistory(const VerifyRequest& request) override;
  Result<std::vector<ClusterTree>> Tree(const TreeRequest& request) override;
  Result<LiveEvents> ListLiveEvents(const LiveEventsRequest& request) override;
  Result<std::unique_ptr<LogSession>> Logs(const LogsRequest& request) override;
  Result<std::vector<DriftEntry>> Drift(const std::string& application) override;
  Result<heal::Tolerance> Tolerate(const ToleranceRequest& request) override;
  Result<std::vector<ToleranceEntry>> Tolerations(const std::string& application) override;
  Result<std::vector<heal::Tolerance>> Untolerate(const ToleranceRequest& request) override;
  Result<std::vector<KeptEntry>> Deleted(const std::string& application) override;
  Result<std::vector<Undeleted>> Undelete(const UndeleteRequest& request) override;
  std::uint64_t Subscribe(const std::string& application, Listener listener) override;
  void Unsubscribe(std::uint64_t subscription) override;

  struct Stats {
    Poller::Stats poller;
    RenderCacheStats renders;
    std::int64_t plans = 0;     // computed
    std::int64_t rollouts = 0;  // started
    std::int64_t running = 0;
    std::int64_t applications = 0;
    std::int64_t clusters = 0;
    live::Watched::Stats watched;
    std::int64_t log_sessions = 0;  // people and programs that read logs now
    std::int64_t log_streams = 0;   // containers whose logs are open for them
  };
  Stats stats();

 private:
  // Why an application is planned, and what to do with the plan.
  struct Intent {
    gate::Cause cause = gate::Cause::kAutoSync;
    Revision revision;
    std::map<std::string, Digest> recorded;  // of a rollback or a repair: by cluster
    std::int64_t rollback_to = 0;
    std::string actor = "auto";
    std::string reason;
    plan::Confirmed confirmed = plan::Confirmed::kNo;
    // Digest of the plan that was shown, or the start of it: anything else is refused. "": none.
    std::string expected_plan;
    std::vector<std::string> selection;  // of a rollback: these clusters; empty: all
    std::uint64_t rules_version = 0;     // of the book, when the plan began
    // Of a request by hand: who waits for the rollout to be created.
    std::function<void(Result<StartedRollout>)> answer;
  };

  // What has been planned last: while it is the same, there is nothing to do before the resync.
  struct PlannedFor {
    std::string commit;
    std::int64_t generation = -1;
    Digest fleet;
    Digest remotes;  // RemotesDigest of what the ledger has of them
    friend bool operator==(const PlannedFor&, const PlannedFor&) = default;
  };

  // Changes that watches told. A field that another controller rewrites all the time must not
  // have the application planned all the time: what needed nothing is looked at ever later.
  struct LiveChanges {
    Duration pause = kFirstLivePause;
    bool told = false;     // since the last plan began
    bool planned = false;  // the plan under way is made because of them
  };
  static constexpr Duration kFirstLivePause = std::chrono::seconds(1);

  struct Entry {
    Application spec;
    ApplicationState state;
    std::map<std::string, ClusterRecord> records;
    std::vector<Quarantine> quarantine;
    std::shared_ptr<Runner> runner;
    std::optional<RolloutState> last;  // rollout that ended last
    bool planning = false;
    std::deque<Intent> intents;  // by hand, first come first served
    PlannedFor planned_for;
    // What the last plan's renders read, and its content then: a commit that leaves all of it
    // alone changes nothing for this application.
    ReadSet reads;
    Digest reads_digest;
    bool comparing = false;  // a moved commit's content is being looked at
    // Commits that came since the last rollout began and hold the same content.
    std::vector<std::string> adopted;
    // What would be done by itself and was held by the gatekeeper, and when to ask it again.
    std::optional<gate::Cause> held;
    std::optional<Timestamp> held_until;
    std::string waits;  // for whom objects of the last plan wait that ask to be confirmed
    // FleetDigest(Selected(spec)) as of fleet_version; -1: not computed.
    std::int64_t fleet_version = -1;
    Digest fleet;
    Timestamp resync_at;  // when live state is looked at again
    LiveChanges live_changes;
    Timestamp read_all_at;             // when it is read anew, whatever the watches say
    std::set<std::string> health_due;  // clusters whose health is to be read
    bool health_known = false;         // read since the start
    heal::Book book;                   // its drift, and what is tolerated
    int restoring = 0;                 // undeletes under way; nothing is planned meanwhile
    // Why the source's own ref, and what its kustomizations name, cannot be resolved now.
    std::string ref_error;
    std::map<RemoteName, std::string> remote_errors;
  };

  // start.cc
  Status Load();
  Status LoadApplication(const Application& application,
                         const std::map<std::string, ApplicationState>& states);
  Status ForgetDeleted();
  Status Resume(const RolloutState& rollout);
  void RefreshSources();
  Result<std::unique_ptr<Source>> OpenSource(const SourceKey& key,
                                             std::shared_ptr<const Repository> credentials);
  // Tells everyone who connects that repositories_ changed.
  void UseRepositories();
  void TickSoon();
  void OnFenced(const Error& why);
  void AbandonAll(const Error& why);

  // reconcile.cc
  void OnResolved(const SourceKey& source, const std::string& ref,
                  const Result<Revision>& revision);
  // The application's PlanRequest; `recorded` as in Intent.
  Result<PlanRequest> MakeRequest(const Entry& entry, PlanKind kind, const Revision& revision,
                                  const std::map<std::string, Digest>& recorded) const;
  void Evaluate(Entry& entry);
  void EvaluateIntent(Entry& entry);
  void StartPlan(Entry& entry, Intent intent);
  void FinishPlan(Entry& entry, const PlannedFor& planned_for, Intent intent,
                  Result<Planned> planned);
  void Act(Entry& entry, const PlannedFor& planned_for, Intent intent, Planned planned);
  void KeepBack(Entry& entry, Intent& intent, const gate::Decision& decision);
  bool ActOnDeletion(Entry& entry, Intent& intent, const Planned& planned);
  bool IsAsExpected(Entry& entry, const Intent& intent, const Planned& planned);
  // Whether the intent may be planned while a rollout runs; else it has been answered.
  bool MayComeBeside(const RolloutState& running, const Intent& intent) const;
  static std::string WaitsFor(const Application& application, const Planned& planned);
  void SettleInSync(Entry& entry, const Intent& intent, const Planned& planned);
  void FailPlan(Entry& entry, Intent& intent, const Error& error);

  // drift.cc
  void OnLiveChanged(const std::string& application, const std::string& cluster, live::Change);
  void LookSoon(Entry& entry);
  // Which of the two a plan that begins now goes by.
  LiveState LiveStateFor(Entry& entry);
  void NoteLivePlanBegins(Entry& entry, PlanKind kind);
  void NoteLivePlanEnds(Entry& entry);
  // What the plan came to.
  void AdaptLivePause(Entry& entry, bool in_sync);

  void LookNow(Entry& entry);

  // healing.cc
  // The application with the rules that hold for a while.
  Application Effective(const Entry& entry, heal::Book::Stops stops) const;
  // Takes down the drift that the plan saw, and takes out of a repair what is not repaired now.
  // True where nothing is left of it.
  bool TendDrift(Entry& entry, Intent& intent, Planned& planned);
  void NoteDrift(Entry& entry, const Planned& planned);
  std::vector<Mutation> CurbRepair(Entry& entry, Planned& planned);
  void SettleCurbed(Entry& entry);
  void LeaveDrift(Entry& entry, const Planned& planned, const std::string& why);
  // Commits `with` and what the ledger does not have yet.
  void WriteBook(Entry& entry, std::vector<Mutation> with);
  std::vector<Mutation> TakeUpDrift(Entry& entry, const Intent& intent, const Planned& planned,
                                    const RolloutState& state);
  void ExpireTolerances(Entry& entry, Timestamp now);
  static Result<ObjectId> NamedObject(const Entry& entry, const ToleranceRequest& request);

  // undelete.cc
  struct Undeletion;
  void SweepKeptSometimes(Timestamp now);
  Result<Undeletion> ChooseKept(const UndeleteRequest& request);
  void LookAround(Undeletion& work);
  Status BeginUndelete(const UndeleteRequest& request, const Undeletion& work);
  void Restore(Undeletion& work);
  Status FinishUndelete(const UndeleteRequest& request, const Undeletion& work);

  // live_health.cc: how applications are while nothing is rolled out.
  void ReadHealthSoon(Entry& entry, const std::string& cluster);
  void ReadHealthSoon(Entry& entry);  // of the clusters that are due
  void ReadHealthNow(const std::string& application);
  void ReadHealthOf(const Entry& entry, const ClusterRecord& record);
  void OnHealthRead(const std::string& application, const std::string& cluster,
                    const Digest& manifest, Health health);

  // remotes.cc
  void OnRemoteResolved(const SourceKey& source, const std::string& ref,
                        const Result<Revision>& revision);
  remotes::Policy PolicyOf(const Entry& entry) const;
  // `known`: what the plan started from; `used`: what it ended with.
  void AdoptRemotes(Entry& entry, const RemotePins& known, RemotePins used);

  // safeguards.cc
  Status LoadSafeguards();
  // Those that are over end, and what was held is looked at again when its time has come.
  void TickSafeguards();
  // Everything that was held is looked at again: what held it has changed.
  void ReconsiderHeld();
  // `plan`: null where there is none yet.
  gate::Request GateRequest(const Entry& entry, const Intent& intent, const Plan* plan) const;
  Status CheckActor(const Entry& entry, gate::Deed deed, const std::string& actor) const;
  // Of a freeze or an override: of one application, or of the fleet.
  Status CheckScope(const std::string& application, gate::Deed deed, const std::string& actor);
  // What a rollout of it that is under way must not begin now; for its runner to ask.
  Hold HoldOf(const std::string& application, const RolloutState& rollout) const;
  void AddSafeguards(const Entry& entry, ApplicationStatus& status) const;

  // same_content.cc
  static const Quarantine* FindQuarantine(const Entry& entry, const std::string& commit);
  bool CompareContent(Entry& entry, const PlannedFor& wanted);
  void AdoptCommit(Entry& entry, const std::string& commit);
  const Quarantine* QuarantineOfContent(const Entry& entry, const Planned& planned) const;
  bool Condemn(Entry& entry, const Intent& intent, const Planned& planned);
  // Takes it out of entry.quarantine; what is to be committed for that.
  static std::vector<Mutation> Release(Entry& entry, const std::string& commit);

  // launch.cc
  // Those that a rollout begins with: of its first wave that changes any.
  std::vector<Cluster> FirstClusters(const Entry& entry, const Plan* plan) const;
  void Launch(Entry& entry, Intent intent, Planned planned);
  void GiveUpLaunch(Entry& entry, const Intent& intent, const Error& error);
  static void NoteRequest(const Intent& intent, Timestamp now, plan::PlanRecord& record);
  std::vector<Mutation> QuarantineWhatIsLeft(Entry& entry, const RolloutState& rollback);
  Result<std::vector<Mutation>> KeepWhatGoes(const Entry& entry, const RolloutState& state,
                                             const std::map<std::string, PlannedCluster>& planned);
  std::shared_ptr<Runner> MakeRunner(Entry& entry, RolloutState state, Plan plan);
  void OnRolloutFinished(const std::string& application, const RolloutState& state);
  // After a revision was quarantined.
  static std::string HowToGoOn(const Application& application);
  std::vector<Mutation> QuarantineOf(Entry& entry, const std::string& commit, std::int64_t rollout,
                                     const std::string& reason);

  // rolling.cc: what a running rollout waits for.
  RolloutConditions ConditionsOf(const std::string& application, const RolloutState& state) const;
  // Why the cluster must wait before the application is changed there; "" where it need not.
  std::string BlockedBy(const Entry& entry, const std::string& cluster) const;
  // The applications that depend on each other in a circle, "a -> b -> a"; "" where none do.
  std::string DependencyCycle(const Application& application) const;
  // gate_asking.cc
  void AskGate(const std::string& application, const RolloutState& state,
               const rollout::AskGate& ask, const RunnerServices::GateAnswered& answered);
  void AskJobs(const RolloutState& state, const WaveProgress& wave, const GateSpec& gate,
               const JobGate& job, std::function<void(gates::Answer)> answer);
  gates::JobRequest JobOf(const RolloutState& state, const WaveProgress& wave, const GateSpec& gate,
                          const JobGate& job) const;
  std::vector<gates::JobCluster> JobClusters(const std::vector<std::string>& names) const;
  void DeleteJobs(const RolloutState& ended);
  gates::Answer CountApprovals(const std::string& application, const RolloutState& state,
                               const ApprovalSpec& spec) const;

  // commands.cc
  Result<RolloutState> RollbackTarget(const Entry& entry, std::int64_t to,
                                      const std::vector<std::string>& selection) const;
  // What a rollback restores; without who asked.
  Result<Intent> RollbackIntent(const Entry& entry, std::int64_t to,
                                const std::vector<std::string>& selection) const;
  Result<Intent> PlannedRollback(const Entry& entry, const RollbackRequest& request) const;
  Status CheckResource(const Resource& resource) const;
  void Adopt(const Resource& resource);
  using Answer = std::function<void(Result<StartedRollout>)>;
  void SyncTo(const SyncRequest& request, Result<Revision> revision,
              const std::string& expected_plan, const Answer& answer);
  void SyncPlan(const Entry& entry, SyncRequest request, const Answer& answer);
  // Runs `start` on the control loop and waits for its answer.
  Result<StartedRollout> Await(std::function<void(Answer)> start);

  // plans.cc
  using Proposed = std::function<void(Result<PlanDetail>)>;
  void ProposeSync(const ProposalRequest& request, const Proposed& answer);
  void ProposeRollback(const ProposalRequest& request, const Proposed& answer);
  // `what`: an Intent for what it plans, not for what is done with it.
  void Propose(const ProposalRequest& request, PlanKind kind, Intent what, const Proposed& answer);
  Result<plan::PlanRecord> RecordProposal(Entry& entry, const Intent& what, const Planned& planned);

  // deletion.cc
  // A Repository, a Team, a ChangeWindow.
  Status DeletePlain(const DeletionRequest& request);
  Status DeleteCluster(const DeletionRequest& request);
  Status CheckDeletion(const Entry& entry, const std::string& actor) const;
  Result<StartedDeletion> Orphan(const DeletionRequest& request);
  Result<StartedDeletion> Cascade(const DeletionRequest& request);
  Result<StartedDeletion> ShowCascade(const DeletionRequest& request);
  Result<PlanRequest> MakeDeletion(const Entry& entry) const;
  // Whether a deletion of it was begun and has not ended well: it is left alone until somebody
  // deletes it again or syncs it.
  static bool IsDeleting(const Entry& entry);
  void FinishDeletion(Entry& entry, const RolloutState& state);
  // The application, its records and quarantine go. `how`: what became of its objects.
  Status Forget(Entry& entry, const std::string& how, const std::string& actor);

  // live_queries.cc
  Result<std::vector<LiveTarget>> LiveTargets(const std::string& application,
                                              const std::string& cluster);
  Result<health::Checks> ChecksFor(const std::string& application);

  // reports.cc
  // With all applications and the end of the window said.
  Result<ReportRequest> CompleteReport(ReportRequest request);

  // shared
  Result<Entry*> Find(const std::string& application);
  std::vector<Cluster> Selected(const Application& application) const;
  static Digest FleetDigest(const std::vector<Cluster>& clusters);
  // What would be planned now. Cheap where no cluster was declared or changed meanwhile.
  PlannedFor Wanted(Entry& entry) const;
  PlanServices Services() {
    return {ledger_, workers_, renders_, shelf_, crds_, clients_, watching_};
  }
  ChartServices Charts() { return {dependencies_, fetch_threads_, options_.charts.timeout}; }
  RunnerServices ServicesFor(const std::string& application);
  LedgerEvent Event(const Entry& entry, std::string type, std::string message,
                    std::string actor = "auto") const;
  // Commits; logs a failure and reports it.
  Status Commit(std::vector<Mutation> mutations);
  void Publish(const Update& update, const std::string& application);
  ApplicationStatus StatusOf(const Entry& entry) const;
  // Runs on the control loop and waits.
  template <class Fn>
  auto OnControl(Fn fn);

  const Options options_;
  Ledger& ledger_;
  const Clock& clock_;
  const std::shared_ptr<Fence> fence_;
  RenderCache renders_;
  ManifestShelf shelf_;
  Keeper keeper_;
  charts::Fetcher fetcher_;
  charts::Dependencies dependencies_;
  remotes::HttpFiles files_;
  Executor workers_;
  Executor git_threads_;  // polls
  gates::Evaluator gate_evaluator_;
  Executor gate_threads_;   // gates that are questions to servers
  Executor fetch_threads_;  // dependencies: what is slow there must not keep polls waiting
  CrdShelf crds_;
  kube::Clients clients_;
  const std::shared_ptr<std::atomic<int>> log_sessions_ = std::make_shared<std::atomic<int>>(0);
  const std::shared_ptr<std::atomic<int>> log_streams_ = std::make_shared<std::atomic<int>>(0);
  net::Loop control_;
  Watching watching_;
  bool stopped_ = false;

  // Everything below belongs to the control loop.
  Fleet fleet_;
  Poller poller_;
  std::vector<Repository> repositories_;
  gate::Safeguards safeguards_;
  std::map<std::string, std::unique_ptr<Entry>> entries_;
  struct Subscription {
    std::string application;
    Listener listener;
  };
  std::int64_t fleet_version_ = 0;  // grows with every change of a cluster
  std::map<std::uint64_t, Subscription> subscriptions_;
  std::uint64_t next_subscription_ = 1;
  std::int64_t plans_ = 0;
  std::int64_t rollouts_ = 0;
  Timestamp sweep_at_;  // when what was kept for too long is looked for
};

// What `swell status` shows of the source: the ref's own error before a remote's.
std::string ShowSourceError(const std::string& ref_error,
                            const std::map<RemoteName, std::string>& remote_errors);

// The text of a plan's changes, cluster by cluster alike: engine.h's Diff.
DiffResult ShowDiff(Planned planned, const Application& application, DiffScope scope);
// The same of a plan alone: fields, without the text around them.
DiffResult ShowPlan(Plan plan, std::vector<std::string> warnings);

}  // namespace swell::control
