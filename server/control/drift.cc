// Controller: live objects that changed, as the watches tell.

#include <algorithm>
#include <utility>

#include "server/control/controller.h"

namespace swell::control {

void Controller::OnLiveChanged(const std::string& application, const std::string& cluster,
                               live::Change change) {
  const auto it = entries_.find(application);
  if (it == entries_.end() || stopped_) return;
  Entry& entry = *it->second;
  if (change == live::Change::kHealth) {
    if (entry.runner) entry.runner->LiveHealthChanged(cluster);
    return ReadHealthSoon(entry, cluster);
  }
  entry.live_changes.told = true;
  LookSoon(entry);
}

void Controller::LookSoon(Entry& entry) {
  // The next tick sees that it is due.
  entry.resync_at = std::min(entry.resync_at, clock_.Now() + entry.live_changes.pause);
}

LiveState Controller::LiveStateFor(Entry& entry) {
  const Timestamp now = clock_.Now();
  if (now < entry.read_all_at) return LiveState::kWatched;
  entry.read_all_at = now + options_.audit_interval;
  return LiveState::kReadAll;
}

void Controller::NoteLivePlanBegins(Entry& entry, PlanKind kind) {
  LiveChanges& changes = entry.live_changes;
  changes.planned = std::exchange(changes.told, false) && kind == PlanKind::kHeal;
}

void Controller::NoteLivePlanEnds(Entry& entry) {
  entry.resync_at = clock_.Now() + options_.resync_interval;
  // Something changed while the plan was made: it may have been read before or after.
  if (entry.live_changes.told) LookSoon(entry);
}

void Controller::AdaptLivePause(Entry& entry, bool in_sync) {
  LiveChanges& changes = entry.live_changes;
  if (!std::exchange(changes.planned, false)) return;
  changes.pause =
      in_sync ? std::min<Duration>(changes.pause * 2, options_.resync_interval) : kFirstLivePause;
}

}  // namespace swell::control
