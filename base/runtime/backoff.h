#pragma once
// Backoff: growing pauses between attempts.

#include <functional>

#include "base/core/clock.h"

namespace swell {

// A uniform random number in [0, 1). Injected, so that tests and the simulation repeat.
using RandomSource = std::function<double()>;

// Seeded from the system, cheap, one generator a thread. Not for secrets.
RandomSource SystemRandom();

struct BackoffOptions {
  Duration initial = std::chrono::milliseconds(200);
  Duration max = std::chrono::seconds(30);
  double factor = 2.0;  // at least 1
  double jitter = 0.2;  // each pause is varied by up to this share in both directions; [0, 1]
};

// Not thread-safe: one per thing that is tried.
class Backoff {
 public:
  Backoff(BackoffOptions options, RandomSource random)
      : options_(options), random_(std::move(random)) {}

  // The pause before the next attempt. Never above max.
  Duration Next();
  // After a success.
  void Reset() { attempts_ = 0; }
  int attempts() const { return attempts_; }

 private:
  BackoffOptions options_;
  RandomSource random_;
  int attempts_ = 0;
};

}  // namespace swell
