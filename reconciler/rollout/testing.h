#pragma once
// Rollouts for tests.

#include <string>
#include <vector>

#include "reconciler/domain/rollout.h"

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

}  // namespace swell::rollout
