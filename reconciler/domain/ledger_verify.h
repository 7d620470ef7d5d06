#pragma once
// What a check of the ledger's hash chain is asked and tells (server/store/chain.h).

#include <cstdint>
#include <optional>
#include <string>

#include "base/core/clock.h"
#include "base/core/digest.h"

namespace swell {

struct VerifyRequest {
  // The number of the event to begin with; what was written before it is taken as it is. 0 begins
  // at the chain's beginning.
  std::int64_t from = 0;
  // A head that was printed earlier and kept elsewhere: the chain must go through it.
  std::optional<Digest> expect;
};

struct VerifyReport {
  std::int64_t links = 0;   // checked
  std::int64_t events = 0;  // of these: lines of history
  std::int64_t last = 0;    // number of the last link that was checked
  // Of that link: stands for everything before it, where nothing is damaged.
  Digest head;
  Timestamp began_at;  // since when there is a chain
  // The first row that is not as it was written, and what became of it; "" where all are.
  std::string damage;
  bool ok() const { return damage.empty(); }
};

}  // namespace swell
