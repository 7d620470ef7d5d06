#include "server/control/find_drift.h"

#include <algorithm>
#include <map>
#include <set>

#include "reconciler/diff/explain.h"
#include "reconciler/diff/places.h"
#include "reconciler/plan/expect.h"
#include "reconciler/plan/object_policy.h"

namespace swell::control {
namespace {

// Of what the API server or a webhook makes of our own writes.
constexpr char kAdmission[] = "admission";

using Index = std::map<ObjectId, const Object*>;

Index IndexOf(const ObjectsPtr& objects) {
  Index index;
  if (!objects) return index;
  for (const Object& object : *objects) index.emplace(object.id(), &object);
  return index;
}

const diff::ToleratedPlace* TolerationOf(const diff::IgnoreRules& rules, const std::string& path) {
  for (const diff::ToleratedPlace& place : rules.tolerated) {
    if (place.pointer.empty() || path.starts_with(FormatPointer(place.pointer))) return &place;
  }
  return rules.tolerated.empty() ? nullptr : &rules.tolerated.front();
}

bool IsDrift(ChangeCause cause) {
  return cause == ChangeCause::kDrifted || cause == ChangeCause::kMutated;
}

class Finder {
 public:
  Finder(const PlannedCluster& cluster, const Application& application)
      : cluster_(cluster), application_(application), rules_(application) {}

  std::vector<heal::Finding> Run() {
    std::vector<heal::Finding> out;
    for (const Operation& operation : cluster_.plan.operations->operations) {
      if (out.size() >= kMaxFindings) break;
      heal::Finding finding = Look(operation);
      if (!finding.fields.empty()) out.push_back(std::move(finding));
    }
    return out;
  }

 private:
  heal::Finding Look(const Operation& operation) {
    heal::Finding out{.id = operation.id, .fields = {}};
    const auto live = cluster_.live.find(operation.id);
    if (operation.hook || operation.type == OperationType::kDelete || live == cluster_.live.end()) {
      return out;
    }
    const bool drifted = std::ranges::any_of(operation.changes,
                                             [](const FieldChange& c) { return IsDrift(c.cause); });
    const diff::IgnoreRules all = rules_.For(operation.id, cluster_.plan.cluster);
    if (operation.type != OperationType::kCreate && !drifted && all.tolerated.empty()) return out;
    const Object* last = In(last_, cluster_.last_applied, operation.id);
    const Object* desired = In(desired_, cluster_.desired, operation.id);
    if (last == nullptr || desired == nullptr) return out;
    const diff::IgnoreRules rules = diff::InForce(all, desired->value, &last->value);
    if (!live->second) {
      Absent(operation, rules, out);
    } else {
      Changed(*desired, *live->second, *last, rules, out);
    }
    return out;
  }

  // Of many objects few have drifted: the indexes are made when they are needed.
  static const Object* In(std::optional<Index>& index, const ObjectsPtr& objects,
                          const ObjectId& id) {
    if (!index) index = IndexOf(objects);
    const auto found = index->find(id);
    return found == index->end() ? nullptr : found->second;
  }

  static void Absent(const Operation& operation, const diff::IgnoreRules& rules,
                     heal::Finding& out) {
    const auto whole = std::ranges::find_if(
        rules.tolerated, [](const diff::ToleratedPlace& place) { return place.pointer.empty(); });
    const bool left = operation.type == OperationType::kNone && whole != rules.tolerated.end();
    if (operation.type != OperationType::kCreate && !left) return;
    out.fields.push_back({.path = "",
                          .manager = "",
                          .left_alone = left,
                          .note = left ? whole->toleration.why : "the object is absent"});
  }

  void Changed(const Object& desired, const Value& live, const Object& last,
               const diff::IgnoreRules& rules, heal::Finding& out) {
    diff::IgnoreRules declared = rules;
    declared.tolerated.clear();
    const auto drift = Explain(desired, live, last, declared);
    std::set<std::string> repaired;  // with the tolerations in force
    const bool whole = std::ranges::any_of(
        rules.tolerated, [](const diff::ToleratedPlace& place) { return place.pointer.empty(); });
    if (!rules.tolerated.empty() && !whole) {
      for (const diff::Explanation& e : Explain(desired, live, last, rules)) {
        if (IsDrift(e.change.cause)) repaired.insert(e.change.path);
      }
    }
    for (const diff::Explanation& e : drift) {
      if (!IsDrift(e.change.cause)) continue;
      heal::Field field{.path = e.change.path,
                        .manager = e.manager,
                        .time = e.time,
                        .before = e.change.before,
                        .after = e.change.after,
                        .note = e.note};
      if (e.change.cause == ChangeCause::kMutated) field.manager = kAdmission;
      field.left_alone = !rules.tolerated.empty() && !repaired.contains(field.path);
      if (field.left_alone) {
        if (const auto* place = TolerationOf(rules, field.path)) field.note = place->toleration.why;
      }
      out.fields.push_back(std::move(field));
      if (out.fields.size() < heal::kMaxFields) continue;
      out.fields.back().note = "further fields are not listed";
      break;
    }
  }

  std::vector<diff::Explanation> Explain(const Object& desired, const Value& live,
                                         const Object& last, diff::IgnoreRules rules) const {
    const plan::Basis basis = plan::BasisOf(desired, live, application_.sync,
                                            {.field_manager = kFieldManager,
                                             .ignore = std::move(rules),
                                             .custom_types = cluster_.custom_types.get()});
    return diff::Explain(desired.value, basis.live, last.value, basis.options);
  }

  const PlannedCluster& cluster_;
  const Application& application_;
  const plan::ComparisonRules rules_;
  std::optional<Index> desired_;
  std::optional<Index> last_;
};

}  // namespace

std::vector<heal::Finding> FindDrift(const PlannedCluster& cluster,
                                     const Application& application) {
  if (!cluster.plan.operations || !cluster.plan.error.empty()) return {};
  return Finder(cluster, application).Run();
}

}  // namespace swell::control
