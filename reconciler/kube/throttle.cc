#include "reconciler/kube/throttle.h"

namespace swell::kube {

Throttle::Throttle(const Clock& clock, const ThrottleOptions& options)
    : clock_(clock),
      max_(static_cast<double>(std::max<std::size_t>(1, options.max_in_flight))),
      limit_(max_) {
  if (options.requests_per_second > 0) {
    bucket_.emplace(clock, options.requests_per_second, std::max(1.0, options.burst));
  }
}

std::optional<Duration> Throttle::Ask(std::size_t in_flight) {
  const Timestamp now = clock_.Now();
  if (now < paused_until_) return paused_until_ - now;
  if (in_flight >= limit()) return Duration::max();
  if (bucket_ && !bucket_->TryTake()) return std::max(Duration(1), bucket_->WaitFor());
  return std::nullopt;
}

void Throttle::OnRefused(Timestamp sent, Duration retry_after) {
  const Timestamp now = clock_.Now();
  paused_until_ = std::max(paused_until_, now + retry_after);
  // Requests that were on their way together are refused together: that is one sign.
  if (cut_ && sent <= *cut_) return;
  cut_ = now;
  limit_ = std::max(1.0, limit_ / 2);
}

void Throttle::OnAnswer() { limit_ = std::min(max_, limit_ + 1 / limit_); }

}  // namespace swell::kube
