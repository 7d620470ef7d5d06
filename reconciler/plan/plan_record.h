#pragma once
// PlanRecord: a plan that was shown or rolled out, as the ledger lists it (RecordKind::kPlan). The
// plan itself is a blob under the same digest.

#include <cstdint>
#include <string>
#include <vector>

#include "base/core/clock.h"
#include "base/core/digest.h"
#include "base/core/result.h"
#include "reconciler/domain/ledger_record.h"
#include "reconciler/domain/plan.h"
#include "reconciler/domain/revision.h"
#include "reconciler/plan/blast_radius.h"

namespace swell::plan {

struct PlanRecord {
  Digest plan;
  std::string application;
  PlanKind kind = PlanKind::kSync;
  Revision revision;
  std::int64_t generation = 0;         // of the application
  bool confirmed = false;              // with what asks to be confirmed before it is pruned
  std::int64_t rollback_to = 0;        // of kRollback
  std::vector<std::string> selection;  // of kRollback: these clusters; empty: all
  Timestamp at;                        // when it was first made
  std::string actor;                   // who asked
  std::string reason;
  BlastRadius radius;
  std::vector<std::string> warnings;
};

// Inverse pair; kDataLoss where a record is no such. The key is the digest's Hex().
LedgerRecord ToLedger(const PlanRecord& record);
Result<PlanRecord> PlanRecordFromLedger(const LedgerRecord& record);

}  // namespace swell::plan
