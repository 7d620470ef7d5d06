#pragma once
// TokenBucket: at most so many a second, with bursts.

#include <mutex>

#include "base/core/clock.h"

namespace swell {

// Thread-safe. Starts full.
class TokenBucket {
 public:
  // `rate` tokens a second (above 0), at most `burst` (at least 1) saved up. `clock` must
  // outlive the bucket; if it jumps back, time stands still for the bucket.
  TokenBucket(const Clock& clock, double rate, double burst);

  // Takes `tokens` if they are there.
  bool TryTake(double tokens = 1);
  // How long until TryTake(tokens) can succeed, if nobody else takes any; zero = now. More
  // than the burst can never succeed: Duration::max().
  Duration WaitFor(double tokens = 1);

 private:
  void Refill();

  const Clock& clock_;
  const double rate_;
  const double burst_;
  std::mutex mutex_;
  double tokens_;
  Timestamp last_;
};

}  // namespace swell
