#pragma once
// ChangeWindow: when clusters may be changed, and when not (docs/windows.md).

#include <cstdint>
#include <string>

#include "base/core/clock.h"
#include "reconciler/domain/selector.h"

namespace swell {

enum class WindowKind : std::uint8_t { kAllow, kDeny };

// What a rollout does that is under way when changes are no longer allowed. kFinish: it goes on to
// its end; kWave: to the end of its wave; kStop: no further cluster is begun. Clusters that are
// under way are always brought to their end, and a failure is always rolled back.
enum class Overrun : std::uint8_t { kFinish, kWave, kStop };

// Open from each time that `schedule` names, for `duration`. A change is allowed when no deny
// window that applies is open and, where allow windows apply, one of them is.
struct ChangeWindow {
  std::string name;
  std::int64_t generation = 0;
  WindowKind window = WindowKind::kAllow;
  std::string schedule;  // cron, five fields: "0 22 * * 1-5"
  Duration duration{0};
  std::string time_zone;  // of the IANA database; "" is UTC
  ApplicationSelector applications;
  ClusterSelector clusters;  // empty is every cluster
  Overrun overrun = Overrun::kWave;
  bool manual = false;  // whether syncs and rollbacks by hand pass while it is closed
  std::string description;
};

}  // namespace swell
