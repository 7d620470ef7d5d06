// PlanDeletion: a whole application leaves a cluster.

#include <algorithm>
#include <set>

#include "reconciler/plan/order.h"
#include "reconciler/plan/ownership.h"
#include "reconciler/plan/removal.h"
#include "reconciler/plan/stages.h"

namespace swell::plan {
namespace {

class DeletionPlanner {
 public:
  explicit DeletionPlanner(const Inputs& inputs) : inputs_(inputs), ownership_(inputs, planned_) {}

  Planned Run() {
    for (const Object& object : *inputs_.desired) AddHook(object);
    for (const InventoryEntry& entry : inputs_.inventory) {
      if (!hooks_.contains(entry.id)) AddObject(entry);
    }
    MoveNamespacesOfPostDelete();
    ownership_.Finish();
    planned_.plan = FinishPlan(inputs_, std::move(plannings_));
    return std::move(planned_);
  }

 private:
  void AddHook(const Object& object) {
    const Placement placement = PlaceObject(object);
    const auto stage = std::ranges::find_if(placement.stages,
                                            [](const Stage& s) { return IsOfDeletion(s.phase); });
    if (stage == placement.stages.end()) return;
    hooks_.insert(object.id());
    if (WasDone(object.id())) return;
    if (ownership_.IsForeign(object)) return;
    for (const Stage& at : placement.stages) {
      if (!IsOfDeletion(at.phase)) continue;
      Operation operation = OperationFor(object, at);
      operation.hook = true;
      operation.type = OperationType::kCreate;
      plannings_.push_back({std::move(operation), &object});
    }
  }

  // A deletion that was begun before took the hook out of the inventory when it had succeeded.
  bool WasDone(const ObjectId& id) const {
    return inputs_.deletion == Deletion::kGoesOn &&
           std::ranges::find(inputs_.inventory, id, &InventoryEntry::id) == inputs_.inventory.end();
  }

  void AddObject(const InventoryEntry& entry) {
    const Fate fate = FateOf(inputs_, entry, Removal::kDeletion, {});
    switch (fate.kind) {
      case Fate::Kind::kForget:
        plannings_.push_back({Forgetting(entry), nullptr});
        return;
      case Fate::Kind::kKeep:
        planned_.unconfirmed += fate.unconfirmed ? 1 : 0;
        planned_.warnings.push_back(entry.id.ToString() + " stays: " + fate.why);
        return;
      case Fate::Kind::kTerminating:  // waited for
        planned_.warnings.push_back(fate.why);
        break;
      case Fate::Kind::kDelete:
        break;
    }
    plannings_.push_back({DeletionOf(entry, *inputs_.live.at(entry.id)), nullptr});
  }

  // The hooks that run last need a namespace to run in.
  void MoveNamespacesOfPostDelete() {
    std::set<std::string> needed;
    int last = 0;
    for (const Planning& planning : plannings_) {
      if (planning.operation.phase != Phase::kPostDelete) continue;
      needed.insert(planning.operation.id.ns);
      last = std::max(last, planning.operation.wave);
    }
    for (Planning& planning : plannings_) {
      Operation& operation = planning.operation;
      const bool is_namespace = operation.id.group.empty() && operation.id.kind == "Namespace";
      if (operation.type != OperationType::kDelete || !is_namespace) continue;
      if (!needed.contains(operation.id.name)) continue;
      operation.phase = Phase::kPostDelete;
      operation.wave = last + 1;
    }
  }

  const Inputs& inputs_;
  Planned planned_;
  Ownership ownership_;
  std::set<ObjectId> hooks_;
  std::vector<Planning> plannings_;
};

}  // namespace

Planned PlanDeletion(const Inputs& inputs) { return DeletionPlanner(inputs).Run(); }

}  // namespace swell::plan
