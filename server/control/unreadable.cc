#include "server/control/unreadable.h"

#include <algorithm>

namespace swell::control {

int CountUnreadable(const Plan& plan) {
  return static_cast<int>(
      std::ranges::count_if(plan.clusters, [](const ClusterPlan& c) { return !c.error.empty(); }));
}

std::string ShowUnreadable(const Plan& plan) {
  std::string out;
  int shown = 0;
  for (const ClusterPlan& c : plan.clusters) {
    if (c.error.empty() || ++shown > 3) continue;
    out += (out.empty() ? "" : "; ") + c.cluster + ": " + c.error;
  }
  if (shown > 3) out += "; and " + std::to_string(shown - 3) + " more";
  return out;
}

std::string TooFewAnswer(const Plan& plan, const Application& application,
                         const std::vector<WaveProgress>& waves) {
  const int unreadable = CountUnreadable(plan);
  if (unreadable == 0) return "";
  const int clusters = static_cast<int>(plan.clusters.size());
  const std::string so_many =
      std::to_string(unreadable) + " of " + std::to_string(clusters) + " clusters cannot be read";
  switch (application.rollout.offline) {
    case OfflinePolicy::kWait:
      return so_many + ", rollout.offline is wait";
    case OfflinePolicy::kFail: {
      const int may_fail = application.rollout.max_failures.Of(clusters);
      if (unreadable <= may_fail) return "";
      return so_many + ", rollout.maxFailures lets " + std::to_string(may_fail) + " fail";
    }
    case OfflinePolicy::kSkip:
      break;
  }
  // A wave is there to give evidence: it cannot be left out as a whole.
  for (const WaveProgress& wave : waves) {
    const bool silent = std::ranges::all_of(wave.clusters, [&](const std::string& name) {
      const auto c = std::ranges::find(plan.clusters, name, &ClusterPlan::cluster);
      return c != plan.clusters.end() && !c->error.empty();
    });
    if (silent && !wave.clusters.empty()) return "no cluster of wave " + wave.name + " answers";
  }
  return "";
}

}  // namespace swell::control
