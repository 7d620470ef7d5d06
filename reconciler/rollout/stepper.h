#pragma once
// One step of the machine: the state, what has been decided so far, and the time at which it
// happens. Internal to the room: events are in machine.cc, what follows from where everything
// stands in waves.cc, and ways back in rollback.cc.

#include <optional>
#include <string>
#include <vector>

#include "reconciler/rollout/machine.h"

namespace swell::rollout {

class Stepper {
 public:
  Stepper(RolloutState state, Timestamp now);

  // Once.
  Transition Take(std::span<const Event> events);

 private:
  // machine.cc
  void On(const Started& e);
  void On(const ClusterPreflighted& e);
  void On(const ClusterApplied& e);
  void On(const ClusterApplyFailed& e);
  void On(const ClusterHealthSeen& e);
  void On(const ClusterRolledBack& e);
  void On(const ClusterRollbackFailed& e);
  void On(const ClusterRemoved& e);
  void On(const ClusterBlocked& e);
  void On(const GateReported& e);
  void On(const HoldChanged& e);
  void On(const PauseRequested& e);
  void On(const ResumeRequested& e);
  void On(const PromoteRequested& e);
  void On(const Ticked&) {}
  void On(const CancelRequested& e);
  void AskAgain();

  // waves.cc
  void SettleWaves();
  bool AdvanceWave(WaveProgress& wave);
  bool MayBegin(WaveProgress& wave);
  bool Preflighted(WaveProgress& wave);
  std::string AskClusters(WaveProgress& wave);
  bool ClustersDone(WaveProgress& wave);
  static void TakeBack(WaveProgress& wave);
  bool Baked(WaveProgress& wave);
  bool GatesPassed(WaveProgress& wave);
  void StartClusters(const WaveProgress& wave);
  bool MayStartClusters() const;
  void FailLateClusters();
  // Why the wave cannot go on; "" where it can.
  std::string TooManyFailures() const;
  // Asks the gate when it is due. True where it has passed.
  bool AskWhenDue(GateProgress& gate, Duration interval);
  Duration DeadlineOf(const WaveProgress& wave) const;
  Timestamp DeadlineOf(const ClusterProgress& c) const;

  // rollback.cc
  void FailRollout(const std::string& why);
  void BeginRollback();
  void SettleRollback();
  void StartRollbacks();
  void FailUnderWay(const std::string& error);

  // machine.cc
  void Settle();
  void WakeForDeadlines();
  WaveProgress& Wave() { return s_.waves[static_cast<std::size_t>(s_.current_wave)]; }
  bool InWaves() const { return s_.current_wave < static_cast<int>(s_.waves.size()); }
  // The cluster if it is in that phase and the report is about this very plan.
  ClusterProgress* Find(const std::string& name, const Digest& plan, ClusterPhase phase);
  // Of one of s_.waves; in the order of their names.
  const std::vector<ClusterProgress*>& ClustersOf(const WaveProgress& wave) const;
  int Count(ClusterPhase phase) const;
  int Count(const WaveProgress& wave, ClusterPhase phase) const;
  GateSpec const* SpecOf(const WaveProgress& wave, const std::string& gate) const;
  void FailCluster(ClusterProgress& c, const std::string& error);
  void FailRollback(ClusterProgress& c, const std::string& error);
  void SkipWhatIsLeft();
  // Where the rollout stands still, and why.
  void Wait(const std::string& why);
  void Wake(Timestamp at) { wake_ = wake_ ? std::min(*wake_, at) : at; }
  void Finish(RolloutPhase phase, const std::string& message);
  void Say(std::string type, std::string cluster, std::string message);
  void Do(Action action) { actions_.push_back(std::move(action)); }

  RolloutState s_;
  std::vector<std::vector<ClusterProgress*>> of_wave_;  // into s_.clusters
  const Timestamp now_;
  std::vector<Action> actions_;
  std::optional<Timestamp> wake_;
};

// "Degraded: pod web-1: ImagePullBackOff"
std::string Describe(const Health& health);
// Whether something may be under way on the cluster.
bool UnderWay(const ClusterProgress& c);

}  // namespace swell::rollout
