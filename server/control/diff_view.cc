// What a plan would change, as text.

#include <algorithm>
#include <map>

#include "base/core/strings.h"
#include "base/text/unified_diff.h"
#include "base/value/yaml.h"
#include "reconciler/diff/explain.h"
#include "reconciler/diff/places.h"
#include "reconciler/diff/preview.h"
#include "reconciler/plan/compare_plans.h"
#include "reconciler/plan/expect.h"
#include "reconciler/plan/object_policy.h"
#include "server/control/controller.h"
#include "server/control/plan_records.h"

namespace swell::control {
namespace {

std::string Unified(const diff::Preview& preview) {
  const auto text = [](const Value& v) { return v.is_null() ? "" : yaml::Write(v); };
  return UnifiedDiff(text(preview.before), text(preview.after),
                     {.from_name = "live", .to_name = "desired"});
}

using Index = std::map<ObjectId, const Object*>;

Index IndexOf(const std::vector<Object>* objects) {
  Index index;
  if (objects == nullptr) return index;
  for (const Object& object : *objects) index.emplace(object.id(), &object);
  return index;
}

const Object* ObjectIn(const Index& index, const ObjectId& id) {
  const auto found = index.find(id);
  return found == index.end() ? nullptr : found->second;
}

// One object of a cluster, as the planner saw it.
ObjectDiff DiffOf(const Operation& operation, const PlannedCluster& cluster,
                  const Index& desired_objects, const Index& last_objects,
                  const Application& application, const plan::ComparisonRules& rules,
                  DiffScope scope) {
  static const Value kNone;
  const auto found = cluster.live.find(operation.id);
  const Value& live = found != cluster.live.end() && found->second ? *found->second : kNone;
  const bool deletes = operation.type == OperationType::kDelete;
  const Object* desired = deletes ? nullptr : ObjectIn(desired_objects, operation.id);
  const Object* last = ObjectIn(last_objects, operation.id);
  const Value& last_value = last ? last->value : kNone;
  ObjectDiff out;
  out.operation = operation;
  if (desired == nullptr || live.is_null()) {
    out.unified = Unified(diff::PreviewApply(desired ? desired->value : kNone, live, last_value));
    return out;
  }
  const plan::Basis basis =
      plan::BasisOf(*desired, live, application.sync,
                    {.field_manager = kFieldManager,
                     .ignore = diff::InForce(rules.For(operation.id, cluster.plan.cluster),
                                             desired->value, last ? &last->value : nullptr),
                     .custom_types = cluster.custom_types.get()});
  if (operation.type != OperationType::kNone) {
    out.unified =
        Unified(diff::PreviewApply(desired->value, basis.live, last_value, basis.options));
  }
  if (operation.hook) return out;
  for (diff::Explanation& explanation :
       diff::Explain(desired->value, basis.live, last_value, basis.options)) {
    const bool applied =
        operation.type == OperationType::kUpdate && diff::NeedsApply(explanation.change.cause);
    if (applied || scope == DiffScope::kEverything) out.explained.push_back(std::move(explanation));
  }
  return out;
}

// Clusters that change alike have the same; what needs no change counts where it is shown.
std::string KeyOf(const OperationSet& set, DiffScope scope, std::map<Digest, Digest>& alike) {
  if (scope == DiffScope::kEverything) return set.digest.Hex();
  const auto [it, added] = alike.try_emplace(set.digest);
  if (added) it->second = plan::AlikeDigest(set);
  return it->second.Hex();
}

}  // namespace

DiffResult ShowPlan(Plan plan, std::vector<std::string> warnings) {
  DiffResult out;
  std::map<std::string, std::size_t> groups;
  std::map<Digest, Digest> alike;
  for (const ClusterPlan& cluster : plan.clusters) {
    const std::string key = !cluster.error.empty() ? "error " + cluster.error
                            : cluster.operations
                                ? KeyOf(*cluster.operations, DiffScope::kChanges, alike)
                                : "";
    const auto [it, added] = groups.try_emplace(key, out.groups.size());
    if (added) {
      DiffGroup group;
      group.error = cluster.error;
      if (cluster.error.empty() && cluster.operations) {
        for (const Operation& operation : cluster.operations->operations) {
          if (operation.type == OperationType::kNone) continue;
          group.objects.push_back({.operation = operation, .unified = "", .explained = {}});
        }
      }
      out.groups.push_back(std::move(group));
    }
    out.groups[it->second].clusters.push_back(cluster.cluster);
  }
  out.warnings = std::move(warnings);
  out.plan = std::move(plan);
  return out;
}

DiffResult ShowDiff(Planned planned, const Application& application, DiffScope scope) {
  DiffResult out;
  const plan::ComparisonRules rules(application);
  std::map<std::string, std::size_t> groups;  // by what they have in common
  std::map<Digest, Digest> alike;
  for (const auto& [name, cluster] : planned.clusters) {
    const std::string key = cluster.plan.error.empty()
                                ? KeyOf(*cluster.plan.operations, scope, alike)
                                : "error " + cluster.plan.error;
    const auto [it, added] = groups.try_emplace(key, out.groups.size());
    if (added) {
      DiffGroup group;
      group.error = cluster.plan.error;
      if (cluster.plan.operations) {
        const Index desired = IndexOf(cluster.desired.get());
        const Index last = IndexOf(cluster.last_applied.get());
        for (const Operation& operation : cluster.plan.operations->operations) {
          if (operation.type == OperationType::kNone && scope == DiffScope::kChanges) continue;
          ObjectDiff object = DiffOf(operation, cluster, desired, last, application, rules, scope);
          const bool nothing = operation.type == OperationType::kNone && object.explained.empty();
          if (!nothing) group.objects.push_back(std::move(object));
        }
      }
      out.groups.push_back(std::move(group));
    }
    out.groups[it->second].clusters.push_back(name);
  }
  out.warnings = WarningsOf(planned);
  out.plan = std::move(planned.plan);
  return out;
}

}  // namespace swell::control
