#include "base/runtime/backoff.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace swell {

RandomSource SystemRandom() {
  return [] {
    thread_local std::minstd_rand generator(std::random_device{}());
    return std::uniform_real_distribution<double>(0.0, 1.0)(generator);
  };
}

Duration Backoff::Next() {
  const double most = static_cast<double>(options_.max.count());
  const double grown =
      static_cast<double>(options_.initial.count()) * std::pow(options_.factor, attempts_);
  attempts_ = std::min(attempts_ + 1, 1'000'000);
  const double base = std::min(grown, most);  // also where pow overflowed to infinity
  const double varied = base * (1 + options_.jitter * (2 * random_() - 1));
  return Duration(static_cast<Duration::rep>(std::clamp(varied, 0.0, most)));
}

}  // namespace swell
