// Runner: one cluster goes back to what it had.

#include "server/control/inventory.h"
#include "server/control/runner_work.h"

#if defined(__GNUC__) && !defined(__clang__)
// A false alarm of g++ 12 on moving a Result (GCC bug 105562).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace swell::control {

void Runner::RollBack(const std::string& cluster, const Digest& manifest) {
  Work& work = WorkOn(cluster);
  if (work.sending) {
    *work.may_write = false;
    work.then = [this, cluster, manifest] { RollBack(cluster, manifest); };
    return;
  }
  // As many at a time as clusters are applied to, for the same reason.
  if (rollbacks_under_way_ >= rollout::kMaxApplies) {
    rollbacks_waiting_.emplace_back(cluster, manifest);
    return;
  }
  BeginRollback(cluster, manifest);
}

void Runner::RollbackWritten() {
  --rollbacks_under_way_;
  if (rollbacks_waiting_.empty()) return;
  const auto [cluster, manifest] = std::move(rollbacks_waiting_.front());
  rollbacks_waiting_.pop_front();
  // Its deadline may have struck meanwhile.
  if (state_->clusters.at(cluster).phase == ClusterPhase::kRollingBack) {
    return BeginRollback(cluster, manifest);
  }
  ++rollbacks_under_way_;
  RollbackWritten();
}

void Runner::BeginRollback(const std::string& cluster, const Digest& manifest) {
  ++rollbacks_under_way_;
  Work& work = WorkOn(cluster);
  const auto known = clusters_.find(cluster);
  auto connection = services_.planning.clients.Find(cluster);
  if (known == clusters_.end() || !connection) {
    RollbackWritten();
    return Handle(rollout::ClusterRollbackFailed{cluster, state_->plan,
                                                 "the cluster is not registered any more"});
  }
  work.connection = *connection;
  work.sending = true;
  work.may_write = std::make_shared<std::atomic<bool>>(true);
  PlanRequest request;
  request.kind = PlanKind::kRollback;
  request.application = application_;
  request.targets.push_back({known->second, Record(cluster), manifest});
  MakePlan(services_.planning, std::move(request),
           OnControl([cluster](Runner& self, Result<Planned> planned) {
             Work& work = self.WorkOn(cluster);
             work.sending = false;
             const PlannedCluster* mine = planned ? &planned->clusters.at(cluster) : nullptr;
             if (mine && mine->plan.error.empty()) return self.SendRollback(work, *planned);
             self.RollbackWritten();
             self.Handle(rollout::ClusterRollbackFailed{
                 cluster, self.state_->plan, mine ? mine->plan.error : planned.error().ToString()});
           }));
}

void Runner::SendRollback(Work& work, const Planned& planned) {
  const PlannedCluster& mine = planned.clusters.at(work.cluster);
  work.desired = mine.desired;
  ClusterRecord& record = Record(work.cluster);
  record.inventory = JoinInventory(record.inventory, mine.plan.operations->operations);
  auto intent = services_.keep(*state_, planned.clusters);
  if (intent) intent->push_back(PutClusterRecord{record});
  const Status recorded =
      intent ? services_.ledger.Commit(std::move(*intent)) : Fail(intent.error());
  if (!recorded) {
    services_.not_kept();
    RollbackWritten();
    return Handle(
        rollout::ClusterRollbackFailed{work.cluster, state_->plan, recorded.error().ToString()});
  }
  Send(work, mine.plan,
       [cluster = work.cluster, manifest = mine.plan.manifest](Runner& self,
                                                               apply::ClusterResult result) {
         self.FinishRollback(cluster, manifest, std::move(result));
       });
}

void Runner::FinishRollback(const std::string& cluster, const Digest& manifest,
                            apply::ClusterResult result) {
  RollbackWritten();
  Work& work = WorkOn(cluster);
  ClusterRecord& record = Record(cluster);
  record.inventory = SettleInventory(record.inventory, result);
  if (result.ok()) {
    record.manifest = manifest;
    record.commit = record.good_commit;
    record.rollout = record.good_rollout;
  }
  record.updated_at = services_.clock.Now();
  results_.push_back(PutClusterRecord{record});
  if (!result.ok()) {
    return Handle(rollout::ClusterRollbackFailed{cluster, state_->plan, result.error->ToString()});
  }
  work.applied = std::move(result.objects);
  work.proven = false;
  AwaitRolledBack(cluster);
}

void Runner::AwaitRolledBack(const std::string& cluster) {
  if (finished_ || state_->clusters.at(cluster).phase != ClusterPhase::kRollingBack) return;
  ReadHealth(WorkOn(cluster),
             [weak = weak_from_this(), cluster](const apply::HealthReport& report) {
               auto self = weak.lock();
               if (!self || self->finished_) return;
               if (report.health.status == HealthStatus::kHealthy) {
                 return self->Handle(rollout::ClusterRolledBack{cluster, self->state_->plan});
               }
               self->services_.control.PostAfter(self->services_.health_interval, [weak, cluster] {
                 if (auto self = weak.lock()) self->AwaitRolledBack(cluster);
               });
             });
}

}  // namespace swell::control
