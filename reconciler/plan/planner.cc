#include "reconciler/plan/planner.h"

#include <algorithm>
#include <set>

#include "base/core/strings.h"
#include "reconciler/diff/diff.h"
#include "reconciler/plan/expect.h"
#include "reconciler/plan/object_policy.h"
#include "reconciler/plan/order.h"
#include "reconciler/plan/stages.h"

namespace swell::plan {
namespace {

std::string_view OwnerOf(const Value& object) {
  return object["metadata"]["annotations"][kOwnerAnnotation].as_string();
}

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

ClusterPlan Finish(const Inputs& inputs, std::vector<Planning> plannings) {
  OrderOperations(plannings);
  auto set = std::make_shared<OperationSet>();
  set->operations.reserve(plannings.size());
  for (Planning& planning : plannings) set->operations.push_back(std::move(planning.operation));
  set->digest = OperationSetDigest(set->operations);
  ClusterPlan plan;
  plan.cluster = inputs.cluster;
  plan.manifest = inputs.manifest;
  plan.operations = std::move(set);
  return plan;
}

Operation OperationFor(const Object& object, const Stage& stage, bool hook) {
  Operation operation;
  operation.id = object.id();
  operation.version = object.gvk().version;
  operation.phase = stage.phase;
  operation.wave = stage.wave;
  operation.hook = hook;
  return operation;
}

class Planner {
 public:
  explicit Planner(const Inputs& inputs) : inputs_(inputs), rules_(*inputs.application) {
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
    for (std::string& warning : rules_.Warnings()) planned_.warnings.push_back(std::move(warning));
    planned_.plan = Finish(inputs_, std::move(plannings_));
    return std::move(planned_);
  }

 private:
  const Object* LastApplied(const ObjectId& id) const {
    const auto found = last_.find(id);
    return found == last_.end() ? nullptr : found->second;
  }

  // True where the object is another application's: it is then left alone.
  bool IsForeign(const ObjectId& id, const Value& live) {
    const std::string_view owner = OwnerOf(live);
    if (owner.empty() || owner == inputs_.application->name) return false;
    planned_.conflicts.push_back(id.ToString() + " belongs to application " + Quote(owner) +
                                 " (annotation " + kOwnerAnnotation +
                                 "): two applications must not declare one object");
    return true;
  }

  void AddObject(const Object& object, const Stage& stage) {
    Operation operation = OperationFor(object, stage, false);
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
    const std::string left_alone = WhyLeftAlone(object.value, found->second.value_or(Value()));
    if (!found->second) {
      if (left_alone.empty()) return OperationType::kCreate;
      return LeaveAlone(operation, "is absent in the cluster, but is left so", left_alone);
    }
    const Value& live = *found->second;
    // What carries no owner is shared (PrepareObjects): its being there is enough.
    if (OwnerOf(object.value).empty()) return OperationType::kNone;
    if (IsForeign(operation.id, live)) return OperationType::kNone;
    if (IsBeingDeleted(live) && left_alone.empty()) {
      planned_.warnings.push_back(operation.id.ToString() +
                                  " is being deleted in the cluster; it is applied again");
      return OperationType::kUpdate;
    }
    const Object* last = LastApplied(operation.id);
    std::vector<std::string> problems;
    const diff::Options options = {.field_manager = kFieldManager,
                                   .ignore = rules_.For(operation.id),
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
    const auto live = inputs_.live.find(object.id());
    const bool foreign =
        live != inputs_.live.end() && live->second && IsForeign(object.id(), *live->second);
    const Object* last = LastApplied(object.id());
    if (last == nullptr || last->value != object.value) run_hooks_ = true;
    for (const Stage& stage : placement.stages) {
      Operation operation = OperationFor(object, stage, true);
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
    for (const Object& object : *inputs_.desired) desired.insert(object.id());
    for (const InventoryEntry& entry : inputs_.inventory) {
      if (desired.contains(entry.id)) continue;
      const auto found = inputs_.live.find(entry.id);
      const bool known = found != inputs_.live.end();
      if (known && !found->second) continue;  // gone already
      const std::string kept =
          known ? WhyKept(entry, *found->second) : "its live state is not known";
      if (!kept.empty() && known && IsExtraneous(*found->second)) continue;
      if (!kept.empty()) {
        planned_.warnings.push_back(entry.id.ToString() +
                                    " is no longer declared but kept: " + kept);
      } else if (!IsBeingDeleted(*found->second)) {
        AddDeletion(entry, *found->second);
      }
    }
  }

  // "" where the object may be deleted.
  std::string WhyKept(const InventoryEntry& entry, const Value& live) const {
    if (inputs_.desired->empty()) return "nothing at all is declared, which deletes nothing";
    if (!inputs_.application->sync.prune) return "pruning is off (sync.prune)";
    const std::string_view owner = OwnerOf(live);
    if (owner != inputs_.application->name) {
      return owner.empty() ? std::string("its owner annotation is gone")
                           : "it belongs to application " + Quote(owner) + " now";
    }
    if (!entry.uid.empty() && entry.uid != live["metadata"]["uid"].as_string()) {
      return "it was deleted and created anew by somebody else";
    }
    return KeepReason(live);
  }

  void AddDeletion(const InventoryEntry& entry, const Value& live) {
    Operation operation;
    operation.type = OperationType::kDelete;
    operation.id = entry.id;
    operation.version = entry.version;
    operation.phase = Phase::kPrune;
    // What was applied last goes first.
    const Placement placement = PlaceObject({live, "live"});
    operation.wave = placement.stages.empty() ? 0 : -placement.stages.front().wave;
    operation.uid = live["metadata"]["uid"].str();
    run_hooks_ = true;
    plannings_.push_back({std::move(operation), nullptr});
  }

  const Inputs& inputs_;
  std::map<ObjectId, const Object*> last_;
  std::vector<Planning> plannings_;
  Planned planned_;
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
      Operation operation = OperationFor(object, stage, placement.hook);
      operation.type = TypeUnread(object);
      plannings.push_back({std::move(operation), &object});
    }
  }
  ClusterPlan plan = Finish(inputs, std::move(plannings));
  plan.error = std::move(error);
  return plan;
}

}  // namespace swell::plan
