#include "renderer/helm/dependencies.h"

#include <set>

#include "base/core/strings.h"
#include "renderer/helm/coalesce.h"
#include "renderer/helm/go_types.h"
#include "renderer/helm/version.h"

namespace swell::helm {
namespace {

using Warnings = std::vector<std::string>*;

void Warn(Warnings warnings, std::string text) {
  if (warnings != nullptr) warnings->push_back(std::move(text));
}

struct ChartSize {
  std::size_t charts = 1;
  std::size_t bytes = 0;
};

ChartSize SizeOf(const Chart& chart) {
  ChartSize size{.bytes = chart.bytes};
  for (const ChartPtr& sub : chart.dependencies) {
    const ChartSize inner = SizeOf(*sub);
    size.charts += inner.charts;
    size.bytes += inner.bytes;
  }
  return size;
}

// How large the whole chart is while aliases copy parts of it: three aliases each of three
// aliases … are soon more than fits any memory.
class CopyBudget {
 public:
  CopyBudget(const Chart& root, const Limits& limits) : limits_(limits), size_(SizeOf(root)) {}

  Status Add(const Chart& parent, const Dependency& dependency, const Chart& copied) {
    const ChartSize more = SizeOf(copied);
    size_.charts += more.charts;
    size_.bytes += more.bytes;
    const std::string at = "Chart.yaml of " + parent.name() + ", dependency " + dependency.name +
                           (dependency.alias.empty() ? "" : " alias " + dependency.alias) + ": ";
    if (size_.charts > limits_.max_charts) {
      return Fail(ResourceExhausted(at + "with its aliases the chart has more than " +
                                    std::to_string(limits_.max_charts) +
                                    " subcharts (budget max_charts)"));
    }
    if (size_.bytes > limits_.max_chart_bytes) {
      return Fail(ResourceExhausted(at + "with its aliases the chart is larger than " +
                                    std::to_string(limits_.max_chart_bytes) +
                                    " bytes (budget max_chart_bytes)"));
    }
    return {};
  }
  void Remove(const Chart& gone) {
    const ChartSize less = SizeOf(gone);
    size_.charts -= less.charts;
    size_.bytes -= less.bytes;
  }

 private:
  const Limits& limits_;
  ChartSize size_;
};

// The chart that `dependency` declares; null where charts/ has none of that name and version.
const Chart* Declared(const std::vector<ChartPtr>& charts, const Dependency& dependency) {
  for (const ChartPtr& chart : charts) {
    if (chart->name() == dependency.name &&
        IsCompatibleRange(dependency.version, chart->metadata.version)) {
      return chart.get();
    }
  }
  return nullptr;
}

// Undeclared charts first, then the declared ones in Chart.yaml's order.
Status ArrangeDependencies(Chart& chart, CopyBudget& budget) {
  std::vector<ChartPtr> arranged;
  for (const ChartPtr& sub : chart.dependencies) {
    bool declared = false;
    for (const Dependency& d : chart.metadata.dependencies) {
      declared = declared ||
                 (sub->name() == d.name && IsCompatibleRange(d.version, sub->metadata.version));
    }
    if (!declared) {
      arranged.push_back(sub);
    } else {
      budget.Remove(*sub);
    }
  }
  for (Dependency& d : chart.metadata.dependencies) {
    if (const Chart* found = Declared(chart.dependencies, d)) {
      TRY(budget.Add(chart, d, *found));
      ChartPtr copy = DeepCopy(*found);
      if (!d.alias.empty()) copy->metadata.name = d.alias;
      arranged.push_back(std::move(copy));
    }
    if (!d.alias.empty()) d.name = d.alias;
  }
  chart.dependencies = std::move(arranged);
  return {};
}

void ApplyTags(std::vector<Dependency>& dependencies, const TablePtr& values, Warnings warnings) {
  const TablePtr tags = FindTable(values, "tags");
  if (tags == nullptr) return;
  for (Dependency& d : dependencies) {
    bool any_true = false;
    bool any_false = false;
    for (const std::string& tag : d.tags) {
      const Node* value = tags->Find(tag);
      if (value == nullptr) continue;
      if (!value->leaf.is_bool()) {
        Warn(warnings, "returned non-bool value tag=" + tag + " chart=" + d.name);
      } else if (value->leaf.as_bool()) {
        any_true = true;
      } else {
        any_false = true;
      }
    }
    d.enabled = any_true || !any_false;
  }
}

// Of a comma list the first path that leads to a bool decides.
void ApplyConditions(std::vector<Dependency>& dependencies, const TablePtr& values,
                     const std::string& path, Warnings warnings) {
  for (Dependency& d : dependencies) {
    for (std::string_view condition : Split(Trim(d.condition), ',')) {
      if (condition.empty()) continue;
      const Node* value = FindLeaf(values, path + std::string(condition));
      if (value == nullptr) continue;
      if (value->leaf.is_bool()) {
        d.enabled = value->leaf.as_bool();
        break;
      }
      Warn(warnings, "returned non-bool value path=" + std::string(condition) + " chart=" + d.name);
    }
  }
}

Status Enable(Chart& chart, const Value& user, const std::string& path, CopyBudget& budget,
              Warnings warnings) {
  if (chart.metadata.dependencies.empty()) return {};
  TRY(ArrangeDependencies(chart, budget));
  auto& declared = chart.metadata.dependencies;
  for (Dependency& d : declared) d.enabled = true;
  const TablePtr values = TRY(CoalesceValues(chart, user, Nulls::kRemove, nullptr));
  ApplyTags(declared, values, warnings);
  ApplyConditions(declared, values, path, warnings);

  std::set<std::string, std::less<>> disabled;
  for (const Dependency& d : declared) {
    if (!d.enabled) disabled.insert(d.name);
  }
  std::erase_if(chart.dependencies, [&](const ChartPtr& c) {
    if (!disabled.contains(c->name())) return false;
    budget.Remove(*c);
    return true;
  });
  std::erase_if(declared, [&](const Dependency& d) { return disabled.contains(d.name); });
  const Value handed_down = values->ToValue();
  for (const ChartPtr& sub : chart.dependencies) {
    TRY(Enable(*sub, handed_down, path + sub->name() + ".", budget, warnings));
  }
  return {};
}

// {a: {b: table}} for the path "a.b"; the table itself for ".".
TablePtr AtPath(const std::string& path, TablePtr table) {
  if (path == ".") return table;
  const auto keys = Split(path, '.');
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
    auto outer = std::make_shared<Table>();
    outer->Set(*key, Node(table));
    table = outer;
  }
  return table;
}

// Values that import-values merge into parents, all charts together.
constexpr std::size_t kMaxImported = 20'000'000;

std::size_t CountNodes(const Value& value) {
  std::size_t nodes = 1;
  for (const Value& item : value.items()) nodes += CountNodes(item);
  for (const Member& m : value.members()) nodes += CountNodes(m.value);
  return nodes;
}

Status ImportOne(const Dependency& dependency, const Value& import, const TablePtr& values,
                 Table& imported, std::size_t& count, Warnings warnings) {
  std::string child;
  std::string parent = ".";
  if (import.is_string()) {
    child = "exports." + import.str();
  } else if (import.is_object()) {
    child = GoPrint(import["child"]);
    parent = GoPrint(import["parent"]);
  } else {
    return {};
  }
  ++count;
  TablePtr table = FindTable(values, dependency.name + "." + child);
  if (table == nullptr) {
    Warn(warnings, "ImportValues missing table from chart " + dependency.name + ": \"" + child +
                       "\" is not a table");
    return {};
  }
  count += CountNodes(table->ToValue());
  if (count > kMaxImported) {
    return Fail(ResourceExhausted("dependency " + dependency.name + ": import-values take over " +
                                  "more than " + std::to_string(kMaxImported) + " values"));
  }
  MergeTables(imported, *AtPath(parent, table), Nulls::kKeep, nullptr);
  return {};
}

// Children first. What is imported has lower priority than the chart's own values.
Status ImportValues(Chart& chart, std::size_t& count, Warnings warnings) {
  for (const ChartPtr& sub : chart.dependencies) TRY(ImportValues(*sub, count, warnings));
  if (chart.metadata.dependencies.empty()) return {};
  const TablePtr values = TRY(CoalesceValues(chart, Value(), Nulls::kKeep, nullptr));
  Table imported;
  for (const Dependency& d : chart.metadata.dependencies) {
    for (const Value& import : d.import_values) {
      TRY(ImportOne(d, import, values, imported, count, warnings));
    }
  }
  Table merged(values->ToValue());
  MergeTables(merged, imported, Nulls::kKeep, nullptr);
  chart.values = merged.ToValue();
  return {};
}

}  // namespace

ChartPtr DeepCopy(const Chart& chart) {
  auto copy = std::make_shared<Chart>(chart);
  for (ChartPtr& sub : copy->dependencies) sub = DeepCopy(*sub);
  return copy;
}

Status CheckDependencies(const Chart& chart) {
  std::vector<std::string> missing;
  for (const Dependency& d : chart.metadata.dependencies) {
    bool found = false;
    for (const ChartPtr& sub : chart.dependencies) found = found || sub->name() == d.name;
    if (!found) missing.push_back(d.name);
  }
  if (missing.empty()) return {};
  return Fail(FailedPrecondition(
      "an error occurred while checking for chart dependencies. You may need to run `helm "
      "dependency build` to fetch missing dependencies: found in Chart.yaml, but missing in "
      "charts/ directory: " +
      Join(missing, ", ")));
}

Status ProcessDependencies(Chart& chart, const Value& user, std::vector<std::string>* warnings,
                           const Limits& limits) {
  CopyBudget budget(chart, limits);
  TRY(Enable(chart, user, "", budget, warnings));
  std::size_t imported = 0;
  return ImportValues(chart, imported, warnings);
}

}  // namespace swell::helm
