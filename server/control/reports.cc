// Controller: reports and evidence packs, read from the ledger alone.

#include "server/control/reports.h"

#include <algorithm>

#include "base/value/json.h"
#include "reconciler/report/evidence.h"
#include "server/control/controller.h"
#include "server/control/kept.h"
#include "server/control/on_control.h"
#include "server/control/plan_records.h"

namespace swell::control {
namespace {

constexpr int kPage = 200;
constexpr int kMostRecords = 100'000;
// Events and rollouts are stamped one after the other; a clock may have been set back between.
constexpr Duration kSlack = std::chrono::minutes(1);

// All that ended at or after `since`, and a page of older ones. Newest first.
Result<std::vector<RolloutState>> RolloutsSince(const Ledger& ledger,
                                                const std::string& application, Timestamp since) {
  std::vector<RolloutState> out;
  std::int64_t before = 0;
  for (;;) {
    const auto page = TRY(ledger.ListRollouts(application, before, kPage));
    bool older = !page.empty();
    for (const RolloutState& rollout : page) {
      before = rollout.number;
      older = older && IsTerminal(rollout.phase) && rollout.finished_at < since;
      out.push_back(rollout);
    }
    if (older || static_cast<int>(page.size()) < kPage) return out;
  }
}

// The sequence after which the events that are not older than `from` begin.
Result<std::int64_t> FindEvents(const Ledger& ledger, const std::string& application,
                                Timestamp from) {
  // Whether the first event after it, if any, is late enough.
  const auto late = [&](std::int64_t after) -> Result<bool> {
    const auto next = TRY(ledger.ListEvents(application, after, 1));
    return next.empty() || next.front().at >= from;
  };
  std::int64_t low = 0;
  if (TRY(late(low))) return low;
  std::int64_t high = 1024;
  while (!TRY(late(high))) high *= 2;
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    (TRY(late(middle)) ? high : low) = middle;
  }
  return high;
}

// Of an application from a time until another, for which `keep` is true.
template <class Keep>
Result<std::vector<LedgerEvent>> EventsOf(const Ledger& ledger, const std::string& application,
                                          Timestamp from, Timestamp until, Keep keep) {
  std::vector<LedgerEvent> out;
  std::int64_t after = TRY(FindEvents(ledger, application, from - kSlack));
  for (;;) {
    const auto page = TRY(ledger.ListEvents(application, after, kPage));
    for (const LedgerEvent& event : page) {
      after = event.sequence;
      if (event.at >= until + kSlack) return out;
      if (keep(event)) out.push_back(event);
    }
    if (static_cast<int>(page.size()) < kPage) return out;
  }
}

Result<std::vector<LedgerRecord>> RecordsOf(const Ledger& ledger, RecordKind kind,
                                            const std::string& application) {
  return ledger.ListRecords(
      {.kind = kind, .application = application, .prefix = "", .after = "", .limit = kMostRecords});
}

Result<report::Rows> RowsOf(const Ledger& ledger, const std::string& application,
                            const report::Window& window) {
  return report::Rows{application, TRY(RolloutsSince(ledger, application, window.since)),
                      TRY(RecordsOf(ledger, RecordKind::kDrift, application))};
}

// Begun or ended in the window, or under way all the time.
bool Touches(const report::Window& window, const RolloutState& rollout) {
  if (rollout.created_at >= window.until) return false;
  return !IsTerminal(rollout.phase) || rollout.finished_at >= window.since;
}

Result<report::ApplicationRows> EvidenceRows(const Ledger& ledger, const std::string& application,
                                             const report::Window& window) {
  report::ApplicationRows out;
  out.application = application;
  report::Rows rows = TRY(RowsOf(ledger, application, window));
  out.delivery = report::MakeReport(window, {rows}).total;
  for (RolloutState& rollout : rows.rollouts) {
    if (Touches(window, rollout)) out.rollouts.push_back(std::move(rollout));
  }
  std::ranges::sort(out.rollouts, {}, &RolloutState::number);
  out.events =
      TRY(EventsOf(ledger, application, window.since, window.until, [&](const LedgerEvent& event) {
        return event.rollout.empty() && window.Contains(event.at);
      }));
  out.quarantine = TRY(ledger.ListQuarantine(application));
  std::ranges::sort(out.quarantine, {}, &Quarantine::commit);
  for (const RecordKind kind : {RecordKind::kFreeze, RecordKind::kOverride, RecordKind::kApproval,
                                RecordKind::kTolerance, RecordKind::kDrift}) {
    for (LedgerRecord& record : TRY(RecordsOf(ledger, kind, application))) {
      if (window.Contains(record.at)) out.records.push_back(std::move(record));
    }
    // Those of the whole fleet.
    if (kind != RecordKind::kFreeze && kind != RecordKind::kOverride) continue;
    for (LedgerRecord& record : TRY(RecordsOf(ledger, kind, ""))) {
      if (window.Contains(record.at)) out.records.push_back(std::move(record));
    }
  }
  for (auto& [key, kept] : TRY(ListKept(ledger, application))) {
    if (!window.Contains(kept.at)) continue;
    out.deleted.push_back({.cluster = std::move(kept.cluster),
                           .id = std::move(kept.id),
                           .version = std::move(kept.version),
                           .rollout = std::move(kept.rollout),
                           .at = kept.at,
                           .actor = std::move(kept.actor),
                           .why = std::move(kept.why)});
  }
  return out;
}

}  // namespace

Result<ReportRequest> Controller::CompleteReport(ReportRequest request) {
  if (request.window.until == Timestamp{}) request.window.until = clock_.Now();
  if (request.window.since >= request.window.until) {
    return Fail(InvalidArgument("there is no time between " +
                                FormatTimestamp(request.window.since) + " and " +
                                FormatTimestamp(request.window.until)));
  }
  if (request.applications.empty()) {
    TRY(OnControl([&]() -> Status {
      for (const auto& [name, entry] : entries_) request.applications.push_back(name);
      return {};
    }));
    return request;
  }
  for (const std::string& name : request.applications) {
    // One that was deleted has left its rollouts behind.
    if (TRY(ledger_.GetResource("Application", name))) continue;
    if (TRY(ledger_.ListRollouts(name, 0, 1)).empty()) {
      return Fail(NotFound("there is no application " + name));
    }
  }
  return request;
}

Result<report::Report> Controller::Report(const ReportRequest& request) {
  const ReportRequest complete = TRY(CompleteReport(request));
  std::vector<report::Rows> rows;
  for (const std::string& name : complete.applications) {
    rows.push_back(TRY(RowsOf(ledger_, name, complete.window)));
  }
  return report::MakeReport(complete.window, rows);
}

Result<Evidence> Controller::GetEvidence(const ReportRequest& request) {
  const ReportRequest complete = TRY(CompleteReport(request));
  Evidence out;
  std::vector<report::ApplicationRows> applications;
  for (const std::string& name : complete.applications) {
    report::ApplicationRows rows = TRY(EvidenceRows(ledger_, name, complete.window));
    out.files.push_back({report::ApplicationPath(name),
                         json::WritePretty(report::ApplicationEvidence(complete.window, rows))});
    for (const RolloutState& rollout : rows.rollouts) {
      out.rollouts.emplace_back(name, rollout.number);
    }
    applications.push_back(std::move(rows));
  }
  const VerifyReport ledger = TRY(ledger_.Verify({}));
  out.files.push_back({report::kLedgerPath, json::WritePretty(report::LedgerEvidence(ledger))});
  out.files.push_back({"index.html", report::EvidenceIndex(complete.window, applications, ledger)});
  return out;
}

Result<EvidenceFile> Controller::GetRolloutEvidence(const std::string& application,
                                                    std::int64_t number) {
  auto rollout = TRY(ledger_.GetRollout(application, number));
  if (!rollout) {
    return Fail(NotFound(application + " has no rollout " + std::to_string(number)));
  }
  report::RolloutRows rows;
  const Timestamp until = IsTerminal(rollout->phase) ? rollout->finished_at : clock_.Now();
  rows.events =
      TRY(EventsOf(ledger_, application, rollout->created_at, until,
                   [&](const LedgerEvent& event) { return event.rollout == rollout->id; }));
  if (TRY(ledger_.HasBlob(BlobKind::kPlan, rollout->plan))) rows.plan = TRY(GetPlan(rollout->plan));
  if (auto record = FindPlan(ledger_, application, rollout->plan.Hex())) {
    rows.record = std::move(*record);
  } else if (record.error().code() != ErrorCode::kNotFound) {
    return Fail(record.error());
  }
  rows.approvals = TRY(ApprovalsOf(ledger_, application, rollout->plan));
  rows.rollout = std::move(*rollout);
  return EvidenceFile{report::RolloutPath(application, number),
                      json::WritePretty(report::RolloutEvidence(rows))};
}

}  // namespace swell::control
