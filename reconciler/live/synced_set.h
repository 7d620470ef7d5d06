#pragma once
// SyncedSet: comparisons whose outcome was "nothing differs", so that they need not be made, nor
// their live objects be read, again.

#include <cstddef>
#include <mutex>
#include <unordered_set>

#include "reconciler/live/fingerprint.h"

namespace swell::live {

// Thread-safe. Holds up to twice `capacity` entries of some 40 bytes; what has not been asked
// for longest is forgotten first.
class SyncedSet {
 public:
  explicit SyncedSet(std::size_t capacity = 1'000'000) : capacity_(capacity) {}

  void Add(const Fingerprint& comparison);
  bool Has(const Fingerprint& comparison);
  std::size_t size() const;

 private:
  void AddLocked(const Fingerprint& comparison);

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  // Guarded by mutex_. What is asked for moves to the young; full, they become the old.
  std::unordered_set<Fingerprint> young_;
  std::unordered_set<Fingerprint> old_;
};

}  // namespace swell::live
