// The machine against a fleet that fails in every way it can, on a virtual clock, from seeds.
// A failing seed is printed; SWELL_SEED=n replays it alone, SWELL_SEEDS=n runs so many.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <random>

#include "reconciler/rollout/machine.h"
#include "reconciler/rollout/testing.h"

namespace swell::rollout {
namespace {

class Fleet {
 public:
  explicit Fleet(unsigned seed) : random_(seed), state_(Make()) {
    // Reports that a healthy wave is built on must carry this plan's digest; some do not.
    fault_ = Pick(4) == 0 ? 0 : Pick(30);
    troubles_ = 30 + Pick(200);
  }

  void Run() {
    Send(Started{});
    for (int steps = 0; !IsTerminal(state_.phase); ++steps) {
      ASSERT_LT(steps, 20000) << "no end in sight: " << RolloutPhaseName(state_.phase) << " "
                              << state_.message;
      // What goes on for ever would never end: in time, the world grows quiet and people agree.
      quiet_ = steps > 3000;
      if (Pick(40) == 0) Restart();
      if (Pick(25) == 0 && troubles_-- > 0) Meddle();
      if (quiet_) Send(HoldChanged{{}});
      if (quiet_) Send(ResumeRequested{"by ada"});
      if (inbox_.empty() || Pick(3) == 0) {
        now_ += Duration(1000 * (1 + Pick(20)));
        LookAtHealth();
        Send(Ticked{});
        continue;
      }
      // Alone, or with what came meanwhile.
      std::vector<Event> batch = {TakeAny()};
      while (!inbox_.empty() && Pick(2) == 0) batch.push_back(TakeAny());
      Send(batch);
    }
    CheckTheEnd();
  }

 private:
  Event TakeAny() {
    const std::size_t at = static_cast<std::size_t>(Pick(static_cast<int>(inbox_.size())));
    Event event = inbox_[at];
    inbox_.erase(inbox_.begin() + static_cast<std::ptrdiff_t>(at));
    return event;
  }

  int Pick(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

  RolloutState Make() {
    std::vector<std::vector<std::string>> waves(static_cast<std::size_t>(1 + Pick(4)));
    int n = 0;
    for (auto& wave : waves) {
      for (int i = Pick(5); i > 0; --i) wave.push_back("c" + std::to_string(n++));
    }
    RolloutState state = MakeRollout(waves);
    state.strategy.max_failures = {Pick(3)};
    state.strategy.on_failure = static_cast<OnFailure>(Pick(3));
    state.strategy.rollback = static_cast<RollbackScope>(Pick(2));
    state.strategy.offline = static_cast<OfflinePolicy>(Pick(3));
    for (auto& wave : state.waves) {
      wave.bake = std::chrono::seconds(Pick(2) * 30);
      wave.max_parallel = Pick(3);
      wave.max_unavailable = Pick(4);
      wave.max_failures = Pick(4) - 1;
      WaveSpec spec{.name = wave.name, .count = 1};
      for (int i = Pick(3); i > 0; --i) {
        GateSpec gate{.name = "gate" + std::to_string(i), .check = HttpGate{.url = "http://gate"}};
        gate.successes = 1 + Pick(2);
        gate.failures = 1 + Pick(2);
        if (Pick(2) == 0) gate.deadline = std::chrono::minutes(1 + Pick(60));
        wave.gates.push_back({.name = gate.name});
        spec.gates.push_back(std::move(gate));
      }
      state.strategy.waves.push_back(std::move(spec));
      if (Pick(3) == 0) wave.approvals.push_back({.name = kApprovalGate});
    }
    for (auto& [name, c] : state.clusters) {
      if (Pick(6) == 0) c.previous_manifest = Digest();
      if (Pick(3) != 0) c.preflight = PreflightPhase::kNotAsked;
    }
    return state;
  }

  bool Faulty() { return fault_ > 0 && !quiet_ && Pick(fault_) == 0; }
  Digest PlanOrStale() { return Faulty() ? TestDigest("stale") : state_.plan; }

  void Restart() {
    auto read = RolloutFromValue(RolloutToValue(state_));
    ASSERT_TRUE(read) << read.error().ToString();
    state_ = std::move(*read);
    inbox_.clear();  // what was under way is lost with the process
    Send(Started{});
    // Who runs it looks at the conditions anew.
    for (const auto& [name, c] : state_.clusters) {
      if (!c.blocked.empty()) inbox_.push_back(ClusterBlocked{name, ""});
    }
  }

  // People, windows, other applications and the fleet itself.
  void Meddle() {
    switch (Pick(8)) {
      case 0:
        return Send(PauseRequested{"by ada"});
      case 1:
        return Send(ResumeRequested{"by ada"});
      case 2:
        return Send(HoldChanged{{static_cast<HoldScope>(Pick(3)), "a window"}});
      case 3:
        return Send(HoldChanged{{}});
      case 4:
        if (Pick(4) == 0) Send(PromoteRequested{"by ada"});
        return;
      case 5:
        if (Pick(8) == 0) Send(CancelRequested{"superseded"});
        return;
      case 6:
        if (Pick(4) == 0) Send(ClusterRemoved{SomeCluster(), "relabelled"});
        return;
      default:
        Send(ClusterBlocked{SomeCluster(), "waits for db"});
        inbox_.push_back(ClusterBlocked{SomeCluster(), ""});
        for (const auto& [name, c] : state_.clusters) inbox_.push_back(ClusterBlocked{name, ""});
    }
  }

  std::string SomeCluster() { return "c" + std::to_string(Pick(12)); }

  void LookAtHealth() {
    for (const auto& [name, c] : state_.clusters) {
      if (!NeedsHealth(state_, name)) continue;
      const auto status = Faulty() ? static_cast<HealthStatus>(Pick(6)) : HealthStatus::kHealthy;
      inbox_.push_back(ClusterHealthSeen{name, PlanOrStale(), {status, ""}});
    }
  }

  void Send(const Event& event) { Send(std::vector<Event>{event}); }

  void Send(const std::vector<Event>& events) {
    const RolloutState before = state_;
    Transition t = Step(std::move(state_), events, now_);
    state_ = std::move(t.state);
    for (const Action& action : t.actions) {
      if (const auto* ask = std::get_if<PreflightCluster>(&action)) Asked(ask->cluster);
      if (const auto* apply = std::get_if<ApplyCluster>(&action)) {
        const bool begun = before.clusters.at(apply->cluster).phase != ClusterPhase::kApplying;
        if (begun) CheckBegin(apply->cluster);
        Applied(apply->cluster);
      }
      if (const auto* gate = std::get_if<AskGate>(&action)) Judge(*gate);
      if (const auto* back = std::get_if<RollBackCluster>(&action)) {
        ASSERT_FALSE(back->manifest.empty()) << back->cluster;
        CheckNewestFirst(back->cluster);
        inbox_.push_back(Faulty() ? Event(ClusterRollbackFailed{back->cluster, state_.plan, "x"})
                                  : Event(ClusterRolledBack{back->cluster, state_.plan}));
      }
    }
    CheckWaves();
    CheckLimits();
  }

  void Asked(const std::string& cluster) {
    if (Faulty() && Pick(2) == 0) {
      const auto answer = Pick(3) == 0 ? PreflightAnswer::kRefused : PreflightAnswer::kUnreachable;
      inbox_.push_back(ClusterPreflighted{cluster, PlanOrStale(), answer, "no"});
    }
    inbox_.push_back(ClusterPreflighted{cluster, state_.plan, PreflightAnswer::kPassed, ""});
  }

  void Applied(const std::string& cluster) {
    if (Faulty()) return;  // lost: only the deadline helps
    inbox_.push_back(Faulty() ? Event(ClusterApplyFailed{cluster, PlanOrStale(), "boom"})
                              : Event(ClusterApplied{cluster, PlanOrStale()}));
  }

  void Judge(const AskGate& gate) {
    const auto verdict = Faulty() ? static_cast<GateVerdict>(Pick(3)) : GateVerdict::kPass;
    inbox_.push_back(GateReported{gate.wave, gate.gate, PlanOrStale(), verdict, "m"});
  }

  // The promise: a wave is touched only when every cluster of every earlier wave has evidence
  // for exactly this plan, or is one of the tolerated failures, or was left out; when the gates of
  // the earlier waves and its own approvals have passed; and when all of the wave was asked.
  void CheckWaves() {
    for (const auto& [name, c] : state_.clusters) {
      if (c.phase == ClusterPhase::kHealthy) {
        ASSERT_EQ(c.evidence.plan, state_.plan) << name;
      }
      if (state_.phase == RolloutPhase::kRollingBack || IsTerminal(state_.phase)) continue;
      if (c.started_at == Timestamp{}) continue;
      for (const auto& [other, o] : state_.clusters) {
        if (o.wave >= c.wave) continue;
        const bool over = o.phase == ClusterPhase::kHealthy || o.phase == ClusterPhase::kFailed ||
                          o.phase == ClusterPhase::kOffline || o.phase == ClusterPhase::kSkipped;
        ASSERT_TRUE(over) << name << " was touched while " << other << " was "
                          << ClusterPhaseName(o.phase);
      }
    }
  }

  void CheckBegin(const std::string& cluster) {
    const ClusterProgress& c = state_.clusters.at(cluster);
    ASSERT_NE(state_.pause.scope, HoldScope::kClusters) << cluster << " began while paused";
    ASSERT_NE(state_.held.scope, HoldScope::kClusters) << cluster << " began while held";
    ASSERT_EQ(c.blocked, "") << cluster;
    const auto passed = [](const GateProgress& g) { return g.phase == GatePhase::kPassed; };
    for (int i = 0; i < c.wave; ++i) {
      const WaveProgress& wave = state_.waves[static_cast<std::size_t>(i)];
      if (wave.clusters.empty()) continue;
      ASSERT_TRUE(std::ranges::all_of(wave.gates, passed)) << cluster << " before " << wave.name;
      const bool somebody = std::ranges::any_of(wave.clusters, [&](const std::string& n) {
        return state_.clusters.at(n).phase == ClusterPhase::kHealthy;
      });
      const bool nobody_left = std::ranges::all_of(wave.clusters, [&](const std::string& n) {
        return state_.clusters.at(n).phase == ClusterPhase::kSkipped;
      });
      ASSERT_TRUE(somebody || nobody_left) << cluster << " without evidence of " << wave.name;
    }
    const WaveProgress& mine = state_.waves[static_cast<std::size_t>(c.wave)];
    ASSERT_TRUE(std::ranges::all_of(mine.approvals, passed)) << cluster;
    for (const std::string& name : mine.clusters) {
      const ClusterProgress& other = state_.clusters.at(name);
      const bool out = other.phase == ClusterPhase::kFailed ||
                       other.phase == ClusterPhase::kOffline ||
                       other.phase == ClusterPhase::kSkipped;
      ASSERT_TRUE(out || other.preflight == PreflightPhase::kPassed)
          << cluster << " was written before " << name << " was asked";
    }
  }

  void CheckNewestFirst(const std::string& cluster) {
    const int wave = state_.clusters.at(cluster).wave;
    for (const auto& [name, c] : state_.clusters) {
      if (c.wave > wave) {
        ASSERT_NE(c.phase, ClusterPhase::kAwaitingRollback) << cluster << " before " << name;
      }
    }
  }

  void CheckLimits() {
    if (IsTerminal(state_.phase) || state_.phase == RolloutPhase::kRollingBack) return;
    for (const WaveProgress& wave : state_.waves) {
      int active = 0, applying = 0;
      for (const std::string& name : wave.clusters) {
        const ClusterPhase phase = state_.clusters.at(name).phase;
        applying += phase == ClusterPhase::kApplying ? 1 : 0;
        active += phase == ClusterPhase::kApplying || phase == ClusterPhase::kVerifying ? 1 : 0;
      }
      // Clusters that fall ill after they were well are more than were begun.
      if (wave.max_parallel > 0) {
        ASSERT_LE(applying, wave.max_parallel);
      }
      if (wave.max_unavailable > 0) {
        ASSERT_LE(applying, wave.max_unavailable);
      }
      ASSERT_TRUE(active == 0 || wave.phase == WavePhase::kProgressing)
          << wave.name << " is " << WavePhaseName(wave.phase);
    }
  }

  void CheckTheEnd() {
    int failed = 0;
    for (const auto& [name, c] : state_.clusters) {
      const WaveProgress& wave = state_.waves[static_cast<std::size_t>(c.wave)];
      failed += c.phase == ClusterPhase::kFailed && wave.max_failures < 0;
      ASSERT_NE(c.phase, ClusterPhase::kPending) << name;
      ASSERT_NE(c.phase, ClusterPhase::kRollingBack) << name;
      ASSERT_NE(c.phase, ClusterPhase::kAwaitingRollback) << name;
      if (state_.phase == RolloutPhase::kSucceeded) {
        ASSERT_TRUE(c.phase == ClusterPhase::kHealthy || c.phase == ClusterPhase::kFailed ||
                    c.phase == ClusterPhase::kOffline || c.phase == ClusterPhase::kSkipped)
            << name;
      }
    }
    if (state_.phase == RolloutPhase::kSucceeded) {
      ASSERT_LE(failed, state_.strategy.max_failures.value);
    }
    ASSERT_NE(state_.finished_at, Timestamp{});
  }

  std::mt19937 random_;
  RolloutState state_;
  Timestamp now_ = Timestamp{std::chrono::hours(1)};
  std::deque<Event> inbox_;
  int fault_ = 0;
  int troubles_ = 0;
  bool quiet_ = false;
};

TEST(Simulation, NoSeedBreaksThePromise) {
  if (const char* only = std::getenv("SWELL_SEED")) {
    Fleet(static_cast<unsigned>(std::atoi(only))).Run();
    return;
  }
  const char* many = std::getenv("SWELL_SEEDS");
  const unsigned seeds = many ? static_cast<unsigned>(std::atoi(many)) : 4000;
  for (unsigned seed = 0; seed < seeds; ++seed) {
    Fleet(seed).Run();
    if (HasFatalFailure()) FAIL() << "replay with SWELL_SEED=" << seed;
  }
}

}  // namespace
}  // namespace swell::rollout
