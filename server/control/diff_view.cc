// What a plan would change, as text.

#include <algorithm>
#include <map>
#include <set>

#include "base/core/strings.h"
#include "base/text/unified_diff.h"
#include "base/value/pointer.h"
#include "base/value/yaml.h"
#include "server/control/controller.h"

namespace swell::control {
namespace {

// Without what only the server writes.
Value Declared(const Value& live) {
  Value out = live.Without("status");
  for (const char* key :
       {"managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "selfLink"}) {
    out = out.WithoutAt({"metadata", key});
  }
  return out.WithoutAt(
      {"metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"});
}

bool NamedAlike(const Value& a, const Value& b) {
  return a.is_object() && b.is_object() && a.Has("name") && a["name"] == b["name"];
}

// `live` as it will be once `desired` is applied: near enough to read. What is applied is
// `desired` itself; the API server merges.
Value Overlay(const Value& live, const Value& desired) {
  if (live.is_object() && desired.is_object()) {
    Value out = live;
    for (const Member& m : desired.members())
      out = out.With(m.name(), Overlay(live[m.name()], m.value));
    return out;
  }
  if (live.is_array() && desired.is_array()) {
    std::vector<Value> items;
    for (std::size_t i = 0; i < desired.size(); ++i) {
      const auto all = live.items();
      const auto named =
          std::ranges::find_if(all, [&](const Value& v) { return NamedAlike(v, desired[i]); });
      const bool pair = named == all.end() && live.size() == desired.size() &&
                        desired[i].is_object() && !desired[i].Has("name");
      const Value& old = named != all.end() ? *named : pair ? live[i] : Value();
      items.push_back(Overlay(old, desired[i]));
    }
    return Value::Array(std::move(items));
  }
  return desired;
}

// Whether the token "[name=web,port=80]" selects the item.
bool Selects(std::string_view token, const Value& item) {
  for (const auto pair : Split(token.substr(1, token.size() - 2), ',')) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) return false;
    const Value& field = item[pair.substr(0, equals)];
    const std::string text = field.is_int() ? std::to_string(field.as_int()) : field.str();
    if (text != pair.substr(equals + 1)) return false;
  }
  return true;
}

// Without what the path names: what Git does not state any more.
Value Remove(const Value& from, std::span<const std::string> path) {
  if (path.empty()) return from;
  const std::string& token = path[0];
  if (from.is_object()) {
    if (!from.Has(token)) return from;
    if (path.size() == 1) return from.Without(token);
    return from.With(token, Remove(from[token], path.subspan(1)));
  }
  std::vector<Value> items;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const bool mine = token == std::to_string(i) ||
                      (token.starts_with("[") && token.ends_with("]") && Selects(token, from[i]));
    if (!mine) {
      items.push_back(from[i]);
    } else if (path.size() > 1) {
      items.push_back(Remove(from[i], path.subspan(1)));
    }
  }
  return Value::Array(std::move(items));
}

std::string Unified(const Operation& operation, const Value* live, const Value* desired) {
  Value before, after;
  if (live) before = Declared(*live);
  if (desired && operation.type != OperationType::kDelete) {
    after = live ? Overlay(before, *desired) : *desired;
    for (const FieldChange& change : operation.changes) {
      if (!change.after.empty()) continue;
      const auto path = ParsePointer(change.path);
      if (path) after = Remove(after, *path);
    }
  }
  const auto text = [](const Value& v) { return v.is_null() ? "" : yaml::Write(Redacted(v)); };
  return UnifiedDiff(text(before), text(after), {.from_name = "live", .to_name = "desired"});
}

}  // namespace

DiffResult ShowDiff(Planned planned) {
  DiffResult out;
  std::map<std::string, std::size_t> groups;            // by what they have in common
  std::map<std::string, std::set<std::string>> warned;  // a fleet has most warnings in common
  for (const auto& [name, cluster] : planned.clusters) {
    const std::string key = cluster.plan.error.empty() ? cluster.plan.operations->digest.Hex()
                                                       : "error " + cluster.plan.error;
    const auto [it, added] = groups.try_emplace(key, out.groups.size());
    if (added) {
      DiffGroup group;
      group.error = cluster.plan.error;
      if (cluster.plan.operations) {
        for (const Operation& operation : cluster.plan.operations->operations) {
          if (operation.type == OperationType::kNone) continue;
          const auto live = cluster.live.find(operation.id);
          const Value* live_value =
              live != cluster.live.end() && live->second ? &*live->second : nullptr;
          const auto desired = std::ranges::find(*cluster.desired, operation.id, &Object::id);
          const Value* desired_value =
              desired != cluster.desired->end() ? &desired->value : nullptr;
          group.objects.push_back({operation, Unified(operation, live_value, desired_value)});
        }
      }
      out.groups.push_back(std::move(group));
    }
    out.groups[it->second].clusters.push_back(name);
    for (const std::string& warning : cluster.warnings) warned[warning].insert(name);
  }
  for (const auto& [warning, clusters] : warned) {
    const std::size_t more = clusters.size() - 1;
    out.warnings.push_back(*clusters.begin() +
                           (more == 0 ? "" : " and " + std::to_string(more) + " more") + ": " +
                           warning);
  }
  out.warnings.insert(out.warnings.begin(), planned.warnings.begin(), planned.warnings.end());
  out.plan = std::move(planned.plan);
  return out;
}

}  // namespace swell::control
