#pragma once
// What becomes of an object that the inventory holds and nothing wants any more.

#include <set>
#include <string>

#include "reconciler/plan/keep.h"
#include "reconciler/plan/planner.h"

namespace swell::plan {

struct Fate {
  enum class Kind {
    kDelete,
    kTerminating,  // on its way already
    kKeep,         // with `why`
    kForget,       // gone, or the same object as one that is still wanted: no longer held
  };
  Kind kind = Kind::kKeep;
  std::string why;           // of kKeep, and of kTerminating what holds it
  bool unconfirmed = false;  // kept because nobody has confirmed it yet
};

// `wanted_uids`: of the live objects that stay; the API server serves some objects under two
// groups, and one of the two names going away deletes nothing.
Fate FateOf(const Inputs& inputs, const InventoryEntry& entry, Removal removal,
            const std::set<std::string>& wanted_uids);

// Requires that its live state is known. Waves are mirrored: what was applied last goes first.
Operation DeletionOf(const InventoryEntry& entry, const Value& live);
// An entry that the inventory drops: kNone in phase kPrune (SettleInventory reads it so).
Operation Forgetting(const InventoryEntry& entry);

}  // namespace swell::plan
