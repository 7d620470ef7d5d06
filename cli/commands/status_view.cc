#include "cli/commands/status_view.h"

#include <map>
#include <tuple>

#include "cli/commands/messages.h"
#include "cli/commands/progress.h"
#include "cli/output/table.h"
#include "cli/output/text.h"

namespace swell::cli {
namespace {

// "#3 Progressing"
std::string RolloutText(const v1::Rollout& rollout) {
  return rollout.id().empty() ? "" : "#" + std::to_string(rollout.number()) + " " + rollout.phase();
}

std::string Moment(const google::protobuf::Timestamp& time) {
  return FormatTimestamp(std::chrono::floor<std::chrono::seconds>(TimeOf(time)));
}

// What a person should know first.
std::string Trouble(const v1::ApplicationStatus& status) {
  if (!status.source_error().empty()) return status.source_error();
  if (!status.error().empty()) return status.error();
  return status.hold();
}

class Page {
 public:
  explicit Page(const Terminal& terminal) : terminal_(terminal) {}

  void Field(const std::string& name, const std::string& text, Tone tone = Tone::kPlain) {
    if (text.empty()) return;
    out_ += Paint(terminal_, Tone::kDim, PadRight(name, 13)) +
            Paint(terminal_, tone, OneLine(text)) + "\n";
  }
  void Section(const std::string& text) {
    out_ += "\n" + Paint(terminal_, Tone::kBold, text) + "\n";
  }
  void Text(const std::string& text) { out_ += text; }
  void Progress(const v1::Rollout& rollout, Timestamp now) {
    Terminal roomy = terminal_;
    roomy.height = 0;  // a page may scroll
    for (const std::string& line : ProgressLines(rollout, now, roomy)) out_ += line + "\n";
  }
  std::string Take() { return std::move(out_); }

 private:
  const Terminal& terminal_;
  std::string out_;
};

void RevisionFields(Page& page, const v1::Revision& revision, Timestamp now) {
  page.Field("Repository", revision.repository());
  std::string text = RevisionText(revision);
  if (!revision.message().empty()) {
    text += "  " + revision.message().substr(0, revision.message().find('\n'));
  }
  if (!revision.author().empty()) text += "  (" + revision.author();
  if (!revision.author().empty()) {
    text += revision.has_time() ? ", " + Age(now, TimeOf(revision.time())) + " ago)" : ")";
  }
  page.Field("Revision", text);
}

// Clusters that stand alike share a line: a fleet must fit on a screen.
std::string ClusterTable(const v1::ApplicationStatus& status, Timestamp now,
                         const Terminal& terminal) {
  using Key = std::tuple<std::string, std::string, std::string, std::int64_t>;
  struct Group {
    google::protobuf::RepeatedPtrField<std::string> names;
    Timestamp newest;
  };
  std::map<Key, Group> groups;
  for (const v1::ClusterRecord& c : status.clusters()) {
    Group& group = groups[{c.health().status(), c.health().message(), c.commit(), c.rollout()}];
    group.names.Add(std::string(c.cluster()));
    group.newest = std::max(group.newest, TimeOf(c.updated_at()));
  }
  Table table({"HEALTH", "COMMIT", "ROLLOUT", "CHANGED", "CLUSTERS", "MESSAGE"});
  for (const auto& [key, group] : groups) {
    const auto& [health, message, commit, rollout] = key;
    const auto count = static_cast<std::size_t>(group.names.size());
    table.AddRow({StateCell(health), ShortCommit(commit),
                  rollout > 0 ? "#" + std::to_string(rollout) : "", Age(now, group.newest),
                  (count > 1 ? std::to_string(count) + ": " : "") + NameList(group.names, 8),
                  message});
  }
  return table.Render(terminal);
}

// What the waves waited for and wait for; "" where they wait for nothing beside health.
std::string GateTable(const v1::Rollout& rollout, Timestamp now, const Terminal& terminal) {
  Table table({"WAVE", "GATE", "PHASE", "ASKED", "MESSAGE"});
  bool any = false;
  for (const v1::Wave& wave : rollout.waves()) {
    for (const auto* gates : {&wave.approvals(), &wave.gates()}) {
      for (const v1::Gate& gate : *gates) {
        any = true;
        table.AddRow({wave.name(), gate.name(), StateCell(gate.phase()),
                      gate.has_asked_at() ? Age(now, TimeOf(gate.asked_at())) + " ago" : "never",
                      gate.message()});
      }
    }
  }
  return any ? table.Render(terminal) : "";
}

}  // namespace

std::string ApplicationTable(const v1::ListApplicationsResponse& applications, Timestamp now,
                             const Terminal& terminal) {
  if (applications.applications().empty()) {
    return "no applications yet: declare one with swell apply -f FILE\n";
  }
  Table table({"NAME", "SYNC", "HEALTH", "REVISION", "CLUSTERS", "ROLLOUT", "AGE", "MESSAGE"});
  for (const v1::ApplicationStatus& a : applications.applications()) {
    const std::string trouble = Trouble(a);
    const v1::Rollout& rollout = a.rollout();
    table.AddRow(
        {a.name(), StateCell(a.sync()), StateCell(a.health().status()), RevisionText(a.revision()),
         std::to_string(a.clusters_size()), Cell(RolloutText(rollout), ToneOf(rollout.phase())),
         Age(now, TimeOf(rollout.finished() ? rollout.finished_at() : rollout.created_at())),
         trouble.empty() ? a.health().message() : trouble});
  }
  return table.Render(terminal);
}

std::string ApplicationPage(const v1::ApplicationStatus& status, Timestamp now,
                            const Terminal& terminal) {
  Page page(terminal);
  page.Field("Application", status.name(), Tone::kBold);
  page.Field("Project", status.project());
  RevisionFields(page, status.revision(), now);
  page.Field("Sync", status.sync() + (status.auto_sync() ? " (automatic)" : " (by hand)"),
             ToneOf(status.sync()));
  page.Field("Health", HealthText(status.health()), ToneOf(status.health().status()));
  page.Field("Source error", status.source_error(), Tone::kBad);
  page.Field("Error", status.error(), Tone::kBad);
  const std::string until =
      status.has_held_until() ? "  (looked at again at " + Moment(status.held_until()) + ")" : "";
  page.Field("Hold", status.hold().empty() ? "" : status.hold() + until, Tone::kWarn);
  for (const std::string& barrier : status.barriers()) {
    // A hold that says so already is enough.
    if (status.hold() != barrier) page.Field("Closed", barrier, Tone::kWarn);
  }
  page.Field("Override", status.override(), Tone::kBad);
  if (!status.rollout().id().empty()) {
    page.Section("Rollout");
    page.Progress(status.rollout(), now);
  }
  if (!status.clusters().empty()) {
    page.Section("Clusters");
    page.Text(ClusterTable(status, now, terminal));
  }
  if (!status.quarantine().empty()) {
    page.Section("Quarantine");
    Table table({"COMMIT", "ROLLOUT", "AGE", "REASON"});
    for (const v1::Quarantine& q : status.quarantine()) {
      table.AddRow({ShortCommit(q.commit()), "#" + std::to_string(q.rollout()),
                    Age(now, TimeOf(q.at())), q.reason()});
    }
    page.Text(table.Render(terminal));
  }
  return page.Take();
}

std::string RolloutPage(const v1::Rollout& rollout, Timestamp now, const Terminal& terminal) {
  Page page(terminal);
  page.Field("Rollout", rollout.id(), Tone::kBold);
  page.Field("Kind", rollout.kind() + (rollout.rollback_to() > 0
                                           ? " to #" + std::to_string(rollout.rollback_to())
                                           : ""));
  RevisionFields(page, rollout.revision(), now);
  page.Field("Plan", rollout.plan().substr(0, 12));
  page.Field("Actor", rollout.actor());
  page.Field("Reason", rollout.reason());
  page.Field("Phase", rollout.phase(), ToneOf(rollout.phase()));
  page.Field("Message", rollout.message());
  page.Field("Pause", rollout.pause(), Tone::kWarn);
  page.Field("Held", rollout.held(), Tone::kWarn);
  page.Field("Created", rollout.has_created_at()
                            ? Moment(rollout.created_at()) + "  (" +
                                  Age(now, TimeOf(rollout.created_at())) + " ago)"
                            : "");
  if (rollout.has_finished_at()) {
    page.Field("Finished", Moment(rollout.finished_at()) + "  (after " +
                               Span(TimeOf(rollout.finished_at()) - TimeOf(rollout.created_at())) +
                               ")");
  }
  page.Text("\n");
  Table table({"WAVE", "CLUSTER", "PHASE", "CHANGES", "HEALTH", "MESSAGE"});
  for (const v1::Wave& wave : rollout.waves()) {
    for (const v1::RolloutCluster& c : wave.clusters()) {
      table.AddRow({wave.name(), c.name(), StateCell(c.phase()), c.has_changes() ? "yes" : "no",
                    StateCell(c.health().status()),
                    !c.error().empty()   ? c.error()
                    : !c.waits().empty() ? c.waits()
                                         : c.health().message()});
    }
  }
  page.Text(table.Render(terminal));
  if (const std::string gates = GateTable(rollout, now, terminal); !gates.empty()) {
    page.Section("Gates");
    page.Text(gates);
  }
  return page.Take();
}

}  // namespace swell::cli
