#include "cli/commands/diff_view.h"

#include "cli/commands/messages.h"
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

void AppendObject(std::string& out, const v1::ObjectDiff& object, const Terminal& terminal) {
  out += "\n  " + Paint(terminal, ToneOf(object.operation()), object.operation()) + " " +
         Paint(terminal, Tone::kBold, OneLine(ObjectTitle(object))) + "\n";
  // What Git changed is in the diff below, but for a Secret, whose diff is empty; what somebody
  // else changed needs saying.
  for (const v1::FieldChange& change : object.changes()) {
    if (change.cause() == "changed" && !object.unified().empty()) continue;
    out += "    " + Paint(terminal, Tone::kWarn, change.cause()) + " " + OneLine(change.path()) +
           ": " + OneLine(change.before().empty() ? "(absent)" : change.before()) + " -> " +
           OneLine(change.after().empty() ? "(absent)" : change.after()) + "\n";
  }
  // "--- live", "+++ desired": the same for every object.
  const std::size_t body = object.unified().find("@@");
  if (body != std::string::npos) out += PaintDiff(terminal, object.unified().substr(body), 4);
}

}  // namespace

DiffCounts CountDiff(const v1::DiffResponse& diff) {
  DiffCounts out;
  for (const v1::DiffGroup& group : diff.groups()) {
    if (!group.error().empty()) {
      out.unreadable_clusters += group.clusters_size();
    } else if (!group.objects().empty()) {
      out.changed_clusters += group.clusters_size();
    }
  }
  return out;
}

std::string DiffPage(const std::string& application, const v1::DiffResponse& diff,
                     const Terminal& terminal) {
  std::string out =
      Paint(terminal, Tone::kBold, application + " at " + OneLine(RevisionText(diff.revision()))) +
      "\n";
  for (const std::string& warning : diff.warnings()) {
    out += Paint(terminal, Tone::kWarn, "warning: " + OneLine(warning)) + "\n";
  }
  std::string unchanged;
  for (const v1::DiffGroup& group : diff.groups()) {
    if (!group.error().empty()) {
      out += "\n" +
             Paint(terminal, Tone::kBad, Clusters(group, "cannot be read", "cannot be read")) +
             "\n  " + OneLine(group.error()) + "\n";
    } else if (group.objects().empty()) {
      unchanged += "\n" + Clusters(group, "needs no change", "need no change") + "\n";
    } else {
      out += "\n" + Paint(terminal, Tone::kBold, Clusters(group, "changes", "change alike")) + "\n";
      for (const v1::ObjectDiff& object : group.objects()) AppendObject(out, object, terminal);
    }
  }
  return out + unchanged;
}

}  // namespace swell::cli
