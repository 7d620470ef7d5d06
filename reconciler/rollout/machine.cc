#include "reconciler/rollout/machine.h"

#include <algorithm>

#include "reconciler/rollout/stepper.h"

#if defined(__GNUC__) && !defined(__clang__)
// A false alarm of g++ 12 on moving a variant whose alternatives hold strings (GCC bug 105562).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace swell::rollout {

Stepper::Stepper(RolloutState state, Timestamp now) : s_(std::move(state)), now_(now) {
  of_wave_.resize(s_.waves.size());
  for (auto& [name, c] : s_.clusters) of_wave_[static_cast<std::size_t>(c.wave)].push_back(&c);
}

Transition Stepper::Take(std::span<const Event> events) {
  const std::string before = s_.phase == RolloutPhase::kWaiting ? s_.message : "";
  for (const Event& event : events) {
    if (IsTerminal(s_.phase)) return {std::move(s_), std::move(actions_)};
    std::visit([this](const auto& e) { On(e); }, event);
  }
  if (!IsTerminal(s_.phase) && s_.phase != RolloutPhase::kPending) Settle();
  if (s_.phase == RolloutPhase::kWaiting && s_.message != before) {
    Say("RolloutWaits", "", s_.message);
  }
  return {std::move(s_), std::move(actions_)};
}

// --- events ---

void Stepper::On(const Started&) {
  if (s_.phase != RolloutPhase::kPending) return AskAgain();
  s_.phase = RolloutPhase::kProgressing;
  Say("RolloutStarted", "",
      std::to_string(s_.clusters.size()) + " clusters in " + std::to_string(s_.waves.size()) +
          " waves");
}

// After a restart: what was under way is issued again; all of it is idempotent.
void Stepper::AskAgain() {
  for (auto& [name, c] : s_.clusters) {
    if (c.preflight == PreflightPhase::kAsking) {
      c.preflight = PreflightPhase::kNotAsked;
      c.asked_at = {};
    }
    if (c.phase == ClusterPhase::kApplying) Do(ApplyCluster{name});
    if (c.phase == ClusterPhase::kRollingBack) Do(RollBackCluster{name, c.previous_manifest});
    if (NeedsHealth(s_, name)) Do(WatchHealth{name});
  }
  if (!InWaves() || s_.phase == RolloutPhase::kRollingBack) return;
  for (auto* gates : {&Wave().approvals, &Wave().gates}) {
    for (GateProgress& gate : *gates) gate.asked_at = {};  // since when it is asked stays
  }
}

void Stepper::On(const ClusterPreflighted& e) {
  ClusterProgress* c = Find(e.cluster, e.plan, ClusterPhase::kPending);
  if (!c || c->preflight != PreflightPhase::kAsking) return;
  c->offline.clear();
  if (e.answer == PreflightAnswer::kPassed) {
    c->preflight = PreflightPhase::kPassed;
    return;
  }
  c->preflight = PreflightPhase::kNotAsked;
  c->asked_at = now_;
  if (e.answer == PreflightAnswer::kRefused) {
    return FailCluster(*c, "refused before anything was written: " + e.error);
  }
  if (s_.strategy.offline == OfflinePolicy::kFail) {
    return FailCluster(*c, "does not answer: " + e.error);
  }
  c->offline = "does not answer: " + e.error;
}

void Stepper::On(const ClusterApplied& e) {
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

void Stepper::On(const ClusterApplyFailed& e) {
  ClusterProgress* c = Find(e.cluster, e.plan, ClusterPhase::kApplying);
  if (c) FailCluster(*c, e.error);
}

void Stepper::On(const ClusterHealthSeen& e) {
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
    // At once: it may be well again before the step is over, and the bake begins anew all the same.
    TakeBack(s_.waves[static_cast<std::size_t>(c.wave)]);
    Say("ClusterUnhealthy", e.cluster, Describe(e.health));
  }
}

void Stepper::On(const ClusterRolledBack& e) {
  ClusterProgress* c = Find(e.cluster, e.plan, ClusterPhase::kRollingBack);
  if (!c) return;
  c->phase = ClusterPhase::kRolledBack;
  Say("ClusterRolledBack", e.cluster, "back on manifest " + c->previous_manifest.Short());
}

void Stepper::On(const ClusterRollbackFailed& e) {
  ClusterProgress* c = Find(e.cluster, e.plan, ClusterPhase::kRollingBack);
  if (c) FailRollback(*c, e.error);
}

void Stepper::On(const ClusterRemoved& e) {
  const auto it = s_.clusters.find(e.cluster);
  if (it == s_.clusters.end()) return;
  ClusterProgress& c = it->second;
  const bool open = c.phase == ClusterPhase::kPending || UnderWay(c) ||
                    c.phase == ClusterPhase::kAwaitingRollback;
  if (!open) return;
  c.phase = ClusterPhase::kSkipped;
  c.error = e.why;
  Say("ClusterRemoved", e.cluster, e.why);
}

void Stepper::On(const ClusterBlocked& e) {
  const auto it = s_.clusters.find(e.cluster);
  if (it == s_.clusters.end() || it->second.phase != ClusterPhase::kPending) return;
  it->second.blocked = e.reason;
}

void Stepper::On(const GateReported& e) {
  const bool mine = InWaves() && e.wave == s_.current_wave && e.plan == s_.plan &&
                    s_.phase != RolloutPhase::kRollingBack;
  if (!mine) return;
  WaveProgress& wave = Wave();
  const bool approvals = e.gate == kApprovalGate;
  if (wave.phase != (approvals ? WavePhase::kWaiting : WavePhase::kGating)) return;
  auto& gates = approvals ? wave.approvals : wave.gates;
  const auto gate = std::ranges::find(gates, e.gate, &GateProgress::name);
  if (gate == gates.end() || gate->asked_at == Timestamp{}) return;
  if (gate->phase == GatePhase::kPassed || gate->phase == GatePhase::kFailed) return;
  const GateSpec* spec = SpecOf(wave, e.gate);
  const GatePhase before = gate->phase;
  gate->message = e.message;
  gate->successes = e.verdict == GateVerdict::kPass ? gate->successes + 1 : 0;
  gate->failures = e.verdict == GateVerdict::kFail ? gate->failures + 1 : 0;
  gate->phase = GatePhase::kHolding;
  if (gate->successes >= (spec ? spec->successes : 1)) gate->phase = GatePhase::kPassed;
  if (gate->failures >= (spec ? spec->failures : 1)) gate->phase = GatePhase::kFailed;
  if (gate->phase == before) return;
  const std::string type = gate->phase == GatePhase::kPassed   ? "GatePassed"
                           : gate->phase == GatePhase::kFailed ? "GateFailed"
                                                               : "GateHolds";
  Say(type, "", "wave " + wave.name + ", " + e.gate + ": " + e.message);
}

void Stepper::On(const HoldChanged& e) {
  if (s_.held == e.hold) return;
  if (e.hold.scope == HoldScope::kNothing) Say("HoldEnded", "", s_.held.reason);
  s_.held = e.hold;
}

void Stepper::On(const PauseRequested& e) {
  s_.pause = {HoldScope::kClusters, "paused " + e.reason};
  Say("RolloutPaused", "", e.reason);
}

void Stepper::On(const ResumeRequested& e) {
  if (s_.pause.scope == HoldScope::kNothing) return;
  s_.pause = {};
  Say("RolloutResumed", "", e.reason);
}

void Stepper::On(const PromoteRequested& e) {
  if (!MayPromote(s_)) return;
  WaveProgress& wave = Wave();
  const auto pass = [&](std::vector<GateProgress>& gates) {
    for (GateProgress& gate : gates) {
      if (gate.phase == GatePhase::kPassed) continue;
      gate.phase = GatePhase::kPassed;
      gate.message = "not asked: promoted " + e.reason;
    }
  };
  std::string what = "its approvals";
  if (wave.phase == WavePhase::kWaiting) {
    pass(wave.approvals);
  } else {
    // A shorter bake, so that it is plain in the record what was waited for.
    if (wave.phase == WavePhase::kBaking) wave.bake = Duration(now_ - wave.healthy_at);
    pass(wave.gates);
    what = "the rest of its bake and its gates";
  }
  Say("WavePromoted", "", "wave " + wave.name + " without " + what + ", " + e.reason);
}

void Stepper::On(const CancelRequested& e) {
  SkipWhatIsLeft();
  for (auto& [name, c] : s_.clusters) {
    if (c.phase == ClusterPhase::kAwaitingRollback) FailRollback(c, "cancelled before its turn");
  }
  FailUnderWay("cancelled before it was proven healthy");
  for (WaveProgress& wave : s_.waves) {
    if (wave.phase == WavePhase::kDone || wave.phase == WavePhase::kFailed ||
        wave.phase == WavePhase::kSkipped) {
      continue;
    }
    wave.phase = WavePhase::kSkipped;
    wave.finished_at = now_;
  }
  Finish(RolloutPhase::kCancelled, e.reason);
}

// --- small parts ---

void Stepper::Settle() {
  if (s_.phase == RolloutPhase::kRollingBack) {
    SettleRollback();
  } else {
    SettleWaves();
  }
  if (!IsTerminal(s_.phase)) WakeForDeadlines();
}

void Stepper::WakeForDeadlines() {
  for (const auto& [name, c] : s_.clusters) {
    if (!UnderWay(c)) continue;
    Wake(DeadlineOf(c));
    if (c.degraded_since != Timestamp{}) Wake(c.degraded_since + kDegradedGrace);
  }
  if (wake_) Do(WakeAt{*wake_});
}

ClusterProgress* Stepper::Find(const std::string& name, const Digest& plan, ClusterPhase phase) {
  const auto it = s_.clusters.find(name);
  const bool fits = it != s_.clusters.end() && plan == s_.plan && it->second.phase == phase;
  return fits ? &it->second : nullptr;
}

int Stepper::Count(ClusterPhase phase) const {
  return static_cast<int>(std::ranges::count_if(
      s_.clusters, [phase](const auto& entry) { return entry.second.phase == phase; }));
}

int Stepper::Count(const WaveProgress& wave, ClusterPhase phase) const {
  return static_cast<int>(std::ranges::count(ClustersOf(wave), phase, &ClusterProgress::phase));
}

const std::vector<ClusterProgress*>& Stepper::ClustersOf(const WaveProgress& wave) const {
  return of_wave_[static_cast<std::size_t>(&wave - s_.waves.data())];
}

const GateSpec* Stepper::SpecOf(const WaveProgress& wave, const std::string& gate) const {
  const auto spec = std::ranges::find(s_.strategy.waves, wave.name, &WaveSpec::name);
  if (spec == s_.strategy.waves.end()) return nullptr;
  const auto found = std::ranges::find(spec->gates, gate, &GateSpec::name);
  return found == spec->gates.end() ? nullptr : &*found;
}

void Stepper::FailCluster(ClusterProgress& c, const std::string& error) {
  if (c.phase == ClusterPhase::kFailed) return;
  c.phase = ClusterPhase::kFailed;
  c.error = error;
  Say("ClusterFailed", c.cluster, error);
}

void Stepper::FailRollback(ClusterProgress& c, const std::string& error) {
  c.phase = ClusterPhase::kRollbackFailed;
  c.error = error;
  Say("ClusterRollbackFailed", c.cluster, error);
}

void Stepper::SkipWhatIsLeft() {
  for (auto& [name, c] : s_.clusters) {
    if (c.phase == ClusterPhase::kPending) c.phase = ClusterPhase::kSkipped;
  }
  for (WaveProgress& wave : s_.waves) {
    if (wave.phase == WavePhase::kPending) wave.phase = WavePhase::kSkipped;
  }
}

void Stepper::Wait(const std::string& why) {
  s_.phase = RolloutPhase::kWaiting;
  s_.message = why;
}

void Stepper::Finish(RolloutPhase phase, const std::string& message) {
  s_.phase = phase;
  s_.message = message;
  s_.finished_at = now_;
  Say("Rollout" + std::string(RolloutPhaseName(phase)), "", message);
  Do(Finished{phase});
}

void Stepper::Say(std::string type, std::string cluster, std::string message) {
  Do(Note{std::move(type), std::move(cluster), std::move(message)});
}

std::string Describe(const Health& health) {
  std::string text(HealthStatusName(health.status));
  return health.message.empty() ? text : text + ": " + health.message;
}

bool UnderWay(const ClusterProgress& c) {
  return c.phase == ClusterPhase::kApplying || c.phase == ClusterPhase::kVerifying ||
         c.phase == ClusterPhase::kRollingBack;
}

bool MayPromote(const RolloutState& state) {
  const bool in_waves = state.current_wave < static_cast<int>(state.waves.size());
  if (!in_waves || state.phase == RolloutPhase::kRollingBack || IsTerminal(state.phase)) {
    return false;
  }
  const WaveProgress& wave = state.waves[static_cast<std::size_t>(state.current_wave)];
  if (wave.phase == WavePhase::kWaiting) return !wave.approvals.empty();
  return wave.phase == WavePhase::kBaking || wave.phase == WavePhase::kGating;
}

bool NeedsHealth(const RolloutState& state, const std::string& cluster) {
  const bool running = state.phase == RolloutPhase::kProgressing ||
                       state.phase == RolloutPhase::kBaking ||
                       state.phase == RolloutPhase::kWaiting;
  const auto it = state.clusters.find(cluster);
  if (!running || it == state.clusters.end()) return false;
  const ClusterProgress& c = it->second;
  if (state.kind == PlanKind::kDelete) return false;
  if (c.phase == ClusterPhase::kVerifying) return true;
  return c.phase == ClusterPhase::kHealthy && c.wave == state.current_wave;
}

Transition Step(RolloutState state, std::span<const Event> events, Timestamp now) {
  return Stepper(std::move(state), now).Take(events);
}

}  // namespace swell::rollout
