#include "base/runtime/token_bucket.h"

#include <algorithm>
#include <cmath>

#include "base/core/check.h"

namespace swell {

TokenBucket::TokenBucket(const Clock& clock, double rate, double burst)
    : clock_(clock), rate_(rate), burst_(burst), tokens_(burst), last_(clock.Now()) {
  SWELL_CHECK(rate > 0 && burst >= 1);
}

void TokenBucket::Refill() {
  const Timestamp now = clock_.Now();
  if (now <= last_) return;
  const double seconds = std::chrono::duration<double>(now - last_).count();
  tokens_ = std::min(burst_, tokens_ + seconds * rate_);
  last_ = now;
}

bool TokenBucket::TryTake(double tokens) {
  std::lock_guard lock(mutex_);
  Refill();
  // Rounding must not make somebody wait who waited as long as WaitFor said.
  if (tokens_ + 1e-9 < tokens) return false;
  tokens_ -= tokens;
  return true;
}

Duration TokenBucket::WaitFor(double tokens) {
  std::lock_guard lock(mutex_);
  Refill();
  if (tokens > burst_) return Duration::max();
  if (tokens_ >= tokens) return Duration::zero();
  return Duration(static_cast<Duration::rep>(std::ceil((tokens - tokens_) / rate_ * 1000)));
}

}  // namespace swell
