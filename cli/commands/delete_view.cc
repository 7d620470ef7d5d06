#include "cli/commands/delete_view.h"

#include <map>

#include "cli/commands/messages.h"
#include "cli/output/text.h"

namespace swell::cli {
namespace {

constexpr int kNamesShown = 10;
constexpr int kObjectsShown = 50;

std::string TitleOf(const v1::ObjectDiff& object) {
  std::string out = object.group().empty() ? "" : object.group() + "/";
  out += object.kind() + " ";
  if (!object.namespace_().empty()) out += object.namespace_() + "/";
  return OneLine(out + object.name());
}

// What happens to the group's objects, in order.
std::string LinesOf(const v1::DiffGroup& group, const Terminal& terminal) {
  std::string out;
  if (!group.error().empty()) {
    out += "  " + Paint(terminal, Tone::kBad, "cannot be read: " + OneLine(group.error())) + "\n";
  }
  int shown = 0;
  for (const v1::ObjectDiff& object : group.objects()) {
    if (++shown > kObjectsShown) continue;
    // A deletion creates hooks alone.
    const bool hook = object.operation() != "delete";
    out += "  " + (hook ? "run hook " : Paint(terminal, Tone::kBad, "delete") + "   ") +
           TitleOf(object) + "\n";
  }
  if (shown > kObjectsShown) out += "  … " + std::to_string(shown - kObjectsShown) + " more\n";
  return out;
}

}  // namespace

std::string DeletionPage(const std::string& application, const v1::DiffResponse& plan,
                         const Terminal& terminal) {
  std::size_t objects = 0;
  std::size_t clusters = 0;
  // The server's groups differ by the uids of what is deleted; for a person they are alike.
  std::map<std::string, v1::DiffGroup> alike;
  for (const v1::DiffGroup& group : plan.groups()) {
    if (group.objects().empty() && group.error().empty()) continue;
    const auto members = static_cast<std::size_t>(group.clusters_size());
    clusters += members;
    for (const v1::ObjectDiff& object : group.objects()) {
      if (object.operation() == "delete") objects += members;
    }
    alike[LinesOf(group, terminal)].mutable_clusters()->MergeFrom(group.clusters());
  }
  std::string groups;
  for (const auto& [lines, group] : alike) {
    groups += "\n" + Count(static_cast<std::size_t>(group.clusters_size()), "cluster") + ": " +
              OneLine(NameList(group.clusters(), kNamesShown)) + "\n" + lines;
  }
  std::string out = Paint(terminal, Tone::kBold, application) + " goes, with " +
                    Count(objects, "object") + " in " + Count(clusters, "cluster") + " (plan " +
                    plan.plan().substr(0, 12) + ")\n" + groups;
  if (!plan.warnings().empty()) out += "\n";
  for (const std::string& warning : plan.warnings()) out += OneLine(warning) + "\n";
  return out;
}

}  // namespace swell::cli
