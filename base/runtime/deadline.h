#pragma once
// Deadline: a point on the steady clock by which work must be done.

#include <algorithm>
#include <chrono>

#include "base/core/clock.h"

namespace swell {

// A small value. The default never passes. Not for what tests and the simulation control:
// that is Clock's; this bounds real waiting.
class Deadline {
 public:
  using Steady = std::chrono::steady_clock;

  Deadline() = default;
  static Deadline After(Duration d) { return Deadline(Steady::now() + d); }
  static Deadline Never() { return {}; }

  bool never() const { return at_ == Steady::time_point::max(); }
  bool passed() const { return !never() && Steady::now() >= at_; }
  // What is left, never negative; Duration::max() for Never. Rounded up, so that waiting
  // for it is enough.
  Duration Remaining() const {
    if (never()) return Duration::max();
    const auto left = std::chrono::ceil<Duration>(at_ - Steady::now());
    return std::max(left, Duration::zero());
  }
  // The earlier of the two.
  Deadline Min(Deadline other) const { return at_ < other.at_ ? *this : other; }
  Steady::time_point at() const { return at_; }

 private:
  explicit Deadline(Steady::time_point at) : at_(at) {}
  Steady::time_point at_ = Steady::time_point::max();
};

}  // namespace swell
