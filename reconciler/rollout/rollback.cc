// What becomes of a rollout that has failed.

#include <algorithm>

#include "reconciler/rollout/stepper.h"

namespace swell::rollout {
namespace {

// Something of the rollout may have been written to it.
bool Touched(const ClusterProgress& c) {
  return c.started_at != Timestamp{} &&
         (c.phase == ClusterPhase::kApplying || c.phase == ClusterPhase::kVerifying ||
          c.phase == ClusterPhase::kHealthy || c.phase == ClusterPhase::kFailed);
}

}  // namespace

void Stepper::FailRollout(const std::string& why) {
  WaveProgress& wave = Wave();
  wave.phase = WavePhase::kFailed;
  wave.finished_at = now_;
  Say("WaveFailed", "", "wave " + wave.name + " failed: " + why);
  SkipWhatIsLeft();
  s_.message = why;
  // A rollback or a repair brings what was recorded: there is nothing better to go back to. Nor
  // does a deletion.
  if (s_.strategy.on_failure != OnFailure::kRollback || s_.kind != PlanKind::kSync) {
    FailUnderWay("stopped with the rollout");
    return Finish(RolloutPhase::kFailed, why);
  }
  BeginRollback();
}

void Stepper::FailUnderWay(const std::string& error) {
  for (auto& [name, c] : s_.clusters) {
    if (UnderWay(c)) FailCluster(c, error);
  }
}

void Stepper::BeginRollback() {
  s_.phase = RolloutPhase::kRollingBack;
  const bool wave_alone = s_.strategy.rollback == RollbackScope::kWave;
  for (auto& [name, c] : s_.clusters) {
    if (!Touched(c) || (wave_alone && c.wave != s_.current_wave)) continue;
    if (c.previous_manifest.empty()) {
      Say("NothingToRollBackTo", name, "no earlier manifest is recorded; left as it is");
      if (c.phase != ClusterPhase::kHealthy) FailCluster(c, "stopped with the rollout");
      continue;
    }
    c.phase = ClusterPhase::kAwaitingRollback;
  }
  SettleRollback();
}

void Stepper::SettleRollback() {
  for (auto& [name, c] : s_.clusters) {
    if (c.phase == ClusterPhase::kRollingBack && now_ >= DeadlineOf(c)) {
      FailRollback(c, "not back within " +
                          FormatDuration(DeadlineOf(s_.waves[static_cast<std::size_t>(c.wave)])));
    }
  }
  StartRollbacks();
  if (Count(ClusterPhase::kRollingBack) + Count(ClusterPhase::kAwaitingRollback) > 0) return;
  const bool clean =
      Count(ClusterPhase::kRollbackFailed) == 0 && Count(ClusterPhase::kRolledBack) > 0;
  Finish(clean ? RolloutPhase::kRolledBack : RolloutPhase::kFailed, s_.message);
}

// The newest first: a wave goes back when those after it are back, and within its limits.
void Stepper::StartRollbacks() {
  for (std::size_t i = s_.waves.size(); i-- > 0;) {
    const WaveProgress& wave = s_.waves[i];
    std::vector<ClusterProgress*> waiting;
    for (ClusterProgress* c : ClustersOf(wave)) {
      if (c->phase == ClusterPhase::kAwaitingRollback) waiting.push_back(c);
    }
    std::ranges::stable_sort(waiting, std::greater{}, &ClusterProgress::started_at);
    int active = Count(wave, ClusterPhase::kRollingBack);
    for (ClusterProgress* c : waiting) {
      if (wave.max_parallel > 0 && active >= wave.max_parallel) return;
      c->phase = ClusterPhase::kRollingBack;
      c->started_at = now_;
      c->degraded_since = {};
      ++active;
      Do(RollBackCluster{c->cluster, c->previous_manifest});
    }
    if (active > 0) return;
  }
}

}  // namespace swell::rollout
