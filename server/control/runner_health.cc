// Runner: the health of the clusters that were changed.

#include "server/control/runner_work.h"

#if defined(__GNUC__) && !defined(__clang__)
// A false alarm of g++ 12 on moving a Result (GCC bug 105562).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace swell::control {

void Runner::WatchHealth(const std::string& cluster) {
  Work& work = WorkOn(cluster);
  if (finished_ || !rollout::NeedsHealth(state_, cluster)) {
    work.watching = false;
    return;
  }
  if (work.watching) return;
  work.watching = true;
  ReadHealth(work, [weak = weak_from_this(), cluster](const Health& health) {
    auto self = weak.lock();
    if (!self || self->finished_) return;
    const ClusterProgress& now = self->state_.clusters.at(cluster);
    // Only news are events: a bake of an hour must not be an hour of commits.
    if (health != now.health ||
        (now.phase == ClusterPhase::kVerifying) == (health.status == HealthStatus::kHealthy)) {
      self->Handle(rollout::ClusterHealthSeen{cluster, self->state_.plan, health});
    }
    self->services_.control.PostAfter(self->services_.health_interval, [weak, cluster] {
      auto self = weak.lock();
      if (!self) return;
      self->WorkOn(cluster).watching = false;
      self->WatchHealth(cluster);
    });
  });
}

void Runner::ReadHealth(Work& work, std::function<void(const Health&)> seen) {
  if (work.desired) {
    apply::HealthRequest request{work.connection, work.desired, work.applied, checks_,
                                 work.explanations};
    apply::ReadHealth(
        std::move(request), OnControl([seen](Runner&, Result<apply::HealthReport> report) {
          seen(report ? report->health : Health{HealthStatus::kUnknown, report.error().ToString()});
        }));
    return;
  }
  // After a restart: what is desired comes from the record again.
  const std::string cluster = work.cluster;
  const ClusterProgress& progress = state_.clusters.at(cluster);
  const Digest manifest =
      progress.phase == ClusterPhase::kRollingBack ? progress.previous_manifest : progress.manifest;
  auto connection = services_.planning.clients.Find(cluster);
  if (!connection) return seen({HealthStatus::kUnknown, connection.error().ToString()});
  work.connection = *connection;
  Prepare(work, manifest, [cluster, seen](Runner& self, const Status& ready) {
    if (!ready) return seen({HealthStatus::kUnknown, ready.error().ToString()});
    self.ReadHealth(self.WorkOn(cluster), seen);
  });
}

}  // namespace swell::control
