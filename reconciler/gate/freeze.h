#pragma once
// Freezes (nobody writes) and overrides (the glass is broken: what is closed passes by hand), of
// the fleet or of one application. What the ledger keeps of them: LedgerRecord's content as JSON.

#include <optional>
#include <string>
#include <vector>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "reconciler/domain/ledger_record.h"

namespace swell::gate {

struct Freeze {
  std::string application;  // "" is the fleet
  std::string actor;
  std::string reason;
  Timestamp at;
  std::optional<Timestamp> until;  // nothing: until somebody ends it
  friend bool operator==(const Freeze&, const Freeze&) = default;
};

struct Override {
  std::string application;  // "" is the fleet
  std::string actor;
  std::string reason;
  Timestamp at;
  Timestamp until;
  friend bool operator==(const Override&, const Override&) = default;
};
inline constexpr Duration kMaxOverride = std::chrono::hours(24);

// One of each kind at a time, for the fleet and for each application: a new one replaces it.
inline constexpr char kOnlyKey[] = "current";

// kInvalidArgument where there is no reason, or where it ends before it begins or too late.
Status Check(const Freeze& freeze);
Status Check(const Override& given);

LedgerRecord ToRecord(const Freeze& freeze);
LedgerRecord ToRecord(const Override& given);
// Inverse; kDataLoss where the record is not of that kind or cannot be read.
Result<Freeze> FreezeFromRecord(const LedgerRecord& record);
Result<Override> OverrideFromRecord(const LedgerRecord& record);

inline bool IsOver(const Freeze& freeze, Timestamp now) {
  return freeze.until && now >= *freeze.until;
}
inline bool IsOver(const Override& given, Timestamp now) { return now >= given.until; }

// "the fleet is frozen by ada until 2026-11-30T06:00:00Z: incident 42"
std::string Show(const Freeze& freeze);
// "override of web by ada until 2026-11-30T06:00:00Z: incident 42"
std::string Show(const Override& given);

// Those of the application and of the fleet that are not over, the application's own first.
std::vector<Freeze> FreezesOf(const std::vector<Freeze>& all, const std::string& application,
                              Timestamp now);
std::vector<Override> OverridesOf(const std::vector<Override>& all, const std::string& application,
                                  Timestamp now);

}  // namespace swell::gate
