// Runner: what a rollout waits for beside its clusters: holds, dependencies, gates, approvals.

#include "server/control/runner_work.h"

namespace swell::control {
namespace {

constexpr Duration kConditionInterval = std::chrono::seconds(1);

}  // namespace

void Runner::WatchConditions() {
  LookAtConditions();
  look_.Cancel();
  look_ = services_.control.PostAfter(kConditionInterval, [weak = weak_from_this()] {
    auto self = weak.lock();
    if (self && !self->finished_) self->WatchConditions();
  });
}

void Runner::LookAtConditions() {
  if (finished_ || IsTerminal(state_->phase)) return;
  RolloutConditions now = services_.conditions(*state_);
  if (now.hold != state_->held) Handle(rollout::HoldChanged{std::move(now.hold)});
  for (const auto& [cluster, reason] : now.blocked) {
    const auto told = blocked_.find(cluster);
    if (told == blocked_.end() || told->second != reason) {
      Handle(rollout::ClusterBlocked{cluster, reason});
    }
  }
  for (const auto& [cluster, reason] : blocked_) {
    if (!now.blocked.contains(cluster)) Handle(rollout::ClusterBlocked{cluster, ""});
  }
  blocked_ = std::move(now.blocked);
  for (const auto& [cluster, why] : now.removed) {
    const auto progress = state_->clusters.find(cluster);
    if (progress == state_->clusters.end() || progress->second.phase == ClusterPhase::kSkipped) {
      continue;
    }
    if (const auto work = work_.find(cluster); work != work_.end() && work->second->may_write) {
      *work->second->may_write = false;
    }
    Handle(rollout::ClusterRemoved{cluster, why});
  }
}

void Runner::AskGate(const rollout::AskGate& gate) {
  services_.ask_gate(
      *state_, gate,
      [weak = weak_from_this(), gate](rollout::GateVerdict verdict, std::string message) {
        auto self = weak.lock();
        if (!self || self->finished_) return;
        self->Handle(rollout::GateReported{gate.wave, gate.gate, self->state_->plan, verdict,
                                           std::move(message)});
      });
}

}  // namespace swell::control
