// swell history, rollout, manifest, events, quarantine: what was.

#include <algorithm>
#include <deque>

#include "base/core/strings.h"
#include "cli/commands/commands.h"
#include "cli/commands/messages.h"
#include "cli/commands/status_view.h"
#include "cli/output/table.h"
#include "cli/output/text.h"

namespace swell::cli {
namespace {

constexpr int kHistoryPage = 200;
constexpr int kEventPage = 1000;
constexpr int kMaxEventPages = 1000;

std::string WavesDone(const v1::Rollout& rollout) {
  const auto done = std::ranges::count(rollout.waves(), "Done", &v1::Wave::phase);
  return std::to_string(done) + "/" + std::to_string(rollout.waves_size());
}

}  // namespace

Result<int> History(const Session& session, const std::string& application, int limit) {
  v1::HistoryResponse all;
  v1::HistoryRequest request;
  request.set_application(application);
  while (all.rollouts_size() < limit) {
    const int page = std::min(kHistoryPage, limit - all.rollouts_size());
    request.set_limit(page);
    const auto response = TRY(session.client.History(request));
    for (const v1::Rollout& rollout : response.rollouts()) {
      *all.add_rollouts() = rollout;
      request.set_before(rollout.number());
    }
    if (response.rollouts_size() < page) break;
  }
  if (session.format != Format::kTable) {
    TRY(PrintMessage(session, all));
    return kOk;
  }
  if (all.rollouts().empty()) {
    session.write(application + " has no rollout yet\n");
    return kOk;
  }
  Table table({"NUMBER", "KIND", "REVISION", "PHASE", "WAVES", "ACTOR", "AGE", "MESSAGE"});
  const Timestamp now = session.clock.Now();
  for (const v1::Rollout& rollout : all.rollouts()) {
    table.AddRow(
        {std::to_string(rollout.number()),
         rollout.kind() +
             (rollout.rollback_to() > 0 ? " to " + std::to_string(rollout.rollback_to()) : ""),
         RevisionText(rollout.revision()), StateCell(rollout.phase()), WavesDone(rollout),
         rollout.actor(), Age(now, TimeOf(rollout.created_at())), rollout.message()});
  }
  session.write(table.Render(session.terminal));
  return kOk;
}

Result<int> ShowRollout(const Session& session, const std::string& application,
                        std::int64_t number) {
  v1::GetRolloutRequest request;
  request.set_application(application);
  request.set_number(number);
  const v1::Rollout rollout = TRY(session.client.GetRollout(request));
  if (session.format != Format::kTable) {
    TRY(PrintMessage(session, rollout));
    return kOk;
  }
  session.write(RolloutPage(rollout, session.clock.Now(), session.terminal));
  return kOk;
}

Result<int> ShowManifest(const Session& session, const std::string& application,
                         const std::string& cluster, std::int64_t number) {
  v1::GetManifestRequest request;
  request.set_application(application);
  request.set_cluster(cluster);
  request.set_number(number);
  const auto manifest = TRY(session.client.GetManifest(request));
  if (session.format == Format::kJson) {
    TRY(PrintMessage(session, manifest));
    return kOk;
  }
  session.write(manifest.yaml());
  return kOk;
}

Result<int> VerifyHistory(const Session& session, const VerifyOptions& options) {
  v1::VerifyHistoryRequest request;
  request.set_from(options.from);
  request.set_expect(options.expect);
  const auto report = TRY(session.client.VerifyHistory(request));
  const int code = report.damage().empty() ? kOk : kError;
  if (session.format != Format::kTable) {
    TRY(PrintMessage(session, report));
    return code;
  }
  const std::string checked =
      std::to_string(report.links()) + " links (" + std::to_string(report.events()) + " events)";
  if (code != kOk) {
    session.complain(report.damage() + "\nThe " + checked + " before it are as they were written");
    return code;
  }
  session.write(
      checked + " are as they were written; the chain began " +
      FormatTimestamp(std::chrono::floor<std::chrono::seconds>(TimeOf(report.began_at()))) +
      "\nhead " + report.head() + " (link " + std::to_string(report.last()) + ")\n");
  return kOk;
}

Result<int> ShowEvents(const Session& session, const EventOptions& options) {
  // The server pages from the oldest on; what is wanted are the newest.
  std::deque<v1::Event> newest;
  v1::ListEventsRequest request;
  request.set_application(options.application);
  request.set_after(options.after);
  request.set_limit(kEventPage);
  for (int page = 0;; ++page) {
    if (page == kMaxEventPages) {
      return Fail(ResourceExhausted("more than " + std::to_string(kMaxEventPages * kEventPage) +
                                    " events: say where to begin with --after NUMBER"));
    }
    const auto response = TRY(session.client.ListEvents(request));
    for (const v1::Event& event : response.events()) {
      newest.push_back(event);
      if (newest.size() > static_cast<std::size_t>(options.limit)) newest.pop_front();
      request.set_after(event.sequence());
    }
    if (response.events_size() < kEventPage) break;
  }
  if (session.format != Format::kTable) {
    v1::ListEventsResponse all;
    for (const v1::Event& event : newest) *all.add_events() = event;
    TRY(PrintMessage(session, all));
    return kOk;
  }
  if (newest.empty()) {
    session.write("no events\n");
    return kOk;
  }
  Table table({"NUMBER", "TIME", "APPLICATION", "ROLLOUT", "CLUSTER", "TYPE", "ACTOR", "MESSAGE"});
  for (const v1::Event& event : newest) {
    const auto second = std::chrono::floor<std::chrono::seconds>(TimeOf(event.at()));
    table.AddRow({std::to_string(event.sequence()), FormatTimestamp(second), event.application(),
                  event.rollout(), event.cluster(), event.type(), event.actor(), event.message()});
  }
  session.write(table.Render(session.terminal));
  return kOk;
}

Result<int> ListQuarantine(const Session& session, const std::string& application) {
  v1::ListApplicationsResponse list;
  if (application.empty()) {
    list = TRY(session.client.ListApplications({}));
  } else {
    v1::GetApplicationRequest request;
    request.set_name(application);
    *list.add_applications() = TRY(session.client.GetApplication(request));
  }
  if (session.format != Format::kTable) {
    std::vector<Value> items;
    for (const v1::ApplicationStatus& status : list.applications()) {
      for (const v1::Quarantine& q : status.quarantine()) {
        items.push_back(TRY(MessageToValue(q)).With("application", Value(status.name())));
      }
    }
    session.write(PrintValue(
        Value::EmptyObject().With("quarantine", Value::Array(std::move(items))), session.format));
    return kOk;
  }
  Table table({"APPLICATION", "COMMIT", "ROLLOUT", "AGE", "REASON"});
  const Timestamp now = session.clock.Now();
  for (const v1::ApplicationStatus& status : list.applications()) {
    for (const v1::Quarantine& q : status.quarantine()) {
      table.AddRow({status.name(), q.commit().substr(0, 12), "#" + std::to_string(q.rollout()),
                    Age(now, TimeOf(q.at())), q.reason()});
    }
  }
  session.write(table.empty() ? "nothing is quarantined\n" : table.Render(session.terminal));
  return kOk;
}

Result<int> ReleaseQuarantine(const Session& session, const std::string& application,
                              const std::string& commit) {
  v1::ReleaseQuarantineRequest request;
  request.set_application(application);
  request.set_commit(commit);
  request.set_actor(session.actor);
  if (commit.empty()) {
    v1::GetApplicationRequest get;
    get.set_name(application);
    const auto status = TRY(session.client.GetApplication(get));
    if (status.quarantine_size() != 1) {
      std::string names;
      for (const v1::Quarantine& q : status.quarantine()) names += " " + ShortCommit(q.commit());
      return Fail(
          FailedPrecondition(application + (names.empty() ? " has no quarantined revision"
                                                          : " has several, say which:" + names)));
    }
    request.set_commit(status.quarantine(0).commit());
  }
  const auto response = TRY(session.client.ReleaseQuarantine(request));
  if (session.format != Format::kTable) {
    TRY(PrintMessage(session, response));
    return kOk;
  }
  session.write(application + ": revision " + ShortCommit(request.commit()) +
                " released from quarantine\n");
  return kOk;
}

}  // namespace swell::cli
