// Runner: the health of the clusters that were changed.
//
// A cluster is proven by a read of what was written to it: only that shows that the status is about
// what was written. When to read is told by the watches; they also tell of everything that the
// rollout has not written, and of all of it once it is proven. Where a watch is not current, it is
// read again and again instead.

#include <algorithm>
#include <vector>

#include "server/control/runner_work.h"

#if defined(__GNUC__) && !defined(__clang__)
// A false alarm of g++ 12 on moving a Result (GCC bug 105562).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace swell::control {
namespace {

apply::HealthReport Unread(const Error& error) {
  apply::HealthReport report;
  report.health = {HealthStatus::kUnknown, error.ToString()};
  return report;
}

}  // namespace

void Runner::WatchHealth(const std::string& cluster) {
  Work& work = WorkOn(cluster);
  work.proven = false;
  work.told.reset();
  // What has a generation has a controller, which takes its time.
  const bool takes_time =
      work.applied && std::ranges::any_of(*work.applied, [](const apply::ObjectResult& result) {
        return result.generation > 0;
      });
  if (!takes_time) return LookAtHealth(cluster);
  LookLater(work);
  LiveHealthChanged(cluster);  // a controller may have been quicker
}

void Runner::LiveHealthChanged(const std::string& cluster) {
  const auto found = work_.find(cluster);
  if (finished_ || found == work_.end() || !rollout::NeedsHealth(*state_, cluster)) return;
  Work& work = *found->second;
  if (work.connection && !work.proven && work.applied) {
    // Half-way there a read would tell no more than the watch does.
    const auto watched = services_.planning.watching.For(work.connection);
    bool all_well = true, any_ill = false;
    for (const apply::ObjectResult& result : *work.applied) {
      if (result.done == OperationType::kDelete) continue;
      const auto health = watched->HealthOf(result.id, result.generation);
      all_well = all_well && health == HealthStatus::kHealthy;
      any_ill = any_ill || health == HealthStatus::kDegraded;
    }
    if (!all_well && !any_ill) return;
  }
  LookAtHealth(cluster);
}

// What was written and is watched tells of its changes by itself: a look in between only says why
// it takes so long, and of a fleet that is slow it would make more work than what was rolled out.
// What is proven costs a look nothing (ReadHealth); people's own checks are not the watch's.
Duration Runner::UntilNextLook(const Work& work) const {
  const Duration interval = services_.health_interval;
  if (!work.connection || !work.applied || work.proven || !checks_.checks.empty()) return interval;
  const auto watched = services_.planning.watching.For(work.connection);
  const bool all = std::ranges::all_of(*work.applied, [&](const apply::ObjectResult& result) {
    return result.done == OperationType::kDelete || watched->HealthOf(result.id);
  });
  return all ? interval * 5 / 2 : interval;
}

void Runner::LookLater(Work& work) {
  work.next_look = services_.control.PostAfter(UntilNextLook(work),
                                               [weak = weak_from_this(), cluster = work.cluster] {
                                                 if (auto self = weak.lock())
                                                   self->LookAtHealth(cluster);
                                               });
}

void Runner::LookAtHealth(const std::string& cluster) {
  Work& work = WorkOn(cluster);
  if (work.looking) {
    work.look_again = true;
    return;
  }
  work.next_look.Cancel();
  if (finished_ || !rollout::NeedsHealth(*state_, cluster)) return;
  work.looking = true;
  ReadHealth(work, [weak = weak_from_this(), cluster](const apply::HealthReport& report) {
    if (auto self = weak.lock(); self && !self->finished_) self->HealthSeen(cluster, report);
  });
}

void Runner::HealthSeen(const std::string& cluster, const apply::HealthReport& report) {
  Work& work = WorkOn(cluster);
  work.looking = false;
  // A look that began before the cluster was given up says nothing of what is written since.
  if (!rollout::NeedsHealth(*state_, cluster)) return;
  const Health& health = report.health;
  const ClusterProgress& now = state_->clusters.at(cluster);
  const bool well = health.status == HealthStatus::kHealthy;
  // Only news are events: a bake of an hour must not be an hour of commits. News beside what was
  // told last, which the machine may not have heard yet.
  if (health != work.told.value_or(now.health) || (now.phase == ClusterPhase::kVerifying) == well) {
    work.told = health;
    Handle(rollout::ClusterHealthSeen{cluster, state_->plan, health});
  }
  work.proven = well;
  // After a restart nobody knows what was written: all of it was read just now.
  if (well && !work.applied) work.applied.emplace();
  if (std::exchange(work.look_again, false)) return LookAtHealth(cluster);
  LookLater(work);
}

// People's own checks want to see the objects.
ObjectsPtr Runner::ToRead(const Work& work) {
  if (!work.applied || !checks_.checks.empty()) return work.desired;
  std::vector<ObjectId> unproven;
  if (!work.proven) {
    for (const apply::ObjectResult& result : *work.applied) unproven.push_back(result.id);
  }
  return by_watch_.ToRead(*services_.planning.watching.For(work.connection), work.desired,
                          unproven);
}

void Runner::ReadHealth(Work& work, std::function<void(const apply::HealthReport&)> seen) {
  if (work.desired) {
    ObjectsPtr to_read = ToRead(work);
    // The watches vouch for all of it.
    if (to_read->empty()) return seen({});
    apply::HealthRequest request{.connection = work.connection,
                                 .desired = std::move(to_read),
                                 .checks = checks_,
                                 .explanations = work.explanations};
    if (work.applied) request.applied = *work.applied;
    apply::ReadHealth(std::move(request),
                      OnControl([seen](Runner&, Result<apply::HealthReport> report) {
                        seen(report ? *report : Unread(report.error()));
                      }));
    return;
  }
  // After a restart: what is desired comes from the record again.
  const std::string cluster = work.cluster;
  const ClusterProgress& progress = state_->clusters.at(cluster);
  const Digest manifest =
      progress.phase == ClusterPhase::kRollingBack ? progress.previous_manifest : progress.manifest;
  auto connection = services_.planning.clients.Find(cluster);
  if (!connection) return seen(Unread(connection.error()));
  work.connection = *connection;
  Prepare(work, manifest, [cluster, seen](Runner& self, const Status& ready) {
    if (ready) return self.ReadHealth(self.WorkOn(cluster), seen);
    seen(Unread(ready.error()));
  });
}

}  // namespace swell::control
