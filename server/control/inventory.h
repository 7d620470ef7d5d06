#pragma once
// The inventory of one application in one cluster around an apply.

#include <vector>

#include "reconciler/apply/apply.h"
#include "reconciler/domain/ledger.h"

namespace swell::control {

// While both the old and the new objects may be there: the union, old uids kept. Recorded
// before the apply begins, so that a crash forgets nothing that it may have created.
std::vector<InventoryEntry> JoinInventory(const std::vector<InventoryEntry>& before,
                                          const std::vector<Operation>& operations);

// After an apply: without what was deleted, with the uids that the cluster told. What could
// not be deleted stays.
std::vector<InventoryEntry> SettleInventory(const std::vector<InventoryEntry>& joined,
                                            const apply::ClusterResult& result);

}  // namespace swell::control
