#pragma once
// Time for the simulated clusters: later calls, in order. The program runs them on a network
// loop; tests run them by hand.

#include <functional>
#include <map>
#include <utility>

#include "base/core/clock.h"

namespace swell::sandbox {

class Scheduler {
 public:
  using Function = std::move_only_function<void()>;
  virtual ~Scheduler() = default;
  // Runs `fn` once, on the thread that owns the cluster, `delay` from now.
  virtual void After(Duration delay, Function fn) = 0;
};

// Runs what is due when told to, moving its clock. Not thread-safe.
class ManualScheduler final : public Scheduler {
 public:
  explicit ManualScheduler(ManualClock& clock) : clock_(clock) {}

  void After(Duration delay, Function fn) override {
    queue_.emplace(clock_.Now() + delay, std::move(fn));
  }

  // Everything due within `by`, in order, also what these calls add.
  void Advance(Duration by) {
    const Timestamp end = clock_.Now() + by;
    while (!queue_.empty() && queue_.begin()->first <= end) {
      auto next = queue_.extract(queue_.begin());
      if (next.key() > clock_.Now()) clock_.Advance(next.key() - clock_.Now());
      next.mapped()();
    }
    if (end > clock_.Now()) clock_.Advance(end - clock_.Now());
  }

  std::size_t pending() const { return queue_.size(); }

 private:
  ManualClock& clock_;
  std::multimap<Timestamp, Function> queue_;
};

}  // namespace swell::sandbox
