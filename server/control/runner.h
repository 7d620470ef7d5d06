#pragma once
// The runner: one rollout, from its first step to its last. It feeds events to the state
// machine, writes every new state to the ledger before it acts on it, and carries out the
// actions on the clusters.

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/core/clock.h"
#include "base/net/loop.h"
#include "reconciler/apply/apply.h"
#include "reconciler/domain/ledger.h"
#include "reconciler/rollout/machine.h"
#include "server/control/fence.h"
#include "server/control/health_by_watch.h"
#include "server/control/planning.h"

namespace swell::control {

// What lets a rollout go on, or keeps it, as of now.
struct RolloutConditions {
  Hold hold;                                   // the gatekeeper's
  std::map<std::string, std::string> blocked;  // cluster -> what it waits for (dependsOn)
  std::map<std::string, std::string> removed;  // cluster -> why it is not touched any more
};

struct RunnerServices {
  net::Loop& control;
  const Clock& clock;
  Ledger& ledger;
  PlanServices planning;
  Duration health_interval;
  health::Checks health_checks;  // the server's own; the application's come before them
  // Looked at before the first step and once a second.
  std::function<RolloutConditions(const RolloutState&)> conditions;
  // Evaluates a gate of a wave, or its approvals; the answer comes on the control loop.
  using GateAnswered = std::function<void(rollout::GateVerdict, std::string message)>;
  std::function<void(const RolloutState&, const rollout::AskGate&, GateAnswered)> ask_gate;
  // What keeps the last form of everything that the plan of a rollback deletes.
  std::function<Result<std::vector<Mutation>>(const RolloutState&,
                                              const std::map<std::string, PlannedCluster>&)>
      keep;
  // What `keep` said was not recorded.
  std::function<void()> not_kept;
  // Called with every committed step, after the commit.
  std::function<void(const RolloutStatePtr&, const std::vector<LedgerEvent>&)> on_step;
  // Called once, after the last step. May destroy the runner later, not in place.
  std::function<void(const RolloutState&)> on_finished;
  std::shared_ptr<Fence> fence;  // asked before every write to a cluster
};

// The application's checks were compiled when it was declared, perhaps by an older server.
apply::UserChecks ChecksOf(const RunnerServices& services, const Application& application);

// Threads: everything happens on the control loop. Held by shared_ptr; callbacks of work under
// way hold weak ones. `records` (of the application, by cluster) outlives the runner and is
// changed by it.
class Runner : public std::enable_shared_from_this<Runner> {
 public:
  Runner(RunnerServices services, Application application, std::vector<Cluster> clusters,
         RolloutState state, Plan plan, std::map<std::string, ClusterRecord>& records);
  ~Runner();

  // Begins, or goes on after a restart.
  void Start();
  void Cancel(const std::string& reason);
  // What people decide: pause, resume, promote.
  void Tell(rollout::Event event) { Handle(std::move(event)); }
  // Looks at the conditions now: something that they depend on has changed.
  void LookAtConditions();
  // The watches tell that something of the application in the cluster fell ill or recovered.
  void LiveHealthChanged(const std::string& cluster);
  // No further writes anywhere: the server is going down. What is under way is abandoned and
  // taken up again by the next start.
  void Abandon();

  const RolloutState& state() const { return *state_; }
  const Plan& plan() const { return plan_; }

 private:
  struct Work;  // what is under way on one cluster

  void Handle(rollout::Event event);
  void DrainAfter(Duration pause);
  void Drain();
  void TakeStep();
  void Carry(const rollout::Action& action);
  // What must be on record before the step's actions begin.
  void Intend(const std::vector<rollout::Action>& actions, std::vector<Mutation>& mutations);
  // What the step proved.
  void Conclude(const RolloutState& after, std::vector<Mutation>& mutations);

  void Preflight(const std::string& cluster);
  void FinishPreflight(const std::string& cluster, apply::DryRunResult result);
  void ApplyTo(const std::string& cluster);
  void AskGate(const rollout::AskGate& gate);
  void WatchConditions();
  apply::Preflight PreflightOf(const ClusterProgress& progress) const;
  apply::Request MakeRequest(Work& work, const ClusterPlan& plan);
  // Sends the operations of `work`; `done` gets the result on the control loop.
  void Send(Work& work, const ClusterPlan& plan,
            std::function<void(Runner&, apply::ClusterResult)> done);
  Duration ApplyDeadline(const ClusterProgress& progress) const;
  void FinishApply(const std::string& cluster, apply::ClusterResult result);
  // Of a deletion: the PreDelete hooks have run. Answers when that is on record.
  void RecordHooks(const std::string& cluster, std::vector<apply::ObjectResult> results,
                   std::move_only_function<void(Status)> go_on);
  // Of a deletion: nothing of the application is left in the cluster, but what was kept.
  void ClearRecord(ClusterRecord& record);
  bool Deletes() const { return state_->kind == PlanKind::kDelete; }
  // Gets the manifest as it is applied to the cluster into `work`.
  void Prepare(Work& work, const Digest& manifest,
               std::function<void(Runner&, const Status&)> done);
  void RollBack(const std::string& cluster, const Digest& manifest);
  void BeginRollback(const std::string& cluster, const Digest& manifest);
  // It is written, or cannot be: the next one that waits begins.
  void RollbackWritten();
  void SendRollback(Work& work, const Planned& planned);
  void FinishRollback(const std::string& cluster, const Digest& manifest,
                      apply::ClusterResult result);
  // Sees to its health from now on, while the machine needs it.
  void WatchHealth(const std::string& cluster);
  void LookAtHealth(const std::string& cluster);
  Duration UntilNextLook(const Work& work) const;
  void LookLater(Work& work);
  void HealthSeen(const std::string& cluster, const apply::HealthReport& report);
  void ReadHealth(Work& work, std::function<void(const apply::HealthReport&)> seen);
  // Of what is desired, what its watch does not vouch for.
  ObjectsPtr ToRead(const Work& work);
  void AwaitRolledBack(const std::string& cluster);
  void WakeAt(Timestamp at);
  void ForbidWrites();
  void Close();

  // Null where the plan does not know the cluster.
  const ClusterPlan* PlanFor(const std::string& cluster) const;
  ClusterRecord& Record(const std::string& cluster);
  Work& WorkOn(const std::string& cluster);
  // Runs `fn` on the control loop if the runner is still there.
  template <class Fn>
  auto OnControl(Fn fn);

  RunnerServices services_;
  const Application application_;
  const std::map<std::string, Cluster> clusters_;
  const apply::UserChecks checks_;
  RolloutStatePtr state_;  // shared with the ledger and whoever watches
  const Plan plan_;
  const std::unordered_map<std::string, const ClusterPlan*> plan_for_;  // into plan_, by cluster
  std::map<std::string, ClusterRecord>& records_;
  std::vector<rollout::Event> inbox_;
  std::vector<Mutation> results_;  // of finished work, to be committed with its event
  std::size_t under_way_ = 0;      // clusters of which an answer is awaited
  std::size_t answers_ = 0;        // in the inbox
  enum class Drains : std::uint8_t { kNot, kLater, kNow };
  Drains drain_ = Drains::kNot;  // the inbox
  net::TimerHandle drain_timer_;
  using SteadyClock = std::chrono::steady_clock;
  SteadyClock::time_point drain_again_at_;  // not before
  bool finished_ = false;
  std::map<std::string, std::unique_ptr<Work>> work_;
  std::shared_ptr<const apply::DesiredIndex> index_;  // for the last cluster that was written to
  std::map<std::string, std::string> blocked_;        // as the machine was told last
  HealthByWatch by_watch_;
  int rollbacks_under_way_ = 0;  // until they are written
  std::deque<std::pair<std::string, Digest>> rollbacks_waiting_;
  net::TimerHandle wake_;
  net::TimerHandle look_;
};

}  // namespace swell::control
