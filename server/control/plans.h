#pragma once
// Plans as units of their own, as the engine tells of them: shown, recorded, compared, approved,
// and rolled out exactly as they were shown (docs/plans.md).

#include <cstdint>
#include <string>
#include <vector>

#include "base/core/clock.h"
#include "reconciler/domain/plan.h"
#include "reconciler/gate/approvals.h"
#include "reconciler/plan/compare_plans.h"
#include "reconciler/plan/plan_record.h"

namespace swell::control {

struct DiffResult;

struct ProposalRequest {
  std::string application;
  std::string revision;    // of a sync; "" is the application's own
  bool confirmed = false;  // with what asks to be confirmed before it is pruned
  // kSync, or kRollback: what a rollback would do.
  PlanKind kind = PlanKind::kSync;
  std::int64_t rollback_to = 0;       // as RollbackRequest
  std::vector<std::string> clusters;  // likewise
  std::string actor;
  std::string reason;
};

struct RecordedPlan {
  plan::PlanRecord record;
  std::vector<gate::Approval> approvals;  // oldest first
};

struct ApprovalRequest {
  std::string application;  // "": whosever plan it is
  std::string plan;  // digest, or the start of it; "": that of the application's running rollout
  std::string actor;
  std::string comment;
};

// Fewer digits name a plan by chance.
inline constexpr std::size_t kMinPlanDigits = 6;
// Plans that are listed an application; beyond it the oldest that nobody approved are dropped.
inline constexpr std::size_t kMaxRecordedPlans = 200;

}  // namespace swell::control
