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

ChartPtr DeepCopy(const Chart& chart) {
  auto copy = std::make_shared<Chart>(chart);
  for (ChartPtr& sub : copy->dependencies) sub = DeepCopy(*sub);
  return copy;
}

// A copy of the chart that `dependency` declares, named after its alias; null where charts/
// has none of that name and version.
ChartPtr ChartFor(const std::vector<ChartPtr>& charts, const Dependency& dependency) {
  for (const ChartPtr& chart : charts) {
    if (chart->name() != dependency.name) continue;
    if (!IsCompatibleRange(dependency.version, chart->metadata.version)) continue;
    ChartPtr copy = DeepCopy(*chart);
    if (!dependency.alias.empty()) copy->metadata.name = dependency.alias;
    return copy;
  }
  return nullptr;
}

// Undeclared charts first, then the declared ones in Chart.yaml's order.
void ArrangeDependencies(Chart& chart) {
  std::vector<ChartPtr> arranged;
  for (const ChartPtr& sub : chart.dependencies) {
    bool declared = false;
    for (const Dependency& d : chart.metadata.dependencies) {
      declared = declared ||
                 (sub->name() == d.name && IsCompatibleRange(d.version, sub->metadata.version));
    }
    if (!declared) arranged.push_back(sub);
  }
  for (Dependency& d : chart.metadata.dependencies) {
    if (ChartPtr found = ChartFor(chart.dependencies, d)) arranged.push_back(found);
    if (!d.alias.empty()) d.name = d.alias;
  }
  chart.dependencies = std::move(arranged);
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

Status Enable(Chart& chart, const Value& user, const std::string& path, Warnings warnings) {
  if (chart.metadata.dependencies.empty()) return {};
  ArrangeDependencies(chart);
  auto& declared = chart.metadata.dependencies;
  for (Dependency& d : declared) d.enabled = true;
  const TablePtr values = TRY(CoalesceValues(chart, user, Nulls::kRemove, nullptr));
  ApplyTags(declared, values, warnings);
  ApplyConditions(declared, values, path, warnings);

  std::set<std::string, std::less<>> disabled;
  for (const Dependency& d : declared) {
    if (!d.enabled) disabled.insert(d.name);
  }
  std::erase_if(chart.dependencies,
                [&](const ChartPtr& c) { return disabled.contains(c->name()); });
  std::erase_if(declared, [&](const Dependency& d) { return disabled.contains(d.name); });
  const Value handed_down = values->ToValue();
  for (const ChartPtr& sub : chart.dependencies) {
    TRY(Enable(*sub, handed_down, path + sub->name() + ".", warnings));
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

void ImportOne(const Dependency& dependency, const Value& import, const TablePtr& values,
               Table& imported, Warnings warnings) {
  std::string child;
  std::string parent = ".";
  if (import.is_string()) {
    child = "exports." + import.str();
  } else if (import.is_object()) {
    child = GoPrint(import["child"]);
    parent = GoPrint(import["parent"]);
  } else {
    return;
  }
  TablePtr table = FindTable(values, dependency.name + "." + child);
  if (table == nullptr) {
    return Warn(warnings, "ImportValues missing table from chart " + dependency.name + ": \"" +
                              child + "\" is not a table");
  }
  MergeTables(imported, *AtPath(parent, table), Nulls::kKeep, nullptr);
}

// Children first. What is imported has lower priority than the chart's own values.
Status ImportValues(Chart& chart, Warnings warnings) {
  for (const ChartPtr& sub : chart.dependencies) TRY(ImportValues(*sub, warnings));
  if (chart.metadata.dependencies.empty()) return {};
  const TablePtr values = TRY(CoalesceValues(chart, Value(), Nulls::kKeep, nullptr));
  Table imported;
  for (const Dependency& d : chart.metadata.dependencies) {
    for (const Value& import : d.import_values) {
      ImportOne(d, import, values, imported, warnings);
    }
  }
  Table merged(values->ToValue());
  MergeTables(merged, imported, Nulls::kKeep, nullptr);
  chart.values = merged.ToValue();
  return {};
}

}  // namespace

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

Status ProcessDependencies(Chart& chart, const Value& user, std::vector<std::string>* warnings) {
  TRY(Enable(chart, user, "", warnings));
  return ImportValues(chart, warnings);
}

}  // namespace swell::helm
