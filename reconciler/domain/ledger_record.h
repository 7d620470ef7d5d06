#pragma once
// LedgerRecord: what the ledger keeps beside rollouts and history, each kind in a form of its own
// that the ledger does not look into.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/core/clock.h"

namespace swell {

enum class RecordKind : std::uint8_t {
  kFreeze,     // nobody writes: the fleet, or an application
  kOverride,   // the glass is broken, for a while
  kPlan,       // a plan that was shown and may be approved and applied
  kApproval,   // somebody's yes to a plan
  kTolerance,  // drift that is left alone for a while
  kDrift,      // what drifted, when, by whom, and what became of it
  kDeleted,    // an object's last live form before it was deleted
};
std::string_view RecordKindName(RecordKind kind);  // "freeze"

struct LedgerRecord {
  RecordKind kind = RecordKind::kFreeze;
  std::string application;  // "" is the fleet
  std::string key;          // unique within kind and application; records are listed in its order
  Timestamp at;
  std::string content;     // JSON
  bool sensitive = false;  // encrypted at rest
  friend bool operator==(const LedgerRecord&, const LedgerRecord&) = default;
};

struct RecordQuery {
  RecordKind kind = RecordKind::kFreeze;
  std::optional<std::string> application;  // absent: every one, and the fleet
  std::string prefix;                      // of the key
  std::string after;                       // keys beyond it; "" starts at the first
  int limit = 1000;
};

}  // namespace swell
