#include "renderer/helm/coalesce.h"

#include <set>

#include "base/core/strings.h"
#include "renderer/helm/go_types.h"

namespace swell::helm {
namespace {

constexpr std::string_view kGlobal = "global";
// Values that the globals of parents put into their subcharts.
constexpr std::size_t kMaxHandedDown = 20'000'000;

std::size_t CountNodes(const Value& value) {
  std::size_t nodes = 1;
  for (const Value& item : value.items()) nodes += CountNodes(item);
  for (const Member& m : value.members()) nodes += CountNodes(m.value);
  return nodes;
}

// At most so many values the globals are, in the chart and all below it.
std::size_t CountGlobals(const Chart& chart, std::size_t inherited) {
  inherited += CountNodes(chart.values[kGlobal]);
  std::size_t nodes = inherited;
  for (const ChartPtr& sub : chart.dependencies) nodes += CountGlobals(*sub, inherited);
  return nodes;
}

class Coalescer {
 public:
  Coalescer(Nulls nulls, std::vector<std::string>* warnings) : nulls_(nulls), warnings_(warnings) {}

  Status Run(const Chart& chart, Table& dest, const std::string& prefix) {
    ApplyDefaults(chart, dest, prefix);
    return ApplySubcharts(chart, dest, prefix);
  }

  void Merge(Table& dst, Table& src, const std::string& prefix, Nulls nulls) {
    std::set<std::string, std::less<>> defaulted;  // keys that src had a real value for
    for (const auto& [key, node] : src.entries()) {
      if (!node.is_null()) defaulted.insert(key);
    }
    for (const auto& [key, node] : dst.entries()) {
      if (node.is_null()) src.Set(key, Node());
    }
    for (const auto& [key, value] : src.entries()) {
      Node* old = dst.Find(key);
      if (old == nullptr) {
        dst.Set(key, value);
      } else if (nulls == Nulls::kRemove && old->is_null() && defaulted.contains(key)) {
        dst.Erase(key);
      } else if (value.is_table()) {
        if (old->is_table()) {
          Merge(*old->table, *value.table, Join(prefix, key), nulls);
        } else {
          Warn("warning: cannot overwrite table with non table for " + Join(prefix, key) + " (" +
               GoPrint(value.ToValue()) + ")");
        }
      } else if (old->is_table() && !value.is_null()) {
        Warn("warning: destination for " + Join(prefix, key) +
             " is a table. Ignoring non-table value (" + GoPrint(value.leaf) + ")");
      }
    }
  }

 private:
  static std::string Join(const std::string& a, const std::string& b) {
    return a.empty() ? b : a + "." + b;
  }

  void Warn(std::string text) {
    if (warnings_ != nullptr) warnings_->push_back(std::move(text));
  }

  static bool IsSubchart(const Chart& chart, std::string_view key) {
    for (const ChartPtr& sub : chart.dependencies) {
      if (sub->name() == key) return true;
    }
    return false;
  }

  void ApplyDefaults(const Chart& chart, Table& dest, const std::string& prefix) {
    const std::string here = Join(prefix, chart.name());
    for (const Member& m : chart.values.members()) {
      Node* old = dest.Find(m.name());
      if (old == nullptr) {
        dest.Set(m.name(), Node(m.value));
      } else if (old->is_null() && nulls_ == Nulls::kRemove) {
        dest.Erase(m.name());
      } else if (old->is_table()) {
        const std::string key(m.name());
        if (m.value.is_object()) {
          Table src(m.value);
          Merge(*old->table, src, Join(here, key), IsSubchart(chart, key) ? Nulls::kKeep : nulls_);
        } else if (!m.value.is_null()) {
          Warn("warning: skipped value for " + Join(here, key) + ": Not a table.");
        }
      }
    }
  }

  Status ApplySubcharts(const Chart& chart, Table& dest, const std::string& prefix) {
    const std::string here = Join(prefix, chart.name());
    for (const ChartPtr& sub : chart.dependencies) {
      Node* node = dest.Find(sub->name());
      if (node == nullptr) {
        dest.Set(sub->name(), Node(std::make_shared<Table>()));
        node = dest.Find(sub->name());
      } else if (!node->is_table()) {
        return Fail(
            InvalidArgument("type mismatch on " + sub->name() + ": " + GoBadBool(node->leaf)));
      }
      const TablePtr table = node->table;
      HandDownGlobals(*table, dest, here);
      TRY(Run(*sub, *table, here));
    }
    return {};
  }

  // Copies the parent's globals into the subchart's; the parent's win, tables are merged. Only
  // the first level is copied: deeper tables stay shared between the charts.
  void HandDownGlobals(Table& sub, Table& parent, const std::string& prefix) {
    Node* sub_node = sub.Find(kGlobal);
    if (sub_node != nullptr && !sub_node->is_table()) {
      return Warn("warning: skipping globals because destination global is not a table.");
    }
    const TablePtr into = sub_node != nullptr ? sub_node->table : std::make_shared<Table>();
    Node* parent_node = parent.Find(kGlobal);
    if (parent_node != nullptr && !parent_node->is_table()) {
      return Warn("warning: skipping globals because source global is not a table.");
    }
    if (parent_node != nullptr) {
      for (const auto& [key, value] : parent_node->table->entries()) {
        HandDown(key, value, *into, prefix);
      }
    }
    sub.Set(kGlobal, Node(into));
  }

  void HandDown(const std::string& key, const Node& value, Table& into, const std::string& prefix) {
    Node* old = into.Find(key);
    if (!value.is_table()) {
      if (old != nullptr && old->is_table()) return Warn("key " + key + " is table. Skipping");
      into.Set(key, value);
      return;
    }
    const TablePtr copy = value.table->ShallowCopy();
    if (old != nullptr && !old->is_table()) {
      return Warn("Conflict: cannot merge map onto non-map for " + Quote(key) + ". Skipping.");
    }
    if (old != nullptr) Merge(*copy, *old->table, Join(prefix, key), Nulls::kKeep);
    into.Set(key, Node(copy));
  }

  Nulls nulls_;
  std::vector<std::string>* warnings_;
};

}  // namespace

Result<TablePtr> CoalesceValues(const Chart& chart, const Value& user, Nulls nulls,
                                std::vector<std::string>* warnings) {
  if (CountGlobals(chart, CountNodes(user[kGlobal])) > kMaxHandedDown) {
    return Fail(ResourceExhausted("chart " + chart.name() + ": its globals, handed down to every " +
                                  "subchart, are more than " + std::to_string(kMaxHandedDown) +
                                  " values"));
  }
  auto dest = std::make_shared<Table>(user.is_object() ? user : Value::EmptyObject());
  TRY(Coalescer(nulls, warnings).Run(chart, *dest, ""));
  return dest;
}

void MergeTables(Table& dst, Table& src, Nulls nulls, std::vector<std::string>* warnings) {
  Coalescer(nulls, warnings).Merge(dst, src, "", nulls);
}

TablePtr FindTable(const TablePtr& root, std::string_view path) {
  TablePtr table = root;
  for (std::string_view key : Split(path, '.')) {
    Node* node = table->Find(key);
    if (node == nullptr || !node->is_table()) return nullptr;
    table = node->table;
  }
  return table;
}

const Node* FindLeaf(const TablePtr& root, std::string_view path) {
  const std::size_t dot = path.rfind('.');
  const TablePtr table =
      dot == std::string_view::npos ? root : FindTable(root, path.substr(0, dot));
  if (table == nullptr) return nullptr;
  const Node* node = table->Find(dot == std::string_view::npos ? path : path.substr(dot + 1));
  return node != nullptr && !node->is_table() ? node : nullptr;
}

}  // namespace swell::helm
