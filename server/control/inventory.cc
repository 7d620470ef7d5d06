#include "server/control/inventory.h"

#include <map>

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

}  // namespace

std::vector<InventoryEntry> JoinInventory(const std::vector<InventoryEntry>& before,
                                          const std::vector<Operation>& operations) {
  auto joined = ById(before);
  for (const Operation& op : operations) {
    if (op.type == OperationType::kDelete) continue;
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

}  // namespace swell::control
