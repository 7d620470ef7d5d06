// The words that people, the ledger and the API read.

#include "reconciler/domain/names.h"

#include <array>

#include "reconciler/domain/health.h"
#include "reconciler/domain/ledger_record.h"
#include "reconciler/domain/plan.h"
#include "reconciler/domain/rollout.h"

namespace swell {
namespace {

template <std::size_t N, class E>
std::string_view NameIn(const std::array<std::string_view, N>& names, E e) {
  const auto index = static_cast<std::size_t>(e);
  return index < N ? names[index] : "Unknown";
}

template <class E, std::size_t N>
Result<E> ParseIn(const std::array<std::string_view, N>& names, std::string_view text,
                  std::string_view what) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == text) return static_cast<E>(i);
  }
  return Fail(InvalidArgument("\"" + std::string(text) + "\" is no " + std::string(what)));
}

constexpr std::array<std::string_view, 6> kHealth = {"Healthy", "Suspended", "Progressing",
                                                     "Missing", "Degraded",  "Unknown"};
constexpr std::array<std::string_view, 4> kOperation = {"create", "update", "delete", "none"};
constexpr std::array<std::string_view, 9> kCause = {"changed",   "drifted", "adopted",
                                                    "defaulted", "mutated", "owned",
                                                    "equal",     "ignored", "tolerated"};
constexpr std::array<std::string_view, 4> kPlanKind = {"sync", "rollback", "heal", "delete"};
constexpr std::array<std::string_view, 7> kPhase = {
    "PreDelete", "PreSync", "Sync", "PostSync", "Prune", "PostDelete", "SyncFail"};
constexpr std::array<std::string_view, 9> kRollout = {"Pending", "Progressing", "Baking",
                                                      "Waiting", "RollingBack", "Succeeded",
                                                      "Failed",  "RolledBack",  "Cancelled"};
constexpr std::array<std::string_view, 11> kCluster = {
    "Pending",     "Applying",   "Verifying",      "Healthy", "Failed", "AwaitingRollback",
    "RollingBack", "RolledBack", "RollbackFailed", "Skipped", "Offline"};
constexpr std::array<std::string_view, 3> kPreflight = {"NotAsked", "Asking", "Passed"};
constexpr std::array<std::string_view, 9> kWave = {"Pending",     "Waiting", "Preflight",
                                                   "Progressing", "Baking",  "Gating",
                                                   "Done",        "Failed",  "Skipped"};
constexpr std::array<std::string_view, 4> kGate = {"Pending", "Holding", "Passed", "Failed"};
constexpr std::array<std::string_view, 3> kHold = {"nothing", "waves", "clusters"};

constexpr std::array<std::string_view, 7> kRecord = {"freeze",    "override", "plan",   "approval",
                                                     "tolerance", "drift",    "deleted"};

}  // namespace

std::string_view RecordKindName(RecordKind k) { return NameIn(kRecord, k); }
std::string_view HealthStatusName(HealthStatus s) { return NameIn(kHealth, s); }
std::string_view OperationTypeName(OperationType t) { return NameIn(kOperation, t); }
std::string_view ChangeCauseName(ChangeCause c) { return NameIn(kCause, c); }
std::string_view PlanKindName(PlanKind k) { return NameIn(kPlanKind, k); }
std::string_view PhaseName(Phase p) { return NameIn(kPhase, p); }
std::string_view RolloutPhaseName(RolloutPhase p) { return NameIn(kRollout, p); }
std::string_view ClusterPhaseName(ClusterPhase p) { return NameIn(kCluster, p); }
std::string_view WavePhaseName(WavePhase p) { return NameIn(kWave, p); }
std::string_view PreflightPhaseName(PreflightPhase p) { return NameIn(kPreflight, p); }
std::string_view GatePhaseName(GatePhase p) { return NameIn(kGate, p); }
std::string_view HoldScopeName(HoldScope s) { return NameIn(kHold, s); }

bool IsTerminal(RolloutPhase phase) { return phase >= RolloutPhase::kSucceeded; }

Result<HealthStatus> ParseHealthStatus(std::string_view t) {
  return ParseIn<HealthStatus>(kHealth, t, "health status");
}
Result<OperationType> ParseOperationType(std::string_view t) {
  return ParseIn<OperationType>(kOperation, t, "operation");
}
Result<ChangeCause> ParseChangeCause(std::string_view t) {
  return ParseIn<ChangeCause>(kCause, t, "cause");
}
Result<PlanKind> ParsePlanKind(std::string_view t) {
  return ParseIn<PlanKind>(kPlanKind, t, "plan kind");
}
Result<Phase> ParsePhase(std::string_view t) { return ParseIn<Phase>(kPhase, t, "phase"); }
Result<RolloutPhase> ParseRolloutPhase(std::string_view t) {
  return ParseIn<RolloutPhase>(kRollout, t, "rollout phase");
}
Result<ClusterPhase> ParseClusterPhase(std::string_view t) {
  return ParseIn<ClusterPhase>(kCluster, t, "cluster phase");
}
Result<WavePhase> ParseWavePhase(std::string_view t) {
  return ParseIn<WavePhase>(kWave, t, "wave phase");
}
Result<PreflightPhase> ParsePreflightPhase(std::string_view t) {
  return ParseIn<PreflightPhase>(kPreflight, t, "preflight phase");
}
Result<GatePhase> ParseGatePhase(std::string_view t) {
  return ParseIn<GatePhase>(kGate, t, "gate phase");
}
Result<HoldScope> ParseHoldScope(std::string_view t) {
  return ParseIn<HoldScope>(kHold, t, "hold scope");
}

}  // namespace swell
