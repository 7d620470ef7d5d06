// index.html of an evidence pack.

#include <string_view>

#include "base/text/html.h"
#include "reconciler/report/evidence.h"

namespace swell::report {
namespace {

constexpr std::string_view kHead =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<title>Swell: evidence</title>\n<style>\n"
    "body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; }\n"
    "table { border-collapse: collapse; width: 100%; }\n"
    "th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #ccc;\n"
    "  vertical-align: top; }\n"
    "code { font-size: 90%; }\n.bad { color: #a00; }\n"
    "</style>\n</head>\n<body>\n";

std::string Moment(Timestamp at) {
  if (at == Timestamp{}) return "-";
  return FormatTimestamp(std::chrono::floor<std::chrono::seconds>(at));
}

std::string Cell(const std::string& text) { return "<td>" + EscapeHtml(text) + "</td>"; }

// Names of applications are DNS labels: nothing in a path needs escaping but for HTML.
std::string Link(const std::string& path, const std::string& text) {
  return "<a href=\"" + EscapeHtml(path) + "\">" + EscapeHtml(text) + "</a>";
}

std::string WavesText(const RolloutState& rollout) {
  std::string out;
  for (const WaveProgress& wave : rollout.waves) {
    out += (out.empty() ? "" : "; ") + wave.name + " " + std::string(WavePhaseName(wave.phase));
  }
  return out;
}

std::string Row(const RolloutState& rollout) {
  const bool bad =
      rollout.phase == RolloutPhase::kFailed || rollout.phase == RolloutPhase::kRolledBack;
  return "<tr><td>" +
         Link(RolloutPath(rollout.application, rollout.number), std::to_string(rollout.number)) +
         "</td>" + Cell(std::string(PlanKindName(rollout.kind))) + "<td><code>" +
         EscapeHtml(rollout.revision.commit.substr(0, 12)) + "</code></td><td><code>" +
         EscapeHtml(rollout.plan.Short()) + "</code></td>" + Cell(rollout.actor) +
         Cell(Moment(rollout.created_at)) + Cell(Moment(rollout.finished_at)) + "<td" +
         (bad ? " class=\"bad\"" : "") + ">" +
         EscapeHtml(std::string(RolloutPhaseName(rollout.phase)) +
                    (rollout.message.empty() ? "" : ": " + rollout.message)) +
         "</td>" + Cell(WavesText(rollout)) + "</tr>\n";
}

std::string Section(const ApplicationRows& rows) {
  std::string out = "<h2>" + Link(ApplicationPath(rows.application), rows.application) + "</h2>\n";
  out += "<p>" + std::to_string(rows.rollouts.size()) + " rollouts, " +
         std::to_string(rows.quarantine.size()) + " revisions in quarantine, " +
         std::to_string(rows.records.size()) + " records (approvals, freezes, overrides, drift), " +
         std::to_string(rows.deleted.size()) + " deleted objects that are kept, " +
         std::to_string(rows.events.size()) + " events outside of rollouts.</p>\n";
  if (rows.rollouts.empty()) return out;
  out +=
      "<table>\n<tr><th>Rollout</th><th>Kind</th><th>Commit</th><th>Plan</th><th>Asked by</th>"
      "<th>Begun</th><th>Ended</th><th>Outcome</th><th>Waves</th></tr>\n";
  for (const RolloutState& rollout : rows.rollouts) out += Row(rollout);
  return out + "</table>\n";
}

}  // namespace

std::string EvidenceIndex(const Window& window, const std::vector<ApplicationRows>& applications,
                          const VerifyReport& ledger) {
  std::string out(kHead);
  out +=
      "<h1>Evidence of rollouts</h1>\n<p>From " + Moment(window.since) + " to before " +
      Moment(window.until) +
      ", times in UTC. Each rollout's file has who asked, who approved, the plan's digest and "
      "changes (values of Secrets redacted), waves and gates with their times, the proof of each "
      "cluster, and its events.</p>\n";
  out += "<p" + std::string(ledger.ok() ? "" : " class=\"bad\"") + ">" +
         Link(kLedgerPath, "The ledger") +
         " that this was read from: " + std::to_string(ledger.links) +
         " links of its hash chain were checked, " +
         (ledger.ok() ? "all are as they were written; head <code>" + ledger.head.Hex() + "</code>"
                      : EscapeHtml(ledger.damage)) +
         ".</p>\n";
  for (const ApplicationRows& rows : applications) out += Section(rows);
  return out + "</body>\n</html>\n";
}

}  // namespace swell::report
