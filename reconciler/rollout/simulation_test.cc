// The machine against a fleet that fails in every way it can, on a virtual clock, from seeds.
// A failing seed is printed; SWELL_SEED=n replays it alone.

#include <gtest/gtest.h>

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
  }

  void Run() {
    Send(Started{});
    for (int steps = 0; !IsTerminal(state_.phase); ++steps) {
      ASSERT_LT(steps, 20000) << "no end in sight: " << RolloutPhaseName(state_.phase);
      if (Pick(40) == 0) Restart();
      if (inbox_.empty() || Pick(3) == 0) {
        now_ += Duration(1000 * (1 + Pick(20)));
        LookAtHealth();
        Send(Ticked{});
        continue;
      }
      const std::size_t at = static_cast<std::size_t>(Pick(static_cast<int>(inbox_.size())));
      const Event event = inbox_[at];
      inbox_.erase(inbox_.begin() + static_cast<std::ptrdiff_t>(at));
      Send(event);
    }
    CheckTheEnd();
  }

 private:
  int Pick(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

  RolloutState Make() {
    std::vector<std::vector<std::string>> waves(static_cast<std::size_t>(1 + Pick(4)));
    int n = 0;
    for (auto& wave : waves) {
      for (int i = Pick(5); i > 0; --i) wave.push_back("c" + std::to_string(n++));
    }
    RolloutState state = MakeRollout(waves);
    state.strategy.max_failures = {Pick(3)};
    state.strategy.on_failure = Pick(3) == 0 ? OnFailure::kHold : OnFailure::kRollback;
    for (auto& wave : state.waves) {
      wave.bake = std::chrono::seconds(Pick(2) * 30);
      wave.max_parallel = Pick(3);
    }
    for (auto& [name, c] : state.clusters) {
      if (Pick(6) == 0) c.previous_manifest = Digest();
    }
    return state;
  }

  bool Faulty() { return fault_ > 0 && Pick(fault_) == 0; }
  Digest PlanOrStale() { return Faulty() ? TestDigest("stale") : state_.plan; }

  void Restart() {
    auto read = RolloutFromValue(RolloutToValue(state_));
    ASSERT_TRUE(read) << read.error().ToString();
    state_ = std::move(*read);
    inbox_.clear();  // what was under way is lost with the process
    Send(Started{});
  }

  void LookAtHealth() {
    for (const auto& [name, c] : state_.clusters) {
      if (!NeedsHealth(state_, name)) continue;
      const auto status = Faulty() ? static_cast<HealthStatus>(Pick(6)) : HealthStatus::kHealthy;
      inbox_.push_back(ClusterHealthSeen{name, PlanOrStale(), {status, ""}});
    }
  }

  void Send(const Event& event) {
    Transition t = Step(std::move(state_), event, now_);
    state_ = std::move(t.state);
    for (const Action& action : t.actions) {
      if (const auto* apply = std::get_if<ApplyCluster>(&action)) Applied(apply->cluster);
      if (const auto* back = std::get_if<RollBackCluster>(&action)) {
        ASSERT_FALSE(back->manifest.empty()) << back->cluster;
        inbox_.push_back(Faulty() ? Event(ClusterRollbackFailed{back->cluster, state_.plan, "x"})
                                  : Event(ClusterRolledBack{back->cluster, state_.plan}));
      }
    }
    CheckWaves();
  }

  void Applied(const std::string& cluster) {
    if (Faulty()) return;  // lost: only the deadline helps
    inbox_.push_back(Faulty() ? Event(ClusterApplyFailed{cluster, PlanOrStale(), "boom"})
                              : Event(ClusterApplied{cluster, PlanOrStale()}));
  }

  // The promise: a wave is touched only when every cluster of every earlier wave has evidence
  // for exactly this plan, or is one of the tolerated failures.
  void CheckWaves() {
    for (const auto& [name, c] : state_.clusters) {
      if (c.phase == ClusterPhase::kHealthy) {
        ASSERT_EQ(c.evidence.plan, state_.plan) << name;
      }
      if (state_.phase == RolloutPhase::kRollingBack || IsTerminal(state_.phase)) continue;
      if (c.phase == ClusterPhase::kPending) continue;
      for (const auto& [other, o] : state_.clusters) {
        if (o.wave >= c.wave) continue;
        ASSERT_TRUE(o.phase == ClusterPhase::kHealthy || o.phase == ClusterPhase::kFailed)
            << name << " was touched while " << other << " was " << ClusterPhaseName(o.phase);
      }
    }
  }

  void CheckTheEnd() {
    int failed = 0;
    for (const auto& [name, c] : state_.clusters) {
      failed += c.phase == ClusterPhase::kFailed;
      ASSERT_NE(c.phase, ClusterPhase::kPending) << name;
      ASSERT_NE(c.phase, ClusterPhase::kRollingBack) << name;
      if (state_.phase == RolloutPhase::kSucceeded) {
        ASSERT_TRUE(c.phase == ClusterPhase::kHealthy || c.phase == ClusterPhase::kFailed) << name;
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
};

TEST(Simulation, NoSeedBreaksThePromise) {
  if (const char* only = std::getenv("SWELL_SEED")) {
    Fleet(static_cast<unsigned>(std::atoi(only))).Run();
    return;
  }
  for (unsigned seed = 0; seed < 3000; ++seed) {
    Fleet(seed).Run();
    if (HasFatalFailure()) FAIL() << "replay with SWELL_SEED=" << seed;
  }
}

}  // namespace
}  // namespace swell::rollout
