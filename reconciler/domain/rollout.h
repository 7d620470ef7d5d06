#pragma once
// RolloutState: everything that one rollout is, as plain data. It is what the ledger stores
// after every step and what a restarted server goes on from. Only reconciler/rollout's Step
// changes it.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/core/clock.h"
#include "base/core/digest.h"
#include "base/core/result.h"
#include "reconciler/domain/application.h"
#include "reconciler/domain/health.h"
#include "reconciler/domain/plan.h"

namespace swell {

enum class RolloutPhase : std::uint8_t {
  kPending,      // recorded, nothing written to any cluster
  kProgressing,  // a wave is being applied or waits for health
  kBaking,       // the wave is healthy; its bake time runs
  kWaiting,      // for people, a gate, a window, an offline cluster; see RolloutState::message
  kRollingBack,  // failed; touched clusters go back
  kSucceeded,    // terminal from here on
  kFailed,       // stopped; clusters stay as they are (onFailure: hold, or nothing to go back to)
  kRolledBack,   // failed, and every touched cluster is back on what it had
  kCancelled,    // by a person, or superseded by a newer rollout
};
std::string_view RolloutPhaseName(RolloutPhase phase);
bool IsTerminal(RolloutPhase phase);

enum class ClusterPhase : std::uint8_t {
  kPending,
  kApplying,   // intent recorded; writes may be under way
  kVerifying,  // applied; waiting for health
  kHealthy,    // evidence for this plan's digest is recorded
  kFailed,
  kAwaitingRollback,  // goes back when those that were begun after it are back
  kRollingBack,
  kRolledBack,
  kRollbackFailed,
  kSkipped,  // the rollout ended before its turn, or it left the fleet
  kOffline,  // did not answer before it was begun, and is left out (offline: skip)
};
std::string_view ClusterPhaseName(ClusterPhase phase);

// Proof that one cluster holds exactly this plan and is well. Counts for no other digest.
struct Evidence {
  Digest plan;
  Timestamp applied_at;
  Timestamp healthy_at;
  friend bool operator==(const Evidence&, const Evidence&) = default;
};

enum class PreflightPhase : std::uint8_t { kNotAsked, kAsking, kPassed };
std::string_view PreflightPhaseName(PreflightPhase phase);

struct ClusterProgress {
  std::string cluster;
  int wave = 0;  // index into RolloutState::waves
  ClusterPhase phase = ClusterPhase::kPending;
  Digest manifest;           // what this rollout brings
  Digest previous_manifest;  // what the cluster had; empty: nothing recorded
  bool has_changes = true;   // false: nothing to write; health is still verified
  // Whether the API server was asked about the whole plan of the cluster (server-side dry run).
  PreflightPhase preflight = PreflightPhase::kNotAsked;
  Timestamp asked_at;        // the preflight, last; where the cluster did not answer it is repeated
  std::string offline;       // why it is not begun: it does not answer
  std::string blocked;       // why it is not begun: what it depends on
  Timestamp started_at;      // of the apply or the rollback; the deadline counts from it
  Timestamp degraded_since;  // since when it has been Degraded without a break; epoch: it is not
  Evidence evidence;         // of kHealthy
  Health health;             // last seen, for this plan
  std::string error;         // of kFailed and kRollbackFailed
  friend bool operator==(const ClusterProgress&, const ClusterProgress&) = default;
};

enum class WavePhase : std::uint8_t {
  kPending,
  kWaiting,    // for its approvals; nothing of it is begun
  kPreflight,  // its clusters are asked; nothing of it is written
  kProgressing,
  kBaking,
  kGating,  // healthy and baked; its gates are asked
  kDone,
  kFailed,
  kSkipped,
};
std::string_view WavePhaseName(WavePhase phase);

// kHolding: it was asked and did not pass, or could not be evaluated. It never passes by itself.
enum class GatePhase : std::uint8_t { kPending, kHolding, kPassed, kFailed };
std::string_view GatePhaseName(GatePhase phase);

// How one gate of a wave stands. A verdict counts for this rollout's plan alone.
struct GateProgress {
  std::string name;  // as declared; kApprovalGate of a wave's approvals
  GatePhase phase = GatePhase::kPending;
  std::string message;  // what it said last
  Timestamp asked_at;   // last; epoch: never
  Timestamp first_at;   // since when it is asked; its deadline counts from it
  int successes = 0;    // in a row
  int failures = 0;     // in a row
  friend bool operator==(const GateProgress&, const GateProgress&) = default;
};
inline constexpr char kApprovalGate[] = "approvals";

struct WaveProgress {
  std::string name;
  std::vector<std::string> clusters;  // sorted
  Duration bake{0};
  int max_parallel = 0;                 // 0: all at a time
  int max_unavailable = 0;              // 0: no limit
  int max_failures = -1;                // of this wave; -1: none of its own
  Duration deadline{0};                 // 0: the strategy's
  std::vector<GateProgress> approvals;  // at most one
  std::vector<GateProgress> gates;
  WavePhase phase = WavePhase::kPending;
  Timestamp started_at;
  Timestamp healthy_at;  // when its last cluster became healthy; the bake counts from it
  Timestamp finished_at;
};

// What must not begin, and why: change windows, freezes and pauses, as the gatekeeper sees them.
enum class HoldScope : std::uint8_t { kNothing, kWaves, kClusters };
std::string_view HoldScopeName(HoldScope scope);
struct Hold {
  HoldScope scope = HoldScope::kNothing;
  std::string reason;
  friend bool operator==(const Hold&, const Hold&) = default;
};

struct RolloutState {
  std::string id;           // unique: "web-12"
  std::int64_t number = 0;  // per application, from 1: `swell rollback web --to 12`
  std::string application;
  PlanKind kind = PlanKind::kSync;
  std::int64_t rollback_to = 0;  // of kRollback: the number that it restores
  Digest plan;
  Revision revision;
  std::string actor;  // "auto", or who asked
  std::string reason;
  StrategySpec strategy;
  RolloutPhase phase = RolloutPhase::kPending;
  std::string message;  // why it is where it is
  std::vector<WaveProgress> waves;
  std::map<std::string, ClusterProgress> clusters;  // by name
  int current_wave = 0;
  Hold pause;  // by a person; kClusters while it is paused
  Hold held;   // by the gatekeeper
  Timestamp created_at;
  Timestamp finished_at;  // of terminal phases
};
using RolloutStatePtr = std::shared_ptr<const RolloutState>;

// For the ledger and the API; inverse pair.
Value RolloutToValue(const RolloutState& state);
// Its parts: everything but the clusters, and one of them.
Value RolloutHeaderToValue(const RolloutState& state);
Value ClusterProgressToValue(const ClusterProgress& cluster);
Result<RolloutState> RolloutFromValue(const Value& value);

}  // namespace swell
