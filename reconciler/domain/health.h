#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace swell {

// In the order from best to worst: the health of a set is its worst member's
// (gitops-engine's order).
enum class HealthStatus : std::uint8_t {
  kHealthy,
  kSuspended,
  kProgressing,
  kMissing,
  kDegraded,
  kUnknown,
};

std::string_view HealthStatusName(HealthStatus status);  // "Healthy"

struct Health {
  HealthStatus status = HealthStatus::kHealthy;
  std::string message;  // why, for people; never secret values
  friend bool operator==(const Health&, const Health&) = default;
};

inline HealthStatus WorseOf(HealthStatus a, HealthStatus b) { return a > b ? a : b; }

}  // namespace swell
