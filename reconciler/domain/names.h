#pragma once
// The inverse of the XName functions; kInvalidArgument for an unknown word.

#include <string_view>

#include "base/core/result.h"
#include "reconciler/domain/health.h"
#include "reconciler/domain/plan.h"
#include "reconciler/domain/rollout.h"

namespace swell {

Result<HealthStatus> ParseHealthStatus(std::string_view text);
Result<OperationType> ParseOperationType(std::string_view text);
Result<ChangeCause> ParseChangeCause(std::string_view text);
Result<PlanKind> ParsePlanKind(std::string_view text);
Result<Phase> ParsePhase(std::string_view text);
Result<RolloutPhase> ParseRolloutPhase(std::string_view text);
Result<ClusterPhase> ParseClusterPhase(std::string_view text);
Result<WavePhase> ParseWavePhase(std::string_view text);
Result<PreflightPhase> ParsePreflightPhase(std::string_view text);
Result<GatePhase> ParseGatePhase(std::string_view text);
Result<HoldScope> ParseHoldScope(std::string_view text);

}  // namespace swell
