#pragma once
// WantedSet: what is wanted of a cluster, with its fingerprints: made once for all the clusters of
// which the same is wanted.

#include <initializer_list>
#include <memory>
#include <vector>

#include "reconciler/live/fingerprint.h"
#include "reconciler/live/reader.h"

namespace swell::live {

// Immutable.
struct WantedSet {
  explicit WantedSet(std::vector<Wanted> wanted);
  WantedSet(std::initializer_list<Wanted> wanted) : WantedSet(std::vector<Wanted>(wanted)) {}

  std::vector<Wanted> objects;   // sorted by id
  std::vector<Fingerprint> ids;  // of each
  Fingerprint all;               // of all of it, versions too
};
using WantedSetPtr = std::shared_ptr<const WantedSet>;

}  // namespace swell::live
