#include "reconciler/plan/planner.h"

#include <algorithm>
#include <set>

#include "base/core/strings.h"
#include "reconciler/diff/diff.h"
#include "reconciler/diff/places.h"
#include "reconciler/plan/expect.h"
#include "reconciler/plan/object_policy.h"
#include "reconciler/plan/order.h"
#include "reconciler/plan/ownership.h"
#include "reconciler/plan/removal.h"
#include "reconciler/plan/stages.h"

namespace swell::plan {
namespace {

bool IsBeingDeleted(const Value& live) { return !live["metadata"]["deletionTimestamp"].is_null(); }

bool IsMereDrift(const Operation& operation, bool applied_before) {
  if (operation.type == OperationType::kCreate) return applied_before;
  return operation.type == OperationType::kUpdate && !operation.changes.empty() &&
         std::ranges::all_of(operation.changes, [](const FieldChange& change) {
           return change.cause == ChangeCause::kDrifted;
         });
}

// Of an object whose live state is not known: a Value that is not null and says nothing stands for
// it, so that what is only ever created is not touched.
OperationType TypeUnread(const Object& object) {
  const bool left_alone = !WhyLeftAlone(object.value, Value::EmptyObject()).empty();
  return left_alone ? OperationType::kNone : OperationType::kUpdate;
}

// Of a toleration of the whole object; "" where there is none.
std::string WhyTolerated(const diff::IgnoreRules& rules) {
  for (const diff::ToleratedPlace& place : rules.tolerated) {
    if (place.pointer.empty()) return place.toleration.why;
  }
  return "";
}

class Planner {
 public:
  explicit Planner(const Inputs& inputs)
      : inputs_(inputs), ownership_(inputs, planned_), rules_(*inputs.application) {
    if (inputs.last_applied == nullptr) return;
    for (const Object& object : *inputs.last_applied) last_.emplace(object.id(), &object);
  }

  Planned Run() {
    for (const Object& object : *inputs_.desired) {
      const Placement placement = PlaceObject(object);
      if (placement.hook) {
        AddHook(object, placement);
      } else {
        AddObject(object, placement.stages.front());
      }
    }
    AddDeletions();
    DecideHooks();
    ownership_.Finish();
    for (std::string& warning : rules_.Warnings()) planned_.warnings.push_back(std::move(warning));
    planned_.plan = FinishPlan(inputs_, std::move(plannings_));
    return std::move(planned_);
  }

 private:
  const Object* LastApplied(const ObjectId& id) const {
    const auto found = last_.find(id);
    return found == last_.end() ? nullptr : found->second;
  }

  void AddObject(const Object& object, const Stage& stage) {
    Operation operation = OperationFor(object, stage);
    operation.type = Decide(object, operation);
    if (operation.type != OperationType::kNone) {
      const bool applied_before = LastApplied(operation.id) != nullptr;
      if (!IsMereDrift(operation, applied_before)) run_hooks_ = true;
    }
    plannings_.push_back({std::move(operation), &object});
  }

  OperationType Decide(const Object& object, Operation& operation) {
    if (inputs_.in_sync && inputs_.in_sync->contains(operation.id)) return OperationType::kNone;
    const auto found = inputs_.live.find(operation.id);
    // Not read: an apply of what is there already changes nothing.
    if (found == inputs_.live.end()) return TypeUnread(object);
    rules_.NoteOptions(object.value, operation.id);
    const Object* last = LastApplied(operation.id);
    const diff::IgnoreRules ignored =
        diff::InForce(rules_.For(operation.id, inputs_.cluster), object.value,
                      last ? &last->value : nullptr, &planned_.gave_way);
    std::string left_alone = WhyLeftAlone(object.value, found->second.value_or(Value()));
    // What was never applied is not drift.
    if (left_alone.empty() && last != nullptr) left_alone = WhyTolerated(ignored);
    if (!found->second) {
      if (left_alone.empty()) return OperationType::kCreate;
      return LeaveAlone(operation, "is absent in the cluster, but is left so", left_alone);
    }
    const Value& live = *found->second;
    // What carries no owner is shared (PrepareObjects): its being there is enough.
    if (OwnerOf(object.value).empty()) return OperationType::kNone;
    if (ownership_.IsForeign(object)) return OperationType::kNone;
    if (IsBeingDeleted(live) && left_alone.empty()) {
      planned_.warnings.push_back(DescribeTerminating(operation.id, live, inputs_.now) +
                                  "; it is declared and is applied again");
      return OperationType::kUpdate;
    }
    std::vector<std::string> problems;
    const diff::Options options = {.field_manager = kFieldManager,
                                   .ignore = ignored,
                                   .ignore_problems = &problems,
                                   .custom_types = inputs_.custom_types};
    Expectation expected =
        ExpectApply(object, live, last ? last->value : Value(), inputs_.application->sync, options);
    operation.changes = std::move(expected.changes);
    for (const std::string& problem : problems) rules_.NoteProblem(operation.id, problem);
    if (!left_alone.empty()) {
      if (operation.changes.empty()) return OperationType::kNone;
      return LeaveAlone(operation, "differs, but is left as it is", left_alone);
    }
    std::ranges::move(expected.warnings, std::back_inserter(planned_.warnings));
    return operation.changes.empty() ? OperationType::kNone : OperationType::kUpdate;
  }

  OperationType LeaveAlone(Operation& operation, std::string_view what, const std::string& why) {
    operation.changes.clear();
    planned_.warnings.push_back(operation.id.ToString() + " " + std::string(what) + ": " + why);
    return OperationType::kNone;
  }

  void AddHook(const Object& object, const Placement& placement) {
    const bool foreign = ownership_.IsForeign(object);
    const Object* last = LastApplied(object.id());
    const bool changed = last == nullptr || last->value != object.value;
    for (const Stage& stage : placement.stages) {
      if (IsOfDeletion(stage.phase)) continue;
      // A new way to clean up after a failure is no reason to run the migrations again.
      if (changed && stage.phase != Phase::kSyncFail) run_hooks_ = true;
      Operation operation = OperationFor(object, stage);
      operation.hook = true;
      operation.type = foreign ? OperationType::kNone : OperationType::kCreate;
      plannings_.push_back({std::move(operation), &object});
    }
  }

  void DecideHooks() {
    if (run_hooks_) return;
    for (Planning& planning : plannings_) {
      if (planning.operation.hook) planning.operation.type = OperationType::kNone;
    }
  }

  void AddDeletions() {
    std::set<ObjectId> desired;
    std::set<std::string> wanted_uids;
    for (const Object& object : *inputs_.desired) {
      const ObjectId id = object.id();
      const auto live = inputs_.live.find(id);
      if (live != inputs_.live.end() && live->second) {
        wanted_uids.insert((*live->second)["metadata"]["uid"].str());
      }
      desired.insert(id);
    }
    // Those that were not read, too.
    for (const InventoryEntry& entry : inputs_.inventory) {
      if (desired.contains(entry.id)) wanted_uids.insert(entry.uid);
    }
    wanted_uids.erase("");
    for (const InventoryEntry& entry : inputs_.inventory) {
      if (!desired.contains(entry.id)) AddDeletion(entry, wanted_uids);
    }
  }

  void AddDeletion(const InventoryEntry& entry, const std::set<std::string>& wanted_uids) {
    const Fate fate = FateOf(inputs_, entry, Removal::kPrune, wanted_uids);
    switch (fate.kind) {
      case Fate::Kind::kForget:
        plannings_.push_back({Forgetting(entry), nullptr});
        return;
      case Fate::Kind::kKeep:
        planned_.unconfirmed += fate.unconfirmed ? 1 : 0;
        if (IsExtraneousHere(entry.id)) return;
        planned_.warnings.push_back(entry.id.ToString() +
                                    " is no longer declared but kept: " + fate.why);
        return;
      case Fate::Kind::kTerminating:
        planned_.warnings.push_back(fate.why);
        return;
      case Fate::Kind::kDelete:
        run_hooks_ = true;
        plannings_.push_back({DeletionOf(entry, *inputs_.live.at(entry.id)), nullptr});
    }
  }

  // Whether the object that is kept says itself that this is nothing to tell.
  bool IsExtraneousHere(const ObjectId& id) const {
    const auto found = inputs_.live.find(id);
    return found != inputs_.live.end() && found->second && IsExtraneous(*found->second);
  }

  const Inputs& inputs_;
  std::map<ObjectId, const Object*> last_;
  std::vector<Planning> plannings_;
  Planned planned_;
  Ownership ownership_;
  ComparisonRules rules_;
  bool run_hooks_ = false;
};

}  // namespace

Planned PlanCluster(const Inputs& inputs) { return Planner(inputs).Run(); }

ClusterPlan PlanUnreadable(const Inputs& inputs, std::string error) {
  std::vector<Planning> plannings;
  for (const Object& object : *inputs.desired) {
    const Placement placement = PlaceObject(object);
    for (const Stage& stage : placement.stages) {
      if (IsOfDeletion(stage.phase)) continue;
      Operation operation = OperationFor(object, stage);
      operation.hook = placement.hook;
      operation.type = TypeUnread(object);
      plannings.push_back({std::move(operation), &object});
    }
  }
  ClusterPlan plan = FinishPlan(inputs, std::move(plannings));
  plan.error = std::move(error);
  return plan;
}

}  // namespace swell::plan
