#pragma once
// Reading and writing the gates of a wave. Internal to the domain; see fields.h.

#include <vector>

#include "base/value/value.h"
#include "reconciler/domain/fields.h"
#include "reconciler/domain/gate_spec.h"

namespace swell {

// One of `spec.rollout.waves[].gates`.
void ReadGate(Fields& item, std::vector<GateSpec>& gates);
// The inverse; without what is at its default.
Value ToValue(const GateSpec& gate);

}  // namespace swell
