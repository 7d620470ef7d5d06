#pragma once
// The evidence pack: what an auditor is handed of a time. Pure; the same rows give the same bytes.
// Values of Secrets are in none of it (a recorded plan has them redacted).

#include <optional>
#include <string>
#include <vector>

#include "reconciler/domain/ledger.h"
#include "reconciler/domain/plan.h"
#include "reconciler/domain/rollout.h"
#include "reconciler/gate/approvals.h"
#include "reconciler/plan/plan_record.h"
#include "reconciler/report/report.h"

namespace swell::report {

// Everything that is known of one rollout.
struct RolloutRows {
  RolloutState rollout;
  std::optional<plan::PlanRecord> record;  // absent of rollouts of older versions
  std::optional<Plan> plan;                // likewise
  std::vector<gate::Approval> approvals;   // of its plan
  std::vector<LedgerEvent> events;         // of this rollout, oldest first
};

// Who asked, who approved, the plan with its changes, waves and gates with their times, the proof
// of each cluster, events.
Value RolloutEvidence(const RolloutRows& rows);

// What a rollout deleted and can be brought back; of Secrets, too, the name alone.
struct DeletedObject {
  std::string cluster;
  ObjectId id;
  std::string version;
  std::string rollout;  // id
  Timestamp at;         // when that began
  std::string actor;
  std::string why;
};

// Of one application, beside its rollouts.
struct ApplicationRows {
  std::string application;
  std::vector<RolloutState> rollouts;  // that were begun or ended in the window, oldest first
  std::vector<LedgerEvent> events;     // in the window that are of no rollout
  std::vector<Quarantine> quarantine;  // as it stands
  std::vector<LedgerRecord> records;   // freezes, overrides, approvals, drift: of the window
  std::vector<DeletedObject> deleted;  // in the window, oldest first
  Delivery delivery;
};
Value ApplicationEvidence(const Window& window, const ApplicationRows& rows);

// Where an application's files and a rollout's lie: "web/application.json", "web/rollout-12.json".
std::string ApplicationPath(const std::string& application);
std::string RolloutPath(const std::string& application, std::int64_t number);
inline constexpr char kLedgerPath[] = "ledger.json";

// Whether the ledger that all of it was read from is as it was written, and its head: who keeps
// that can show later that nothing was changed since (swell history verify --expect).
Value LedgerEvidence(const VerifyReport& ledger);

// index.html: a page that names everything in the pack, for people.
std::string EvidenceIndex(const Window& window, const std::vector<ApplicationRows>& applications,
                          const VerifyReport& ledger);

// For the API and the pack.
Value ToValue(const Delivery& delivery);

}  // namespace swell::report
