#pragma once
// Whether drift is repaired now: repairs of one object come at growing distances, and end where
// another writer undoes each of them. Pure.

#include <vector>

#include "base/core/clock.h"
#include "reconciler/heal/drift.h"

namespace swell::heal {

struct Policy {
  // The first repair comes at once, the second this long after it, the third twice as long after
  // that, and so on.
  Duration first_pause = std::chrono::seconds(5);
  Duration max_pause = std::chrono::minutes(10);
  // An object that has held for so long is as one that was never repaired.
  Duration calm = std::chrono::minutes(30);
  // A field that one manager wrote again after so many repairs within the window is let go.
  int flips = 5;
  Duration window = std::chrono::minutes(10);
};

struct Decision {
  enum class Verdict : std::uint8_t { kRepair, kWait, kNothing };
  // Of the fields that are not stopped. kNothing: there are none.
  Verdict verdict = Verdict::kRepair;
  Timestamp until;          // of kWait
  std::vector<Stop> stops;  // fields that are let go from now on
};

// `drifted` are the fields that differ now; those that are left alone do not count, nor those that
// record.stops names.
Decision Decide(const Record& record, const std::vector<Field>& drifted, Timestamp now,
                const Policy& policy);

}  // namespace swell::heal
