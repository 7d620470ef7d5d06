#pragma once

#include <cstdint>

namespace swell {

// How the dependants of a deleted object go (metav1.DeletionPropagation).
enum class Propagation : std::uint8_t { kBackground, kForeground, kOrphan };

}  // namespace swell
