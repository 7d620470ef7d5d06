#include "reconciler/live/synced_set.h"

#include <utility>

namespace swell::live {

void SyncedSet::AddLocked(const Fingerprint& comparison) {
  if (young_.size() >= capacity_) {
    old_ = std::exchange(young_, {});
  }
  young_.insert(comparison);
}

void SyncedSet::Add(const Fingerprint& comparison) {
  const std::lock_guard lock(mutex_);
  AddLocked(comparison);
}

bool SyncedSet::Has(const Fingerprint& comparison) {
  const std::lock_guard lock(mutex_);
  if (young_.contains(comparison)) return true;
  if (!old_.contains(comparison)) return false;
  AddLocked(comparison);
  return true;
}

std::size_t SyncedSet::size() const {
  const std::lock_guard lock(mutex_);
  return young_.size() + old_.size();
}

}  // namespace swell::live
