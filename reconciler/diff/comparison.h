#pragma once
// What Compare and Explain share: the walk with everything that it needs. Internal to the room.

#include <vector>

#include "base/value/value.h"
#include "reconciler/diff/walker.h"

namespace swell::diff {

struct Comparison {
  Value live;  // as the walk saw it: Finding::at points into it
  Basis basis = Basis::kNone;
  std::vector<Finding> findings;
};

Comparison RunComparison(const Value& desired, const Value& live, const Value& last_applied,
                         const Options& options, Scope scope);

// What is known of the objects as wholes. `owners` (OwnedByAll of live) must outlive it; it is
// used where no schema tells the types of lists.
Place RootPlace(const Value& desired, const Value& live, const schema::CustomTypes* custom_types,
                const Value& owners);

}  // namespace swell::diff
