// What follows from where everything stands, wave by wave.

#include <algorithm>

#include "reconciler/rollout/stepper.h"

namespace swell::rollout {
namespace {

// Between the deadline of a deletion and the answer of who carried it out.
constexpr Duration kAnswerGrace = std::chrono::minutes(1);

std::string Plural(int n, const std::string& noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

std::string HealthSuffix(const ClusterProgress& c) {
  if (c.phase == ClusterPhase::kApplying) return "";
  return c.health.status == HealthStatus::kHealthy ? "; no health was seen"
                                                   : "; " + Describe(c.health);
}

constexpr char kAsking[] = "asking";

// Nothing more happens on it in its wave.
bool Settled(ClusterPhase phase) {
  return phase == ClusterPhase::kHealthy || phase == ClusterPhase::kFailed ||
         phase == ClusterPhase::kOffline || phase == ClusterPhase::kSkipped;
}

}  // namespace

void Stepper::SettleWaves() {
  for (;;) {
    FailLateClusters();
    if (const std::string why = TooManyFailures(); !why.empty()) {
      // A deletion ends what it has begun on the other clusters, and begins nothing more.
      if (s_.kind == PlanKind::kDelete && Count(ClusterPhase::kApplying) > 0) return;
      return FailRollout(why);
    }
    if (!InWaves()) {
      const int offline = Count(ClusterPhase::kOffline);
      return Finish(
          RolloutPhase::kSucceeded,
          offline == 0 ? "" : Plural(offline, "cluster") + " did not answer and will be caught up");
    }
    WaveProgress& wave = Wave();
    if (!AdvanceWave(wave)) {
      if (wave.phase != WavePhase::kFailed) return;
      continue;  // a gate has failed it, or none of its clusters is well
    }
    ++s_.current_wave;
    s_.phase = RolloutPhase::kProgressing;
  }
}

// True where the wave is over. Each part is entered once and left for good, but for health: a
// cluster that falls ill takes its wave back to kProgressing.
bool Stepper::AdvanceWave(WaveProgress& wave) {
  s_.phase = RolloutPhase::kProgressing;
  s_.message.clear();
  if (wave.clusters.empty()) {
    wave.started_at = now_;
    Say("WaveStarted", "", "wave " + wave.name + ": 0 clusters");
    Say("WaveDone", "", "wave " + wave.name + " has no clusters");
  } else {
    if (!MayBegin(wave) || !Preflighted(wave) || !ClustersDone(wave)) return false;
    if (!Baked(wave) || !GatesPassed(wave)) return false;
    Say("WaveDone", "", "wave " + wave.name + " is done");
  }
  wave.phase = WavePhase::kDone;
  wave.finished_at = now_;
  return true;
}

bool Stepper::MayBegin(WaveProgress& wave) {
  if (wave.phase == WavePhase::kPending) wave.phase = WavePhase::kWaiting;
  if (wave.phase != WavePhase::kWaiting) return true;
  for (const Hold* hold : {&s_.pause, &s_.held}) {
    if (hold->scope == HoldScope::kNothing) continue;
    Wait("wave " + wave.name + ": " + hold->reason);
    return false;
  }
  for (GateProgress& gate : wave.approvals) {
    if (AskWhenDue(gate, kApprovalInterval)) continue;
    Wait("wave " + wave.name + ": " +
         (gate.message.empty() ? "waits for approvals" : gate.message));
    return false;
  }
  wave.phase = WavePhase::kPreflight;
  return true;
}

// Asks every cluster of the wave before anything of the wave is written.
bool Stepper::Preflighted(WaveProgress& wave) {
  if (wave.phase != WavePhase::kPreflight) return true;
  if (const std::string open = AskClusters(wave); !open.empty()) {
    if (open != kAsking) Wait("wave " + wave.name + ": " + open);
    return false;
  }
  wave.phase = WavePhase::kProgressing;
  wave.started_at = now_;
  Say("WaveStarted", "",
      "wave " + wave.name + ": " + Plural(static_cast<int>(wave.clusters.size()), "cluster"));
  return true;
}

// What is not answered yet; "" where everything is.
std::string Stepper::AskClusters(WaveProgress& wave) {
  int asking = 0, answered = 0;
  std::vector<ClusterProgress*> open, offline;
  for (ClusterProgress* asked : ClustersOf(wave)) {
    ClusterProgress& c = *asked;
    if (c.phase != ClusterPhase::kPending) continue;
    if (c.preflight == PreflightPhase::kPassed) {
      ++answered;
    } else if (c.preflight == PreflightPhase::kAsking) {
      ++asking;
    } else {
      (c.offline.empty() ? open : offline).push_back(&c);
    }
  }
  // Those that do not answer are left out, but not all of them: a wave is there to give evidence.
  const bool leave_out =
      s_.strategy.offline == OfflinePolicy::kSkip && open.empty() && asking == 0 && answered > 0;
  for (ClusterProgress* c : offline) {
    if (leave_out) {
      c->phase = ClusterPhase::kOffline;
      Say("ClusterOffline", c->cluster, c->offline + "; it is caught up when it does");
    } else if (now_ >= c->asked_at + kOfflineRetry) {
      open.push_back(c);
    } else {
      Wake(c->asked_at + kOfflineRetry);
    }
  }
  for (ClusterProgress* c : open) {
    if (asking >= kMaxPreflights) break;
    ++asking;
    c->preflight = PreflightPhase::kAsking;
    Do(PreflightCluster{c->cluster});
  }
  if (!offline.empty() && !leave_out)
    return offline.front()->cluster + " " + offline.front()->offline;
  return asking > 0 ? kAsking : "";
}

bool Stepper::ClustersDone(WaveProgress& wave) {
  StartClusters(wave);
  const bool settled = std::ranges::all_of(
      ClustersOf(wave), [](const ClusterProgress* c) { return Settled(c->phase); });
  if (settled) {
    const int all = static_cast<int>(wave.clusters.size());
    if (Count(wave, ClusterPhase::kHealthy) == 0 && Count(wave, ClusterPhase::kSkipped) < all) {
      wave.phase = WavePhase::kFailed;  // nothing that the next wave could rely on
      return false;
    }
    if (wave.phase == WavePhase::kProgressing) {
      wave.phase = WavePhase::kBaking;
      wave.healthy_at = now_;
      if (wave.bake.count() > 0) {
        Say("WaveBaking", "",
            "wave " + wave.name + " is healthy; baking for " + FormatDuration(wave.bake));
      }
    }
    return true;
  }
  TakeBack(wave);
  const bool active = std::ranges::any_of(ClustersOf(wave), [](const ClusterProgress* c) {
    return c->phase == ClusterPhase::kApplying || c->phase == ClusterPhase::kVerifying;
  });
  if (active) return false;
  for (const Hold* hold : {&s_.pause, &s_.held}) {
    if (hold->scope != HoldScope::kClusters) continue;
    Wait("wave " + wave.name + ": " + hold->reason);
    return false;
  }
  for (const ClusterProgress* c : ClustersOf(wave)) {
    if (c->phase != ClusterPhase::kPending || c->blocked.empty()) continue;
    Wait(c->cluster + " " + c->blocked);
    return false;
  }
  return false;
}

void Stepper::TakeBack(WaveProgress& wave) {
  wave.phase = WavePhase::kProgressing;
  // What the gates said was about clusters that were well.
  for (GateProgress& gate : wave.gates) gate = {.name = gate.name};
}

bool Stepper::Baked(WaveProgress& wave) {
  if (wave.phase != WavePhase::kBaking) return true;
  const Timestamp ready = wave.healthy_at + wave.bake;
  if (now_ < ready) {
    s_.phase = RolloutPhase::kBaking;
    Wake(ready);
    return false;
  }
  wave.phase = WavePhase::kGating;
  return true;
}

bool Stepper::GatesPassed(WaveProgress& wave) {
  std::string open;
  for (GateProgress& gate : wave.gates) {
    const GateSpec* spec = SpecOf(wave, gate.name);
    if (AskWhenDue(gate, spec ? spec->interval : GateSpec{}.interval)) continue;
    const bool late = spec && spec->deadline.count() > 0 && gate.first_at != Timestamp{} &&
                      now_ >= gate.first_at + spec->deadline;
    if (late && gate.phase != GatePhase::kFailed) {
      gate.phase = GatePhase::kFailed;
      gate.message = "did not pass within " + FormatDuration(spec->deadline) +
                     (gate.message.empty() ? "" : "; last: " + gate.message);
    }
    if (gate.phase == GatePhase::kFailed) {
      wave.phase = WavePhase::kFailed;
      return false;
    }
    if (spec && spec->deadline.count() > 0) Wake(gate.first_at + spec->deadline);
    if (open.empty()) {
      open = "gate " + gate.name + (gate.message.empty() ? "" : ": " + gate.message);
    }
  }
  if (!open.empty()) Wait("wave " + wave.name + ": " + open);
  return open.empty();
}

bool Stepper::AskWhenDue(GateProgress& gate, Duration interval) {
  if (gate.phase == GatePhase::kPassed) return true;
  if (gate.phase == GatePhase::kFailed) return false;
  const bool never = gate.asked_at == Timestamp{};
  if (gate.first_at == Timestamp{}) gate.first_at = now_;
  if (!never && now_ < gate.asked_at + interval) {
    Wake(gate.asked_at + interval);
    return false;
  }
  gate.asked_at = now_;
  Do(AskGate{s_.current_wave, gate.name});
  Wake(now_ + interval);
  return false;
}

bool Stepper::MayStartClusters() const {
  return s_.pause.scope != HoldScope::kClusters && s_.held.scope != HoldScope::kClusters;
}

// A rolling window: the next cluster begins as soon as there is room for it.
void Stepper::StartClusters(const WaveProgress& wave) {
  if (!MayStartClusters()) return;
  const int failed = Count(wave, ClusterPhase::kFailed);
  int applying = Count(wave, ClusterPhase::kApplying);
  int active = applying + Count(wave, ClusterPhase::kVerifying);
  for (ClusterProgress* c : ClustersOf(wave)) {
    if (c->phase != ClusterPhase::kPending || !c->blocked.empty()) continue;
    if (applying >= kMaxApplies) return;
    if (wave.max_parallel > 0 && active >= wave.max_parallel) return;
    if (wave.max_unavailable > 0 && active + failed >= wave.max_unavailable) return;
    c->phase = ClusterPhase::kApplying;
    c->started_at = now_;
    ++applying;
    ++active;
    Do(ApplyCluster{c->cluster});
  }
}

void Stepper::FailLateClusters() {
  for (auto& [name, c] : s_.clusters) {
    if (c.phase != ClusterPhase::kApplying && c.phase != ClusterPhase::kVerifying) continue;
    if (now_ >= DeadlineOf(c)) {
      const Duration limit = DeadlineOf(s_.waves[static_cast<std::size_t>(c.wave)]);
      FailCluster(c,
                  std::string(c.phase == ClusterPhase::kApplying ? "not applied" : "not healthy") +
                      " within " + FormatDuration(limit) + HealthSuffix(c));
    } else if (c.degraded_since != Timestamp{} && now_ >= c.degraded_since + kDegradedGrace) {
      FailCluster(c, "degraded for " + FormatDuration(kDegradedGrace) + HealthSuffix(c));
    }
  }
}

Duration Stepper::DeadlineOf(const WaveProgress& wave) const {
  return wave.deadline.count() > 0 ? wave.deadline : s_.strategy.deadline;
}

// A deletion that runs out of time says itself what it waits for; this is for one that does not
// answer at all.
Timestamp Stepper::DeadlineOf(const ClusterProgress& c) const {
  const bool answers = s_.kind == PlanKind::kDelete && c.phase == ClusterPhase::kApplying;
  return c.started_at + DeadlineOf(s_.waves[static_cast<std::size_t>(c.wave)]) +
         (answers ? kAnswerGrace : Duration{0});
}

std::string Stepper::TooManyFailures() const {
  // A wave's own limit is about its clusters, the strategy's about all the others.
  int failed = 0;
  bool too_many = false;
  for (const WaveProgress& wave : s_.waves) {
    const int mine = Count(wave, ClusterPhase::kFailed);
    if (wave.max_failures >= 0) {
      too_many = too_many || mine > wave.max_failures;
    } else {
      failed += mine;
    }
  }
  too_many = too_many || failed > s_.strategy.max_failures.Of(static_cast<int>(s_.clusters.size()));
  std::string first;
  for (const auto& [name, c] : s_.clusters) {
    if (c.phase == ClusterPhase::kFailed && first.empty()) first = name + ": " + c.error;
  }
  if (too_many) return first;
  if (!InWaves()) return "";
  const WaveProgress& wave = s_.waves[static_cast<std::size_t>(s_.current_wave)];
  for (const auto* gates : {&wave.approvals, &wave.gates}) {
    for (const GateProgress& gate : *gates) {
      if (gate.phase == GatePhase::kFailed) return "gate " + gate.name + ": " + gate.message;
    }
  }
  if (wave.phase == WavePhase::kFailed) {
    return "no cluster of wave " + wave.name + " is well: " + first;
  }
  const int mine = Count(wave, ClusterPhase::kFailed);
  if (wave.max_unavailable > 0 && mine >= wave.max_unavailable &&
      Count(wave, ClusterPhase::kPending) > 0) {
    return Plural(mine, "cluster") + " of wave " + wave.name +
           " are not available, as many as maxUnavailable lets be: " + first;
  }
  return "";
}

}  // namespace swell::rollout
