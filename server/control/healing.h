#pragma once
// Drift, what is tolerated of it, and what was deleted, as the engine tells them.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/core/clock.h"
#include "reconciler/heal/drift.h"
#include "reconciler/heal/kept_object.h"
#include "reconciler/heal/tolerance.h"

namespace swell::control {

struct DriftEntry {
  std::string application;
  heal::Record record;
};

struct ToleranceEntry {
  std::string application;
  heal::Tolerance tolerance;
};

struct ToleranceRequest {
  std::string application;
  std::string object;   // KIND/NAME
  std::string ns;       // "" where the name is one object's alone
  std::string pointer;  // "" is the whole object
  std::string cluster;  // "" is every one
  Duration length{0};   // not of untolerate
  std::string actor;
  std::string reason;
};

struct KeptEntry {
  std::string application;
  heal::KeptObject kept;  // without the object itself
};

struct UndeleteRequest {
  std::string application;  // may be one that is not declared any more
  // KIND/NAME; none are all. Without objects, number and since: what the last rollout that deleted
  // anything has deleted.
  std::vector<std::string> objects;
  std::string cluster;            // "" is every one
  std::int64_t number = 0;        // of the rollout that deleted them; 0 is any
  std::optional<Duration> since;  // deleted at most so long ago
  bool dry_run = false;
  std::string actor;
  std::string reason;
};

struct Undeleted {
  // kThere: an object of that name is there, and is left as it is.
  enum class Outcome : std::uint8_t { kWouldRestore, kRestored, kThere, kFailed };
  std::string cluster;
  ObjectId id;
  std::string rollout;  // that deleted it
  Outcome outcome = Outcome::kRestored;
  bool managed = false;  // the application declares it: it is the application's again
  std::string message;   // why it failed, what comes back otherwise than it was
};

}  // namespace swell::control
