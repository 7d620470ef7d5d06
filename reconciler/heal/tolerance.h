#pragma once
// Tolerances: drift that somebody lets be for a while.

#include <string>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "reconciler/domain/application.h"
#include "reconciler/domain/ledger_record.h"
#include "renderer/object/object.h"

namespace swell::heal {

struct Tolerance {
  ObjectId id;
  std::string pointer;  // "" is the whole object, its absence included
  std::string cluster;  // "" is every one
  Timestamp since;
  Timestamp until;
  std::string actor;
  std::string reason;
  friend bool operator==(const Tolerance&, const Tolerance&) = default;
};
// Whatever is tolerated for ever belongs into ignoreDifferences.
inline constexpr Duration kLongest = std::chrono::hours(24 * 30);

// Unique within an application: another one of the same object, pointer and cluster takes its
// place.
std::string KeyOf(const Tolerance& tolerance);
LedgerRecord ToLedger(const std::string& application, const Tolerance& tolerance);
Result<Tolerance> FromLedgerTolerance(const LedgerRecord& record);

// "apps/Deployment web/web /spec/replicas in c01"
std::string Describe(const Tolerance& tolerance);
IgnoreDifference RuleOf(const Tolerance& tolerance);

}  // namespace swell::heal
