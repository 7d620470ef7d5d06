#pragma once
// Freezes and overrides, as the engine is asked for them (reconciler/gate/freeze.h).

#include <string>
#include <vector>

#include "base/core/clock.h"
#include "reconciler/gate/freeze.h"

namespace swell::control {

struct FreezeRequest {
  std::string application;  // "" is the fleet
  std::string actor;
  std::string reason;
  Duration length{0};  // 0: until somebody ends it
};

struct OverrideRequest {
  std::string application;  // as above
  std::string actor;
  std::string reason;
  Duration length{0};  // at most gate::kMaxOverride
};

// Ends what there is: a freeze, or an override.
struct ReleaseRequest {
  std::string application;  // as above
  std::string actor;
  std::string reason;
};

// Of the fleet first, then by application; without what is over.
struct FreezeList {
  std::vector<gate::Freeze> freezes;
  std::vector<gate::Override> overrides;
};

}  // namespace swell::control
