#include "cli/commands/tree_view.h"

#include <algorithm>
#include <map>

#include "cli/commands/messages.h"
#include "cli/output/table.h"
#include "cli/output/text.h"

namespace swell::cli {
namespace {

struct Glyphs {
  const char* branch;
  const char* last;
  const char* through;
  const char* space;
};
constexpr char kBlank[] = " ";  // where a "-" would only disturb the picture
constexpr Glyphs kUnicode{"├─ ", "└─ ", "│  ", "   "};
constexpr Glyphs kAscii{"|- ", "`- ", "|  ", "   "};

void CountNamespaces(const v1::TreeNode& node, std::map<std::string, int>& counts) {
  if (!node.namespace_().empty()) ++counts[node.namespace_()];
  for (const v1::TreeNode& child : node.children()) CountNamespaces(child, counts);
}

// That of most objects: it is left out of the names.
std::string UsualNamespace(const v1::GetTreeResponse& tree) {
  std::map<std::string, int> counts;
  for (const v1::ClusterTree& cluster : tree.clusters()) {
    for (const v1::TreeNode& node : cluster.objects()) CountNamespaces(node, counts);
  }
  const auto most =
      std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; });
  return most == counts.end() ? "" : most->first;
}

class Drawing {
 public:
  Drawing(const v1::GetTreeResponse& tree, Timestamp now, const Terminal& terminal)
      : now_(now), glyphs_(terminal.unicode ? kUnicode : kAscii), usual_(UsualNamespace(tree)) {}

  void Add(const v1::ClusterTree& cluster) {
    if (!cluster.error().empty()) {
      table_.AddRow({Cell(cluster.cluster(), Tone::kBold), StateCell("Unreachable"), kBlank, kBlank,
                     kBlank, cluster.error()});
      return;
    }
    table_.AddRow({Cell(cluster.cluster(), Tone::kBold), kBlank, kBlank, kBlank, kBlank,
                   cluster.objects().empty() ? "nothing to show" : ""});
    const int rows = cluster.objects_size();
    for (int i = 0; i < rows; ++i) Add(cluster.objects(i), "", i + 1 == rows);
  }

  std::string Render(const Terminal& terminal) const { return table_.Render(terminal); }

 private:
  void Add(const v1::TreeNode& node, const std::string& indent, bool last) {
    std::string name = node.kind() + "/" + node.name();
    if (!node.namespace_().empty() && node.namespace_() != usual_) {
      name += " (" + node.namespace_() + ")";
    }
    std::string message = node.health().message();
    if (node.deleting()) message = message.empty() ? "being deleted" : "being deleted; " + message;
    const std::string ready = std::to_string(node.ready()) + "/" + std::to_string(node.total());
    table_.AddRow(
        {indent + (last ? glyphs_.last : glyphs_.branch) + name,
         node.has_health() ? StateCell(node.health().status()) : Cell(kBlank),
         node.total() > 0 ? Cell(ready, node.ready() < node.total() ? Tone::kWarn : Tone::kPlain)
                          : Cell(kBlank),
         node.restarts() > 0 ? Cell(std::to_string(node.restarts()), Tone::kWarn) : Cell(kBlank),
         node.has_created_at() ? Age(now_, TimeOf(node.created_at())) : kBlank, message});
    const std::string below = indent + (last ? glyphs_.space : glyphs_.through);
    const auto folded = node.folded().find("ReplicaSet");
    const bool more = folded != node.folded().end();
    const int rows = node.children_size();
    for (int i = 0; i < rows; ++i) Add(node.children(i), below, i + 1 == rows && !more);
    if (!more) return;
    const auto count = static_cast<std::size_t>(folded->second);
    table_.AddRow({Cell(below + glyphs_.last + Count(count, "older ReplicaSet"), Tone::kDim),
                   kBlank, kBlank, kBlank, kBlank, ""});
  }

  const Timestamp now_;
  const Glyphs glyphs_;
  const std::string usual_;
  Table table_{{"OBJECT", "HEALTH", "READY", "RESTARTS", "AGE", "MESSAGE"}};
};

}  // namespace

std::string TreePage(const v1::GetTreeResponse& tree, Timestamp now, const Terminal& terminal) {
  Drawing drawing(tree, now, terminal);
  for (const v1::ClusterTree& cluster : tree.clusters()) drawing.Add(cluster);
  return drawing.Render(terminal);
}

}  // namespace swell::cli
