#include "reconciler/rollout/machine.h"

#include <algorithm>
#include <optional>

#if defined(__GNUC__) && !defined(__clang__)
// A false alarm of g++ 12 on moving a variant whose alternatives hold strings (GCC bug 105562).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace swell::rollout {
namespace {

// Between the deadline of a deletion and the answer of who carried it out.
constexpr Duration kAnswerGrace = std::chrono::minutes(1);

// One step: the state, what has been decided so far, and the time at which it happens.
class Stepper {
 public:
  Stepper(RolloutState state, Timestamp now) : s_(std::move(state)), now_(now) {}

  Transition Take(const Event& event) {
    if (!IsTerminal(s_.phase)) {
      std::visit([this](const auto& e) { On(e); }, event);
      if (!IsTerminal(s_.phase) && s_.phase != RolloutPhase::kPending) Settle();
    }
    return {std::move(s_), std::move(actions_)};
  }

 private:
  // --- events ---

  void On(const Started&) {
    if (s_.phase == RolloutPhase::kPending) {
      s_.phase = RolloutPhase::kProgressing;
      Say("RolloutStarted", "",
          std::to_string(s_.clusters.size()) + " clusters in " + std::to_string(s_.waves.size()) +
              " waves");
      return;
    }
    // After a restart: what was under way is issued again; all of it is idempotent.
    for (const auto& [name, c] : s_.clusters) {
      if (c.phase == ClusterPhase::kApplying) Do(ApplyCluster{name});
      if (c.phase == ClusterPhase::kRollingBack) Do(RollBackCluster{name, c.previous_manifest});
      if (NeedsHealth(s_, name)) Do(WatchHealth{name});
    }
  }

  void On(const ClusterApplied& e) {
    ClusterProgress* c = Find(e.cluster, e.plan, ClusterPhase::kApplying);
    if (!c) return;
    c->evidence.applied_at = now_;
    if (s_.kind == PlanKind::kDelete) {
      // Nothing is left whose health could be looked at.
      c->phase = ClusterPhase::kHealthy;
      c->evidence.plan = s_.plan;
      c->evidence.healthy_at = now_;
      return Say("ClusterCleared", e.cluster, "deleted by plan " + s_.plan.Short());
    }
    c->phase = ClusterPhase::kVerifying;
    Say("ClusterApplied", e.cluster, c->has_changes ? "applied" : "nothing to change");
    Do(WatchHealth{e.cluster});
  }

  void On(const ClusterApplyFailed& e) {
    ClusterProgress* c = Find(e.cluster, e.plan, ClusterPhase::kApplying);
    if (c) FailCluster(*c, e.error);
  }

  void On(const ClusterHealthSeen& e) {
    const auto it = s_.clusters.find(e.cluster);
    if (it == s_.clusters.end() || e.plan != s_.plan || !NeedsHealth(s_, e.cluster)) return;
    ClusterProgress& c = it->second;
    c.health = e.health;
    const bool degraded = e.health.status == HealthStatus::kDegraded;
    if (!degraded) c.degraded_since = {};
    if (degraded && c.degraded_since == Timestamp{}) c.degraded_since = now_;
    const bool healthy = e.health.status == HealthStatus::kHealthy;
    if (c.phase == ClusterPhase::kVerifying && healthy) {
      c.phase = ClusterPhase::kHealthy;
      c.evidence.plan = s_.plan;
      c.evidence.healthy_at = now_;
      Say("ClusterHealthy", e.cluster, "healthy on plan " + s_.plan.Short());
    } else if (c.phase == ClusterPhase::kHealthy && !healthy) {
      // It was well and is not any more, before its wave was over: the evidence is void.
      c.phase = ClusterPhase::kVerifying;
      c.evidence.plan = {};
      c.evidence.healthy_at = {};
      c.started_at = now_;
      Say("ClusterUnhealthy", e.cluster, Describe(e.health));
    }
  }

  void On(const ClusterRolledBack& e) {
    ClusterProgress* c = Find(e.cluster, e.plan, ClusterPhase::kRollingBack);
    if (!c) return;
    c->phase = ClusterPhase::kRolledBack;
    Say("ClusterRolledBack", e.cluster, "back on manifest " + c->previous_manifest.Short());
  }

  void On(const ClusterRollbackFailed& e) {
    ClusterProgress* c = Find(e.cluster, e.plan, ClusterPhase::kRollingBack);
    if (c) FailRollback(*c, e.error);
  }

  void On(const Ticked&) {}

  void On(const CancelRequested& e) {
    SkipWhatIsLeft();
    for (auto& [name, c] : s_.clusters) {
      const bool under_way = c.phase == ClusterPhase::kApplying ||
                             c.phase == ClusterPhase::kVerifying ||
                             c.phase == ClusterPhase::kRollingBack;
      if (under_way) FailCluster(c, "cancelled before it was proven healthy");
    }
    for (WaveProgress& wave : s_.waves) {
      if (wave.phase == WavePhase::kProgressing || wave.phase == WavePhase::kBaking) {
        wave.phase = WavePhase::kSkipped;
        wave.finished_at = now_;
      }
    }
    Finish(RolloutPhase::kCancelled, e.reason);
  }

  // --- what follows from where everything stands ---

  void Settle() {
    if (s_.phase == RolloutPhase::kRollingBack) {
      SettleRollback();
    } else {
      SettleWaves();
    }
    if (!IsTerminal(s_.phase)) WakeForDeadlines();
  }

  void SettleWaves() {
    for (;;) {
      FailLateClusters();
      if (Count(ClusterPhase::kFailed) > s_.strategy.max_failures.Of(Total())) {
        // A deletion ends what it has begun on the other clusters, and begins nothing more.
        if (s_.kind == PlanKind::kDelete && Count(ClusterPhase::kApplying) > 0) return;
        return FailRollout();
      }
      if (s_.current_wave >= static_cast<int>(s_.waves.size())) {
        return Finish(RolloutPhase::kSucceeded, "");
      }
      if (!AdvanceWave(s_.waves[static_cast<std::size_t>(s_.current_wave)])) return;
      ++s_.current_wave;
      s_.phase = RolloutPhase::kProgressing;
    }
  }

  // True where the wave is over.
  bool AdvanceWave(WaveProgress& wave) {
    if (wave.phase == WavePhase::kPending) {
      wave.phase = WavePhase::kProgressing;
      wave.started_at = now_;
      Say("WaveStarted", "",
          "wave " + wave.name + ": " + std::to_string(wave.clusters.size()) + " clusters");
    }
    StartClusters(wave);
    const bool settled = std::ranges::all_of(wave.clusters, [this](const std::string& name) {
      const ClusterPhase phase = s_.clusters.at(name).phase;
      return phase == ClusterPhase::kHealthy || phase == ClusterPhase::kFailed;
    });
    if (!settled) {
      wave.phase = WavePhase::kProgressing;
      s_.phase = RolloutPhase::kProgressing;
      return false;
    }
    if (wave.phase != WavePhase::kBaking) {
      wave.phase = WavePhase::kBaking;
      wave.healthy_at = now_;
      if (wave.bake.count() > 0 && !wave.clusters.empty()) {
        Say("WaveBaking", "",
            "wave " + wave.name + " is healthy; baking for " + FormatDuration(wave.bake));
      }
    }
    const Timestamp ready = wave.healthy_at + wave.bake;
    if (!wave.clusters.empty() && now_ < ready) {
      s_.phase = RolloutPhase::kBaking;
      Wake(ready);
      return false;
    }
    wave.phase = WavePhase::kDone;
    wave.finished_at = now_;
    Say("WaveDone", "",
        "wave " + wave.name + (wave.clusters.empty() ? " has no clusters" : " is done"));
    return true;
  }

  void StartClusters(const WaveProgress& wave) {
    int active = 0;
    for (const std::string& name : wave.clusters) {
      const ClusterPhase phase = s_.clusters.at(name).phase;
      if (phase == ClusterPhase::kApplying || phase == ClusterPhase::kVerifying) ++active;
    }
    for (const std::string& name : wave.clusters) {
      ClusterProgress& c = s_.clusters.at(name);
      if (c.phase != ClusterPhase::kPending) continue;
      if (wave.max_parallel > 0 && active >= wave.max_parallel) return;
      c.phase = ClusterPhase::kApplying;
      c.started_at = now_;
      ++active;
      Do(ApplyCluster{name});
    }
  }

  void FailLateClusters() {
    for (auto& [name, c] : s_.clusters) {
      if (c.phase != ClusterPhase::kApplying && c.phase != ClusterPhase::kVerifying) continue;
      if (now_ >= DeadlineOf(c)) {
        FailCluster(
            c, std::string(c.phase == ClusterPhase::kApplying ? "not applied" : "not healthy") +
                   " within " + FormatDuration(s_.strategy.deadline) + HealthSuffix(c));
      } else if (c.degraded_since != Timestamp{} && now_ >= c.degraded_since + kDegradedGrace) {
        FailCluster(c, "degraded for " + FormatDuration(kDegradedGrace) + HealthSuffix(c));
      }
    }
  }

  // A deletion that runs out of time says itself what it waits for; this is for one that does not
  // answer at all.
  Timestamp DeadlineOf(const ClusterProgress& c) const {
    const bool answers = s_.kind == PlanKind::kDelete && c.phase == ClusterPhase::kApplying;
    return c.started_at + s_.strategy.deadline + (answers ? kAnswerGrace : Duration{0});
  }

  void FailRollout() {
    std::string why;
    for (const auto& [name, c] : s_.clusters) {
      if (c.phase == ClusterPhase::kFailed && why.empty()) why = name + ": " + c.error;
    }
    auto& wave = s_.waves[static_cast<std::size_t>(s_.current_wave)];
    wave.phase = WavePhase::kFailed;
    wave.finished_at = now_;
    Say("WaveFailed", "", "wave " + wave.name + " failed: " + why);
    SkipWhatIsLeft();
    s_.message = why;
    // A rollback or a repair brings what was recorded: there is nothing better to go back to. Nor
    // does a deletion.
    if (s_.strategy.on_failure == OnFailure::kHold || s_.kind != PlanKind::kSync) {
      for (auto& [name, c] : s_.clusters) {
        const bool under_way =
            c.phase == ClusterPhase::kApplying || c.phase == ClusterPhase::kVerifying;
        if (under_way) FailCluster(c, "stopped with the rollout");
      }
      return Finish(RolloutPhase::kFailed, why);
    }
    s_.phase = RolloutPhase::kRollingBack;
    for (auto& [name, c] : s_.clusters) {
      if (!Touched(c)) continue;
      if (c.previous_manifest.empty()) {
        Say("NothingToRollBackTo", name, "no earlier manifest is recorded; left as it is");
        if (c.phase != ClusterPhase::kHealthy) FailCluster(c, "stopped with the rollout");
        continue;
      }
      c.phase = ClusterPhase::kRollingBack;
      c.started_at = now_;
      c.degraded_since = {};
      Do(RollBackCluster{name, c.previous_manifest});
    }
    SettleRollback();
  }

  void SettleRollback() {
    for (auto& [name, c] : s_.clusters) {
      if (c.phase == ClusterPhase::kRollingBack && now_ >= c.started_at + s_.strategy.deadline) {
        FailRollback(c, "not back within " + FormatDuration(s_.strategy.deadline));
      }
    }
    if (Count(ClusterPhase::kRollingBack) > 0) return;
    const bool clean =
        Count(ClusterPhase::kRollbackFailed) == 0 && Count(ClusterPhase::kRolledBack) > 0;
    Finish(clean ? RolloutPhase::kRolledBack : RolloutPhase::kFailed, s_.message);
  }

  // --- small parts ---

  static bool Touched(const ClusterProgress& c) {
    return c.phase == ClusterPhase::kApplying || c.phase == ClusterPhase::kVerifying ||
           c.phase == ClusterPhase::kHealthy || c.phase == ClusterPhase::kFailed;
  }

  // The cluster if it is in that phase and the report is about this very plan.
  ClusterProgress* Find(const std::string& name, const Digest& plan, ClusterPhase phase) {
    const auto it = s_.clusters.find(name);
    const bool fits = it != s_.clusters.end() && plan == s_.plan && it->second.phase == phase;
    return fits ? &it->second : nullptr;
  }

  int Total() const { return static_cast<int>(s_.clusters.size()); }

  int Count(ClusterPhase phase) const {
    return static_cast<int>(std::ranges::count_if(
        s_.clusters, [phase](const auto& entry) { return entry.second.phase == phase; }));
  }

  void FailCluster(ClusterProgress& c, const std::string& error) {
    if (c.phase == ClusterPhase::kFailed) return;
    c.phase = ClusterPhase::kFailed;
    c.error = error;
    Say("ClusterFailed", c.cluster, error);
  }

  void FailRollback(ClusterProgress& c, const std::string& error) {
    c.phase = ClusterPhase::kRollbackFailed;
    c.error = error;
    Say("ClusterRollbackFailed", c.cluster, error);
  }

  void SkipWhatIsLeft() {
    for (auto& [name, c] : s_.clusters) {
      if (c.phase == ClusterPhase::kPending) c.phase = ClusterPhase::kSkipped;
    }
    for (WaveProgress& wave : s_.waves) {
      if (wave.phase == WavePhase::kPending) wave.phase = WavePhase::kSkipped;
    }
  }

  static std::string Describe(const Health& health) {
    std::string text(HealthStatusName(health.status));
    return health.message.empty() ? text : text + ": " + health.message;
  }

  static std::string HealthSuffix(const ClusterProgress& c) {
    if (c.phase == ClusterPhase::kApplying) return "";
    return c.health.status == HealthStatus::kHealthy ? "; no health was seen"
                                                     : "; " + Describe(c.health);
  }

  void WakeForDeadlines() {
    for (const auto& [name, c] : s_.clusters) {
      const bool waiting = c.phase == ClusterPhase::kApplying ||
                           c.phase == ClusterPhase::kVerifying ||
                           c.phase == ClusterPhase::kRollingBack;
      if (waiting) Wake(DeadlineOf(c));
      if (waiting && c.degraded_since != Timestamp{}) Wake(c.degraded_since + kDegradedGrace);
    }
    if (wake_) Do(WakeAt{*wake_});
  }

  void Wake(Timestamp at) { wake_ = wake_ ? std::min(*wake_, at) : at; }

  void Finish(RolloutPhase phase, const std::string& message) {
    s_.phase = phase;
    s_.message = message;
    s_.finished_at = now_;
    Say("Rollout" + std::string(RolloutPhaseName(phase)), "", message);
    Do(Finished{phase});
  }

  void Say(std::string type, std::string cluster, std::string message) {
    Do(Note{std::move(type), std::move(cluster), std::move(message)});
  }

  void Do(Action action) { actions_.push_back(std::move(action)); }

  RolloutState s_;
  const Timestamp now_;
  std::vector<Action> actions_;
  std::optional<Timestamp> wake_;
};

}  // namespace

bool NeedsHealth(const RolloutState& state, const std::string& cluster) {
  const bool running =
      state.phase == RolloutPhase::kProgressing || state.phase == RolloutPhase::kBaking;
  const auto it = state.clusters.find(cluster);
  if (!running || it == state.clusters.end()) return false;
  const ClusterProgress& c = it->second;
  if (state.kind == PlanKind::kDelete) return false;
  if (c.phase == ClusterPhase::kVerifying) return true;
  return c.phase == ClusterPhase::kHealthy && c.wave == state.current_wave;
}

Transition Step(RolloutState state, const Event& event, Timestamp now) {
  return Stepper(std::move(state), now).Take(event);
}

}  // namespace swell::rollout
