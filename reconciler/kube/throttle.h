#pragma once
// Throttle: when a client may send its next request. For reconciler/kube's own sources; of the
// loop's thread.

#include <algorithm>
#include <optional>

#include "base/core/clock.h"
#include "base/runtime/token_bucket.h"

namespace swell::kube {

struct ThrottleOptions {
  std::size_t max_in_flight = 32;
  double requests_per_second = 0;  // 0: as many as the server takes
  double burst = 1;
};

// Three limits: a number in flight, a rate, and the server's own word. Priority and fairness
// refuses with 429 by the user that asks, so that one refusal concerns every call of the
// client: nothing is sent before the server's Retry-After is over, and half as many requests
// are in flight then. Each answer after that lets the number grow again, as TCP does.
class Throttle {
 public:
  // `clock` must outlive it and never go back.
  Throttle(const Clock& clock, const ThrottleOptions& options);

  // Asks to send one more while `in_flight` are on their way: nothing if that may be done now
  // (and counts it), else how long until it is worth asking again; Duration::max() if only the
  // end of another request helps.
  std::optional<Duration> Ask(std::size_t in_flight);
  // The server refused a request that was sent at `sent`.
  void OnRefused(Timestamp sent, Duration retry_after);
  void OnAnswer();

  // How many may be in flight now.
  std::size_t limit() const { return std::max<std::size_t>(1, static_cast<std::size_t>(limit_)); }

 private:
  const Clock& clock_;
  const double max_;
  double limit_;
  std::optional<TokenBucket> bucket_;
  Timestamp paused_until_{};
  std::optional<Timestamp> cut_;  // when the limit was last made smaller
};

}  // namespace swell::kube
