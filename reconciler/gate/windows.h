#pragma once
// Change windows: whether an application may be changed in a cluster now, why not, and until when.
// Pure: time is given. docs/windows.md.

#include <optional>
#include <string>
#include <vector>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "base/text/cron.h"
#include "base/text/time_zone.h"
#include "reconciler/domain/application.h"
#include "reconciler/domain/change_window.h"

namespace swell::gate {

// A declared window, ready to be asked. Open from each time that its schedule names for its
// duration, which is of time that passes; openings that meet are one.
class Window {
 public:
  // kInvalidArgument where its schedule or zone cannot be read: both were when it was declared.
  static Result<Window> Compile(ChangeWindow declared);

  const ChangeWindow& declared() const { return declared_; }
  bool AppliesTo(const Application& application) const;
  bool AppliesTo(const Cluster& cluster) const;

  bool IsOpen(Timestamp at) const;
  // When an open window closes, and a closed one opens; nothing where it is not foreseen: its
  // openings follow each other without an end.
  std::optional<Timestamp> ChangesAt(Timestamp at) const;
  // Of a closed one: when it closed last; nothing where it never was open.
  std::optional<Timestamp> ClosedAt(Timestamp at) const;

 private:
  Window(ChangeWindow declared, Cron schedule, TimeZone zone)
      : declared_(std::move(declared)), schedule_(schedule), zone_(std::move(zone)) {}

  ChangeWindow declared_;
  Cron schedule_;
  TimeZone zone_;
};

// Of one cluster. Changes are allowed when no deny window that applies is open and, where allow
// windows apply, one of them is.
struct Verdict {
  bool allowed = true;
  // Of what is not allowed:
  bool manual = false;                  // syncs and rollbacks by hand pass: every window says so
  Overrun overrun = Overrun::kWave;     // the strictest of the windows that closed it
  std::string reason;                   // "closed by deny window freeze until 2026-11-30T06:00:00Z"
  std::optional<Timestamp> allowed_at;  // when it is again; nothing: not foreseen
};

struct ClusterVerdict {
  std::string cluster;
  Verdict verdict;
};

// In the order of `clusters`. Quick for fleets: clusters of the same windows are judged once.
std::vector<ClusterVerdict> Judge(const std::vector<Window>& windows,
                                  const Application& application,
                                  const std::vector<Cluster>& clusters, Timestamp at);

// "c1, c2 and 3 more: closed by …; c9: …"; without names where it is the same for all. "" where
// all are allowed.
std::string ShowClosed(const std::vector<ClusterVerdict>& verdicts);

}  // namespace swell::gate
