#pragma once
// The rollout as a pure state machine: Step(state, event, now) -> state and actions. It does
// no I/O, reads no clock and knows no thread; whoever runs it persists the new state before
// it carries out the actions (DESIGN: intent before act, result after).

#include <string>
#include <variant>
#include <vector>

#include "base/core/clock.h"
#include "base/core/digest.h"
#include "reconciler/domain/rollout.h"

namespace swell::rollout {

// Events. Those that report on a cluster carry the digest of the plan they are evidence for;
// an event for another digest changes nothing.
struct Started {};  // begin, or go on after a restart: re-issues open actions
struct ClusterApplied {
  std::string cluster;
  Digest plan;
};
struct ClusterApplyFailed {
  std::string cluster;
  Digest plan;
  std::string error;
};
struct ClusterHealthSeen {
  std::string cluster;
  Digest plan;
  Health health;
};
struct ClusterRolledBack {
  std::string cluster;
  Digest plan;
};
struct ClusterRollbackFailed {
  std::string cluster;
  Digest plan;
  std::string error;
};
struct Ticked {};  // time has passed: deadlines and bakes are looked at
struct CancelRequested {
  std::string reason;
};  // touched clusters stay as they are

using Event = std::variant<Started, ClusterApplied, ClusterApplyFailed, ClusterHealthSeen,
                           ClusterRolledBack, ClusterRollbackFailed, Ticked, CancelRequested>;

// Actions, all idempotent.
struct ApplyCluster {
  std::string cluster;
};  // the rollout's manifest by its plan
struct WatchHealth {
  std::string cluster;
};  // report ClusterHealthSeen while NeedsHealth
struct RollBackCluster {
  std::string cluster;
  Digest manifest;
};  // apply, verify, then report
struct WakeAt {
  Timestamp at;
};  // send Ticked then
struct Finished {
  RolloutPhase phase;
};  // terminal; last action ever
struct Note {
  std::string type;
  std::string cluster;
  std::string message;
};  // a line of history

using Action = std::variant<ApplyCluster, WatchHealth, RollBackCluster, WakeAt, Finished, Note>;

struct Transition {
  RolloutState state;
  std::vector<Action> actions;
};

// Whether the cluster's health is still asked for: it was applied, and its wave is not over. Never
// in a deletion, which is done with a cluster when its objects are gone.
bool NeedsHealth(const RolloutState& state, const std::string& cluster);

// How long a cluster may be Degraded without a break before it fails; its deadline still
// counts. Not at once: an autoscaler without metrics yet, say, is Degraded for its first minute.
inline constexpr Duration kDegradedGrace = std::chrono::seconds(60);

// Total: every event is legal in every state; what does not apply changes nothing.
Transition Step(RolloutState state, const Event& event, Timestamp now);

}  // namespace swell::rollout
