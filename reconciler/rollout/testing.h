#pragma once
// Rollouts for tests.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "reconciler/rollout/machine.h"

namespace swell::rollout {

inline Digest TestDigest(const std::string& text) { return Digest::Of(text); }

// Waves of clusters by name; every cluster has something recorded to go back to, and its preflight
// behind it.
inline RolloutState MakeRollout(const std::vector<std::vector<std::string>>& waves) {
  RolloutState state;
  state.id = "web-2";
  state.number = 2;
  state.application = "web";
  state.plan = TestDigest("plan");
  state.strategy.deadline = std::chrono::minutes(1);
  for (std::size_t i = 0; i < waves.size(); ++i) {
    WaveProgress wave;
    wave.name = "w" + std::to_string(i);
    wave.clusters = waves[i];
    for (const std::string& name : waves[i]) {
      ClusterProgress c;
      c.cluster = name;
      c.wave = static_cast<int>(i);
      c.manifest = TestDigest("new");
      c.previous_manifest = TestDigest("old");
      c.preflight = PreflightPhase::kPassed;
      state.clusters.emplace(name, std::move(c));
    }
    state.waves.push_back(std::move(wave));
  }
  return state;
}

using Names = std::vector<std::string>;

// Drives a rollout by hand and remembers what it asked for.
class Driver {
 public:
  explicit Driver(RolloutState state) : state_(std::move(state)) {}

  void Send(const Event& event) { Send(std::span(&event, 1)); }
  // In one step.
  void Send(std::span<const Event> events) {
    Transition t = Step(std::move(state_), events, now_);
    state_ = std::move(t.state);
    actions_ = std::move(t.actions);
  }
  void Advance(Duration by) {
    now_ += by;
    Send(Ticked{});
  }
  void Healthy(const std::string& cluster) {
    Send(ClusterApplied{cluster, state_.plan});
    See(cluster, HealthStatus::kHealthy);
  }
  void See(const std::string& cluster, HealthStatus status, std::string message = "") {
    Send(ClusterHealthSeen{cluster, state_.plan, {status, std::move(message)}});
  }
  // The clusters of the last step's actions of one type.
  template <class A>
  std::vector<std::string> Asked() const {
    std::vector<std::string> out;
    for (const Action& action : actions_) {
      if (const auto* a = std::get_if<A>(&action)) out.push_back(a->cluster);
    }
    return out;
  }
  int AskedGates() const {
    return static_cast<int>(std::ranges::count_if(
        actions_, [](const Action& action) { return std::holds_alternative<AskGate>(action); }));
  }
  ClusterPhase Of(const std::string& cluster) const { return state_.clusters.at(cluster).phase; }
  const RolloutState& state() const { return state_; }
  RolloutState& state() { return state_; }

 private:
  RolloutState state_;
  Timestamp now_ = Timestamp{std::chrono::minutes(1)};
  std::vector<Action> actions_;
};

}  // namespace swell::rollout
