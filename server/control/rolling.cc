// Controller: what a running rollout waits for beside its clusters.

#include <algorithm>

#include "reconciler/fleet/partition.h"
#include "server/control/controller.h"

namespace swell::control {

RolloutConditions Controller::ConditionsOf(const std::string& application,
                                           const RolloutState& state) const {
  RolloutConditions out;
  const auto found = entries_.find(application);
  if (found == entries_.end()) return out;
  const Entry& entry = *found->second;
  if (state.kind != PlanKind::kDelete) {
    out.hold = HoldOf(application, state);
  }
  for (const auto& [name, progress] : state.clusters) {
    if (IsTerminal(state.phase)) break;
    const Cluster* cluster = fleet_.Find(name);
    if (!cluster) {
      out.removed.emplace(name, "it is not declared any more");
    } else if (state.kind != PlanKind::kDelete &&
               !fleet::Matches(entry.spec.destination.clusters, *cluster)) {
      out.removed.emplace(name, "the application does not select it any more");
    }
    if (state.kind == PlanKind::kDelete || progress.phase != ClusterPhase::kPending) continue;
    if (std::string why = BlockedBy(entry, name); !why.empty()) {
      out.blocked.emplace(name, std::move(why));
    }
  }
  return out;
}

std::string Controller::BlockedBy(const Entry& entry, const std::string& cluster) const {
  for (const std::string& name : entry.spec.depends_on) {
    const std::string waits = "waits for " + name;
    const auto found = entries_.find(name);
    if (found == entries_.end()) return waits + ", which is not declared";
    Entry& other = *found->second;
    const Cluster* where = fleet_.Find(cluster);
    if (!where || !fleet::Matches(other.spec.destination.clusters, *where)) continue;
    if (other.runner) {
      const auto& clusters = other.runner->state().clusters;
      const auto progress = clusters.find(cluster);
      if (progress != clusters.end() && progress->second.phase != ClusterPhase::kHealthy) {
        return waits + ", which is " + std::string(ClusterPhaseName(progress->second.phase)) +
               " there in rollout " + other.runner->state().id;
      }
    } else if (other.spec.sync.auto_sync &&
               (other.planning || other.planned_for != Wanted(other))) {
      return waits + ", which is being planned";
    }
    const auto record = other.records.find(cluster);
    if (record == other.records.end() || record->second.manifest.empty()) {
      return waits + ", which is not on it yet";
    }
    const Health& health = record->second.health;
    if (health.status != HealthStatus::kHealthy) {
      return waits + ", which is " + std::string(HealthStatusName(health.status)) + " there" +
             (health.message.empty() ? "" : " (" + health.message + ")");
    }
  }
  return "";
}

std::string Controller::DependencyCycle(const Application& application) const {
  std::vector<std::string> path{application.name};
  std::string cycle;
  const std::function<bool(const Application&)> visit = [&](const Application& at) {
    return std::ranges::any_of(at.depends_on, [&](const std::string& next) {
      path.push_back(next);
      if (next == application.name) return true;
      const auto found = entries_.find(next);
      // A circle that does not go through this application was refused when it was declared.
      if (found != entries_.end() && visit(found->second->spec)) return true;
      path.pop_back();
      return false;
    });
  };
  if (!visit(application)) return "";
  for (const std::string& name : path) cycle += (cycle.empty() ? "" : " -> ") + name;
  return cycle;
}

}  // namespace swell::control
