#pragma once

#include <cstdint>

namespace swell::store {

// Where the process ends itself as `kill -9` would: right before or after the COMMIT of its n-th
// Commit. Only the crash tests ask for it: no signal from outside can hit each of these points,
// and between two of them nothing on disk changes.
struct KillPoint {
  std::int64_t commit = 0;  // from 1; 0: nowhere
  enum class When : std::uint8_t { kBefore, kAfter } when = When::kBefore;
};

}  // namespace swell::store
