#include "cli/commands/diff_view.h"

#include <vector>

#include "base/core/strings.h"
#include "cli/commands/messages.h"
#include "cli/output/diff.h"
#include "cli/output/format.h"
#include "cli/output/text.h"

namespace swell::cli {
namespace {

constexpr int kNamesShown = 10;

std::string Clusters(const v1::DiffGroup& group, const char* one, const char* many) {
  const bool single = group.clusters_size() == 1;
  return Count(static_cast<std::size_t>(group.clusters_size()), "cluster") + " " +
         (single ? one : many) + ": " + OneLine(NameList(group.clusters(), kNamesShown));
}

std::string ObjectTitle(const v1::ObjectDiff& object) {
  std::string out = object.kind();
  if (!object.group().empty()) out += "." + object.group();
  out += " ";
  if (!object.namespace_().empty()) out += object.namespace_() + "/";
  return out + object.name();
}

// " (kubectl-edit, 2026-01-02T00:00:00Z)"
std::string Writer(const v1::FieldChange& change) {
  if (change.manager().empty()) return "";
  return " (" + OneLine(change.manager()) +
         (change.time().empty() ? "" : ", " + OneLine(change.time())) + ")";
}

std::string Causes(const v1::ObjectDiff& object, const Terminal& terminal) {
  std::vector<CauseRow> rows;
  for (const v1::FieldChange& c : object.changes()) {
    rows.push_back({c.path(), c.cause(), c.manager(), c.time(), c.before(), c.after(), c.note()});
  }
  Terminal inner = terminal;
  if (inner.width > 4) inner.width -= 4;
  std::string out;
  const std::string table = CausesTable(inner, rows);
  for (const std::string_view line : Split(table, '\n')) {
    if (!line.empty()) out += "    " + std::string(line) + "\n";
  }
  return out;
}

void AppendObject(std::string& out, const v1::ObjectDiff& object, DiffView view,
                  const Terminal& terminal) {
  const bool same = object.operation() == "none";
  const std::string operation = same ? "no change of" : object.operation();
  out += "\n  " + Paint(terminal, ToneOf(object.operation()), operation) + " " +
         Paint(terminal, Tone::kBold, OneLine(ObjectTitle(object))) + "\n";
  if (view == DiffView::kCauses && object.changes_size() > 0) {
    out += Causes(object, terminal);
    return;
  }
  // What Git changed is in the diff below; what somebody else changed needs saying.
  for (const v1::FieldChange& change : object.changes()) {
    if (change.cause() == "changed" && !object.unified().empty()) continue;
    out += "    " + Paint(terminal, Tone::kWarn, change.cause()) + " " + OneLine(change.path()) +
           ": " + OneLine(change.before().empty() ? "(absent)" : change.before()) + " -> " +
           OneLine(change.after().empty() ? "(absent)" : change.after()) + Writer(change) + "\n";
  }
  // "--- live", "+++ desired": the same for every object.
  const std::size_t body = object.unified().find("@@");
  if (body == std::string::npos) return;
  const std::string_view diff = std::string_view(object.unified()).substr(body);
  out +=
      view == DiffView::kSideBySide ? SideBySide(terminal, diff, 4) : PaintDiff(terminal, diff, 4);
}

// Objects that only differ where nothing needs to be done about it are no changes.
bool Changes(const v1::DiffGroup& group) {
  for (const v1::ObjectDiff& object : group.objects()) {
    if (object.operation() != "none") return true;
  }
  return false;
}

}  // namespace

DiffCounts CountGroups(const DiffGroups& groups) {
  DiffCounts out;
  for (const v1::DiffGroup& group : groups) {
    if (!group.error().empty()) {
      out.unreadable_clusters += group.clusters_size();
    } else if (Changes(group)) {
      out.changed_clusters += group.clusters_size();
    }
  }
  return out;
}

std::string DiffPage(const std::string& application, const v1::DiffResponse& diff, DiffView view,
                     const Terminal& terminal) {
  std::string out =
      Paint(terminal, Tone::kBold, application + " at " + OneLine(RevisionText(diff.revision()))) +
      "\n";
  for (const std::string& warning : diff.warnings()) {
    out += Paint(terminal, Tone::kWarn, "warning: " + OneLine(warning)) + "\n";
  }
  return out + GroupsText(diff.groups(), view, terminal);
}

std::string GroupsText(const DiffGroups& groups, DiffView view, const Terminal& terminal) {
  std::string out;
  std::string unchanged;
  for (const v1::DiffGroup& group : groups) {
    if (!group.error().empty()) {
      out += "\n" +
             Paint(terminal, Tone::kBad, Clusters(group, "cannot be read", "cannot be read")) +
             "\n  " + OneLine(group.error()) + "\n";
    } else if (group.objects().empty()) {
      unchanged += "\n" + Clusters(group, "needs no change", "need no change") + "\n";
    } else {
      const std::string title = Changes(group)
                                    ? Clusters(group, "changes", "change alike")
                                    : Clusters(group, "needs no change", "need no change");
      out += "\n" + Paint(terminal, Tone::kBold, title) + "\n";
      for (const v1::ObjectDiff& object : group.objects()) {
        AppendObject(out, object, view, terminal);
      }
    }
  }
  return out + unchanged;
}

}  // namespace swell::cli
