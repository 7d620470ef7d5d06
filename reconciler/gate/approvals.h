#pragma once
// Who has agreed to a plan, and whether that is enough. Pure.

#include <string>
#include <vector>

#include "base/core/clock.h"
#include "base/core/digest.h"
#include "base/core/result.h"
#include "reconciler/domain/application.h"
#include "reconciler/domain/gate_spec.h"
#include "reconciler/domain/ledger_record.h"

namespace swell::gate {

// Somebody's yes to exactly one plan.
struct Approval {
  std::string application;
  Digest plan;
  std::string actor;
  Timestamp at;
  std::string comment;
  friend bool operator==(const Approval&, const Approval&) = default;
};

// One of each person for each plan: whoever approves again renews theirs.
LedgerRecord ToRecord(const Approval& approval);
// Inverse; kDataLoss where the record is no approval or cannot be read.
Result<Approval> ApprovalFromRecord(const LedgerRecord& record);
// For RecordQuery::prefix: the approvals of one plan.
std::string ApprovalPrefix(const Digest& plan);

// What is to be approved, and by whom it came about.
struct ApprovalSubject {
  std::string application;
  Digest plan;
  std::string author;     // of the commit: Revision::author, "Ada <ada@example.com>"
  std::string requester;  // of the rollout: RolloutState::actor
};

struct ApprovalCount {
  int needed = 0;
  std::vector<std::string> by;  // who counts; each once, in the order of their approvals
  // Who has approved and does not count, and why: "bob is not in platform-team".
  std::vector<std::string> not_counted;
  std::string message;  // "1 of 2 approvals by platform-team: ada; run `swell approve web`"
  bool enough() const { return static_cast<int>(by.size()) >= needed; }
};

// Counts distinct people who are in spec.from, whose approval is of exactly this plan and has not
// expired, and who, with spec.not_author, neither wrote the commit nor asked for the rollout.
// People are the names they act under: "ada" and "Ada" are the same person.
ApprovalCount CountApprovals(const ApprovalSpec& spec, const std::vector<Approval>& approvals,
                             const std::vector<Team>& teams, const ApprovalSubject& subject,
                             Timestamp now);

// Whether the actor is the author, by name, mail address or the part of it before the "@";
// upper and lower case are the same.
bool IsAuthor(std::string_view actor, std::string_view author);

}  // namespace swell::gate
