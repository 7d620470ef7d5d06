#include "reconciler/gate/approvals.h"

#include <algorithm>

#include "base/core/strings.h"
#include "base/value/json.h"
#include "reconciler/gate/permissions.h"

namespace swell::gate {
namespace {

Error Damaged(const LedgerRecord& record, const std::string& why) {
  return {ErrorCode::kDataLoss,
          "recorded approval " + record.key + " of " + record.application + ": " + why};
}

bool SamePerson(std::string_view a, std::string_view b) { return ToLower(a) == ToLower(b); }

// Why the approval does not count; "" where it does.
std::string Against(const ApprovalSpec& spec, const Approval& approval,
                    const std::vector<Team>& teams, const ApprovalSubject& subject, Timestamp now) {
  const std::string& who = approval.actor;
  if (approval.plan != subject.plan) return who + " approved another plan";
  if (spec.expires > Duration{0} && now >= approval.at + spec.expires) {
    return who + "'s approval expired at " + FormatTimestamp(approval.at + spec.expires);
  }
  if (!IsAmong(spec.from, who, teams)) return who + " is not in " + Join(spec.from, ", ");
  if (!spec.not_author) return "";
  if (IsAuthor(who, subject.author)) return who + " wrote the commit";
  if (SamePerson(who, subject.requester)) return who + " asked for the rollout";
  return "";
}

}  // namespace

std::string ApprovalPrefix(const Digest& plan) { return plan.Hex() + "/"; }

LedgerRecord ToRecord(const Approval& approval) {
  return {.kind = RecordKind::kApproval,
          .application = approval.application,
          .key = ApprovalPrefix(approval.plan) + approval.actor,
          .at = approval.at,
          .content = json::Write(Value::EmptyObject()
                                     .With("plan", Value(approval.plan.ToString()))
                                     .With("actor", Value(approval.actor))
                                     .With("comment", Value(approval.comment)))};
}

Result<Approval> ApprovalFromRecord(const LedgerRecord& record) {
  if (record.kind != RecordKind::kApproval) return Fail(Damaged(record, "is no approval"));
  const auto value = json::Parse(record.content);
  if (!value) return Fail(Damaged(record, value.error().ToString()));
  for (const char* field : {"plan", "actor", "comment"}) {
    if (!(*value)[field].is_string()) return Fail(Damaged(record, std::string("has no ") + field));
  }
  const auto plan = Digest::Parse((*value)["plan"].str());
  if (!plan) return Fail(Damaged(record, plan.error().ToString()));
  return Approval{.application = record.application,
                  .plan = *plan,
                  .actor = (*value)["actor"].str(),
                  .at = record.at,
                  .comment = (*value)["comment"].str()};
}

bool IsAuthor(std::string_view actor, std::string_view author) {
  const std::string who = ToLower(Trim(actor));
  const std::string by = ToLower(author);
  const std::size_t open = by.rfind('<');
  const std::string name(Trim(std::string_view(by).substr(0, open)));
  if (who.empty()) return false;
  if (who == name) return true;
  const std::size_t close = by.rfind('>');
  if (open == std::string::npos || close == std::string::npos || close < open) return false;
  const std::string mail(Trim(std::string_view(by).substr(open + 1, close - open - 1)));
  return who == mail || who == mail.substr(0, mail.rfind('@'));
}

ApprovalCount CountApprovals(const ApprovalSpec& spec, const std::vector<Approval>& approvals,
                             const std::vector<Team>& teams, const ApprovalSubject& subject,
                             Timestamp now) {
  ApprovalCount out{.needed = spec.count, .by = {}, .not_counted = {}, .message = {}};
  std::vector<const Approval*> ordered;
  for (const Approval& approval : approvals) ordered.push_back(&approval);
  std::ranges::stable_sort(ordered, {}, &Approval::at);
  for (const Approval* approval : ordered) {
    const std::string against = Against(spec, *approval, teams, subject, now);
    if (!against.empty()) {
      out.not_counted.push_back(against);
      continue;
    }
    const bool twice = std::ranges::any_of(
        out.by, [&](const std::string& known) { return SamePerson(known, approval->actor); });
    if (!twice) out.by.push_back(approval->actor);
  }
  out.message = std::to_string(out.by.size()) + " of " + std::to_string(spec.count) + " approvals" +
                (spec.from.empty() ? "" : " by " + Join(spec.from, ", "));
  if (!out.by.empty()) out.message += "; " + Join(out.by, ", ") + " approved";
  if (out.enough()) return out;
  if (!out.not_counted.empty()) out.message += "; " + Join(out.not_counted, "; ");
  out.message += "; run `swell approve " + subject.application + "`";
  return out;
}

}  // namespace swell::gate
