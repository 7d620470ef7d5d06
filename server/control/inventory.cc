#include "server/control/inventory.h"

#include <algorithm>
#include <map>
#include <optional>

#include "reconciler/plan/stages.h"

namespace swell::control {
namespace {

// What becomes of entries; nothing: it goes.
using Changes = std::map<ObjectId, std::optional<InventoryEntry>>;

const InventoryEntry* Find(const Inventory& inventory, const ObjectId& id) {
  const auto it = std::ranges::lower_bound(inventory, id, {}, &InventoryEntry::id);
  return it != inventory.end() && it->id == id ? &*it : nullptr;
}

// As the changes so far leave it; null: it is not held.
const InventoryEntry* Now(const Inventory& before, const Changes& changes, const ObjectId& id) {
  const auto changed = changes.find(id);
  if (changed == changes.end()) return Find(before, id);
  return changed->second ? &*changed->second : nullptr;
}

Inventory Merge(const Inventory& before, Changes changes) {
  if (changes.empty()) return before;
  std::vector<InventoryEntry> out;
  out.reserve(before.size() + changes.size());
  auto change = changes.begin();
  const auto take = [&] {
    if (change->second) out.push_back(std::move(*change->second));
    ++change;
  };
  for (const InventoryEntry& entry : before) {
    while (change != changes.end() && change->first < entry.id) take();
    if (change != changes.end() && change->first == entry.id) {
      take();
    } else {
      out.push_back(entry);
    }
  }
  while (change != changes.end()) take();
  return out;
}

// plan/removal.h: Forgetting.
bool IsForgotten(const Operation& op) {
  return op.type == OperationType::kNone && op.phase == Phase::kPrune;
}

}  // namespace

Inventory JoinInventory(const Inventory& before, const std::vector<Operation>& operations) {
  Changes changes;
  for (const Operation& op : operations) {
    if (op.type == OperationType::kDelete) continue;
    const InventoryEntry* now = Now(before, changes, op.id);
    if (IsForgotten(op)) {
      if (now != nullptr) changes.insert_or_assign(op.id, std::nullopt);
    } else if (now == nullptr) {
      changes.insert_or_assign(op.id, InventoryEntry{op.id, op.version, ""});
    } else if (!op.version.empty() && op.version != now->version) {
      changes.insert_or_assign(op.id, InventoryEntry{op.id, op.version, now->uid});
    }
  }
  return Merge(before, std::move(changes));
}

Inventory SettleInventory(const Inventory& joined, const apply::ClusterResult& result) {
  Changes changes;
  for (const apply::ObjectResult& object : result.objects) {
    // What failed may be another object than before all the same (deleted and put back).
    if (object.error && object.uid.empty()) continue;
    const InventoryEntry* held = Find(joined, object.id);
    if (held == nullptr) continue;
    if (object.done == OperationType::kDelete && !object.error) {
      changes.insert_or_assign(object.id, std::nullopt);
    } else if (!object.uid.empty() && object.uid != held->uid) {
      changes.insert_or_assign(object.id, InventoryEntry{held->id, held->version, object.uid});
    }
  }
  return Merge(joined, std::move(changes));
}

Inventory WithUids(const Inventory& inventory, const live::Objects& live) {
  Changes changes;
  for (const InventoryEntry& entry : inventory) {
    const auto found = live.find(entry.id);
    if (!entry.uid.empty() || found == live.end() || !found->second) continue;
    const std::string uid = (*found->second)["metadata"]["uid"].str();
    if (!uid.empty()) changes.emplace(entry.id, InventoryEntry{entry.id, entry.version, uid});
  }
  return Merge(inventory, std::move(changes));
}

Inventory WithUid(const Inventory& inventory, const ObjectId& id, const std::string& uid) {
  const InventoryEntry* held = Find(inventory, id);
  if (held == nullptr || held->uid == uid) return inventory;
  return Merge(inventory, {{id, InventoryEntry{held->id, held->version, uid}}});
}

ClusterPlan WithoutDoneHooks(const ClusterPlan& plan, const Inventory& inventory) {
  auto set = std::make_shared<OperationSet>(*plan.operations);
  for (Operation& op : set->operations) {
    if (op.hook && plan::IsOfDeletion(op.phase) && Find(inventory, op.id) == nullptr) {
      op.type = OperationType::kNone;
    }
  }
  ClusterPlan left = plan;
  left.operations = std::move(set);
  return left;
}

}  // namespace swell::control
