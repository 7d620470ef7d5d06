#include "server/control/inventory.h"

#include <map>

#include "reconciler/plan/stages.h"

namespace swell::control {
namespace {

std::vector<InventoryEntry> Values(std::map<ObjectId, InventoryEntry> entries) {
  std::vector<InventoryEntry> out;
  out.reserve(entries.size());
  for (auto& [id, entry] : entries) out.push_back(std::move(entry));
  return out;
}

std::map<ObjectId, InventoryEntry> ById(const std::vector<InventoryEntry>& entries) {
  std::map<ObjectId, InventoryEntry> out;
  for (const InventoryEntry& entry : entries) out.insert_or_assign(entry.id, entry);
  return out;
}

// plan/removal.h: Forgetting.
bool IsForgotten(const Operation& op) {
  return op.type == OperationType::kNone && op.phase == Phase::kPrune;
}

}  // namespace

std::vector<InventoryEntry> JoinInventory(const std::vector<InventoryEntry>& before,
                                          const std::vector<Operation>& operations) {
  auto joined = ById(before);
  for (const Operation& op : operations) {
    if (op.type == OperationType::kDelete) continue;
    if (IsForgotten(op)) {
      joined.erase(op.id);
      continue;
    }
    auto [it, added] = joined.try_emplace(op.id, InventoryEntry{op.id, op.version, ""});
    if (!added && !op.version.empty()) it->second.version = op.version;
  }
  return Values(std::move(joined));
}

std::vector<InventoryEntry> SettleInventory(const std::vector<InventoryEntry>& joined,
                                            const apply::ClusterResult& result) {
  auto settled = ById(joined);
  for (const apply::ObjectResult& object : result.objects) {
    // What failed may be another object than before all the same (deleted and put back).
    if (object.error && object.uid.empty()) continue;
    if (object.done == OperationType::kDelete && !object.error) {
      settled.erase(object.id);
    } else if (const auto it = settled.find(object.id);
               it != settled.end() && !object.uid.empty()) {
      it->second.uid = object.uid;
    }
  }
  return Values(std::move(settled));
}

std::vector<InventoryEntry> WithUids(std::vector<InventoryEntry> inventory,
                                     const live::Objects& live) {
  for (InventoryEntry& entry : inventory) {
    const auto found = live.find(entry.id);
    if (!entry.uid.empty() || found == live.end() || !found->second) continue;
    entry.uid = (*found->second)["metadata"]["uid"].str();
  }
  return inventory;
}

ClusterPlan WithoutDoneHooks(const ClusterPlan& plan,
                             const std::vector<InventoryEntry>& inventory) {
  const auto held = ById(inventory);
  auto set = std::make_shared<OperationSet>(*plan.operations);
  for (Operation& op : set->operations) {
    if (op.hook && plan::IsOfDeletion(op.phase) && !held.contains(op.id)) {
      op.type = OperationType::kNone;
    }
  }
  ClusterPlan left = plan;
  left.operations = std::move(set);
  return left;
}

}  // namespace swell::control
