#include "reconciler/heal/policy.h"

#include <algorithm>
#include <optional>

namespace swell::heal {
namespace {

bool IsStopped(const std::vector<Stop>& stops, const Field& field) {
  return std::ranges::any_of(
      stops, [&](const Stop& stop) { return stop.path.empty() || stop.path == field.path; });
}

std::optional<Stop> StopOf(const Record& record, const Field& field, Timestamp now,
                           const Policy& policy) {
  Stop stop{.path = field.path, .manager = field.manager, .at = now};
  Timestamp since = now;
  for (const Repair& repair : record.repairs) {
    const bool flip = repair.at > now - policy.window &&
                      std::ranges::find(repair.fields, Repair::What{field.path, field.manager}) !=
                          repair.fields.end();
    if (!flip) continue;
    ++stop.flips;
    since = std::min(since, repair.at);
  }
  if (stop.flips < policy.flips) return {};
  stop.span = std::chrono::duration_cast<Duration>(now - since);
  return stop;
}

// Repairs that followed each other without calm in between, up to now.
int RunLength(const Record& record, Timestamp now, const Policy& policy) {
  int run = 0;
  Timestamp next = now;
  for (auto repair = record.repairs.rbegin(); repair != record.repairs.rend(); ++repair) {
    if (next - repair->at > policy.calm) break;
    next = repair->at;
    ++run;
  }
  return run;
}

Duration PauseAfter(int run, const Policy& policy) {
  Duration pause = policy.first_pause;
  for (int i = 1; i < run && pause < policy.max_pause; ++i) pause *= 2;
  return std::min(pause, policy.max_pause);
}

}  // namespace

Decision Decide(const Record& record, const std::vector<Field>& drifted, Timestamp now,
                const Policy& policy) {
  Decision out;
  bool left = false;
  for (const Field& field : drifted) {
    if (field.left_alone || IsStopped(record.stops, field)) continue;
    if (auto stop = StopOf(record, field, now, policy)) {
      out.stops.push_back(std::move(*stop));
    } else {
      left = true;
    }
  }
  const int run = RunLength(record, now, policy);
  if (!left) {
    out.verdict = Decision::Verdict::kNothing;
  } else if (run > 0) {
    const Timestamp until = record.repairs.back().at + PauseAfter(run, policy);
    if (now < until) {
      out.verdict = Decision::Verdict::kWait;
      out.until = until;
    }
  }
  return out;
}

}  // namespace swell::heal
