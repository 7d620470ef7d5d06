#pragma once
// Time as a dependency: everything that waits or stamps takes a Clock, so that tests
// and the simulation own time.

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>

#include "base/core/result.h"

namespace swell {

using Duration = std::chrono::milliseconds;
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;  // UTC

class Clock {
 public:
  virtual ~Clock() = default;
  // Thread-safe. Wall-clock time; may jump.
  virtual Timestamp Now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Timestamp Now() const override;
};

// A clock that moves only when told to. Thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start = Timestamp{}) : now_(start.time_since_epoch().count()) {}
  Timestamp Now() const override { return Timestamp{Duration{now_.load()}}; }
  void Advance(Duration by) { now_ += by.count(); }

 private:
  std::atomic<Duration::rep> now_;
};

// RFC 3339, UTC: "2026-11-23T13:57:03Z"; milliseconds are printed only where not zero.
std::string FormatTimestamp(Timestamp t);
Result<Timestamp> ParseTimestamp(std::string_view text);

// Go's duration syntax: "10m", "1h30m", "500ms". Negative and unit-less texts are refused.
std::string FormatDuration(Duration d);
Result<Duration> ParseDuration(std::string_view text);

}  // namespace swell
