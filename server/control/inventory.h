#pragma once
// The inventory of one application in one cluster around an apply. Each function answers with what
// it was given, not with a copy, where nothing of it changes.

#include <vector>

#include "reconciler/apply/apply.h"
#include "reconciler/domain/ledger.h"
#include "reconciler/live/reader.h"

namespace swell::control {

// While both the old and the new objects may be there: the union, old uids kept. Recorded
// before the apply begins, so that a crash forgets nothing that it may have created. What the plan
// forgets (gone, or another name of a wanted object) goes.
Inventory JoinInventory(const Inventory& before, const std::vector<Operation>& operations);

// After an apply: without what was deleted, with the uids that the cluster told. What could
// not be deleted stays.
Inventory SettleInventory(const Inventory& joined, const apply::ClusterResult& result);

// With the uids of live objects where none is known yet: what is in place already is held, too.
Inventory WithUids(const Inventory& inventory, const live::Objects& live);

// With that uid of the object, where it is held.
Inventory WithUid(const Inventory& inventory, const ObjectId& id, const std::string& uid);

// A deletion that is taken up again: hooks of deletion join the inventory when it begins and leave
// it when they have succeeded, so those that it does not hold are done (kNone).
ClusterPlan WithoutDoneHooks(const ClusterPlan& plan, const Inventory& inventory);

}  // namespace swell::control
