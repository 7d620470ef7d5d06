#pragma once
// The rollout as a pure state machine: Step(state, event, now) -> state and actions. It does
// no I/O, reads no clock and knows no thread; whoever runs it persists the new state before
// it carries out the actions (DESIGN: intent before act, result after).
//
// A wave goes through: approvals and holds (WavePhase::kWaiting), a dry run on each of its
// clusters (kPreflight), the clusters themselves, a window of them at a time (kProgressing), its
// bake (kBaking), its gates (kGating). docs/rollouts.md says it for users.

#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/core/clock.h"
#include "base/core/digest.h"
#include "reconciler/domain/rollout.h"

namespace swell::rollout {

// Events. Those that report on a cluster or a gate carry the digest of the plan they are evidence
// for; an event for another digest changes nothing.
struct Started {};  // begin, or go on after a restart: re-issues open actions

enum class PreflightAnswer : std::uint8_t {
  kPassed,
  kRefused,      // by the API server or an admission policy
  kUnreachable,  // the cluster does not answer
};
struct ClusterPreflighted {
  std::string cluster;
  Digest plan;
  PreflightAnswer answer = PreflightAnswer::kPassed;
  std::string error;  // of the two others
};
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
// The cluster left the fleet, or the application's selection: it is not touched any more.
struct ClusterRemoved {
  std::string cluster;
  std::string why;
};
// What the cluster waits for before it may be begun (dependsOn); "" is nothing.
struct ClusterBlocked {
  std::string cluster;
  std::string reason;
};

enum class GateVerdict : std::uint8_t {
  kPass,
  kFail,
  kHold,  // it could not be evaluated, or has nothing to say yet
};
struct GateReported {
  int wave = 0;
  std::string gate;  // kApprovalGate: the wave's approvals
  Digest plan;
  GateVerdict verdict = GateVerdict::kHold;
  std::string message;
};

// What the gatekeeper lets begin: change windows, freezes.
struct HoldChanged {
  Hold hold;
};
struct PauseRequested {
  std::string reason;  // "by ada: …"
};
struct ResumeRequested {
  std::string reason;
};
// Somebody takes it on themselves: what the wave waits for (approvals, bake, gates) counts as
// passed. Not health, not windows.
struct PromoteRequested {
  std::string reason;
};
struct Ticked {};  // time has passed: deadlines and bakes are looked at
struct CancelRequested {
  std::string reason;
};  // touched clusters stay as they are

using Event =
    std::variant<Started, ClusterPreflighted, ClusterApplied, ClusterApplyFailed, ClusterHealthSeen,
                 ClusterRolledBack, ClusterRollbackFailed, ClusterRemoved, ClusterBlocked,
                 GateReported, HoldChanged, PauseRequested, ResumeRequested, PromoteRequested,
                 Ticked, CancelRequested>;

// Actions, all idempotent.
struct PreflightCluster {
  std::string cluster;
};  // dry-run its whole plan, write nothing
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
struct AskGate {
  int wave = 0;
  std::string gate;
};  // evaluate it once, then report
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

using Action = std::variant<PreflightCluster, ApplyCluster, WatchHealth, RollBackCluster, AskGate,
                            WakeAt, Finished, Note>;

struct Transition {
  RolloutState state;
  std::vector<Action> actions;
};

// Whether the cluster's health is still asked for: it was applied, and its wave is not over. Never
// in a deletion, which is done with a cluster when its objects are gone.
bool NeedsHealth(const RolloutState& state, const std::string& cluster);

// Whether PromoteRequested would change anything: its wave waits for approvals, a bake or gates.
bool MayPromote(const RolloutState& state);

// How long a cluster may be Degraded without a break before it fails; its deadline still
// counts. Not at once: an autoscaler without metrics yet, say, is Degraded for its first minute.
inline constexpr Duration kDegradedGrace = std::chrono::seconds(60);
// Between two attempts to reach an offline cluster that its wave waits for.
inline constexpr Duration kOfflineRetry = std::chrono::seconds(15);
// Between two looks at the approvals of a wave that waits for them.
inline constexpr Duration kApprovalInterval = std::chrono::seconds(5);
// Clusters whose preflight is under way at a time.
inline constexpr int kMaxPreflights = 128;
// Clusters that are applied to at a time, whatever maxParallel allows: each of them has its objects
// on the wire, and with all of a large fleet's there the last ones would wait for their answers
// longer than a call may take. Those that are verified do not count. Ways back are bounded by who
// carries them out, which knows when one is written.
inline constexpr int kMaxApplies = 128;

// Takes the events in turn, then looks once at what follows from where everything stands: a step
// costs in proportion to the clusters, not to the clusters times the events. Total: every event is
// legal in every state; what does not apply changes nothing.
Transition Step(RolloutState state, std::span<const Event> events, Timestamp now);
inline Transition Step(RolloutState state, const Event& event, Timestamp now) {
  return Step(std::move(state), std::span(&event, 1), now);
}

}  // namespace swell::rollout
