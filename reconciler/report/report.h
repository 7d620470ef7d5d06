#pragma once
// Report: how an application is delivered, in numbers, out of what the ledger remembers. Pure: rows
// in, numbers out. What each number means, and where its definition is from: docs/reports.md.

#include <optional>
#include <string>
#include <vector>

#include "base/core/clock.h"
#include "reconciler/domain/ledger_record.h"
#include "reconciler/domain/rollout.h"

namespace swell::report {

// since <= t < until.
struct Window {
  Timestamp since;
  Timestamp until;
  bool Contains(Timestamp t) const { return t >= since && t < until; }
  double Days() const;
};

// Lengths of time. Percentiles by nearest rank: the smallest that so many percent do not exceed.
struct Spread {
  int count = 0;
  Duration p50{0};
  Duration p90{0};
  Duration longest{0};
  friend bool operator==(const Spread&, const Spread&) = default;
};
Spread SpreadOf(std::vector<Duration> lengths);

struct WaveLeadTime {
  std::string wave;
  Spread lead_time;
};

// A share of nothing is no number.
using Share = std::optional<double>;

struct Delivery {
  // Rollouts of kind sync that ended in the window.
  int rollouts = 0;
  int succeeded = 0;
  int failed = 0;                  // or rolled back by themselves
  int cancelled = 0;               // by a person, or superseded
  int rolled_back_by_hand = 0;     // of those that succeeded or were cancelled
  double deployments_per_day = 0;  // that succeeded
  Share success_rate;              // succeeded of all
  Share change_failure_rate;       // failed or rolled back by hand, of all
  // From the commit until its clusters were proven well; of the first rollout that brought it.
  Spread lead_time;                      // the whole fleet
  std::vector<WaveLeadTime> lead_times;  // in the order of waves
  int unknown_commit_times = 0;          // rollouts that are missing above for it
  Spread restore;                        // from a failure until the fleet was well again
  int unrestored = 0;                    // failures that nothing has made good yet
  int drifts = 0;  // that were first seen in the window, one an object and cluster
  double drifts_per_day = 0;
  Spread repair;  // from when one was seen until it was undone or gone
  int unrepaired = 0;
  int heals = 0;  // rollouts of kind heal that ended in the window
};

// What the ledger has of one application. Rollouts in any order: all that ended after the window's
// begin, and some before, to know which commits were there already.
struct Rows {
  std::string application;
  std::vector<RolloutState> rollouts;
  std::vector<LedgerRecord> drifts;  // RecordKind::kDrift
};

struct ApplicationReport {
  std::string application;
  Delivery delivery;
};

struct Report {
  Window window;
  std::vector<ApplicationReport> applications;  // in the order of the rows
  Delivery total;                               // over all of their rollouts
};

// What happened at or after window.until counts for nothing, so that the report of a time that is
// over does not change.
Report MakeReport(const Window& window, const std::vector<Rows>& rows);

}  // namespace swell::report
