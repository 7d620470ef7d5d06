#pragma once
// Delays that end together.

#include <algorithm>
#include <chrono>

namespace swell::net {

// The delay, made up to an eighth and at most a second longer so that it ends at a moment that
// others choose as well: what looks after each of thousands of connections now and then should not
// wake the loop for each of them.
inline std::chrono::milliseconds UntilSharedMoment(
    std::chrono::milliseconds delay,
    std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now()) {
  using std::chrono::milliseconds;
  const milliseconds step = std::clamp(delay / 8, milliseconds(1), milliseconds(1000));
  const auto at = std::chrono::ceil<milliseconds>(now.time_since_epoch() + delay);
  const milliseconds moment = (at + step - milliseconds(1)) / step * step;
  return std::chrono::floor<milliseconds>(moment - now.time_since_epoch());
}

}  // namespace swell::net
