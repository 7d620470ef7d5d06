#pragma once
// Fields that the API server never lets change (facts: engine.md C, "Immutable fields").

#include <string>
#include <string_view>
#include <vector>

#include "base/value/value.h"
#include "reconciler/domain/plan.h"

namespace swell::diff {

// The paths among `changes` that only a deletion and a new object could change, as far as the
// built-in kinds are known to be so. `live` is the object that would change.
std::vector<std::string> ImmutableChanges(const Value& live,
                                          const std::vector<FieldChange>& changes);

// Kinds that are never deleted to be created anew, whatever anybody consents to: what they hold
// would go with them. Namespaces, CRDs, PersistentVolumes and their claims.
bool IsNeverRecreated(const GroupKind& kind);

}  // namespace swell::diff
