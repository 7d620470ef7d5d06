#pragma once
// Keeping what a rollout deletes, so that it can be brought back (reconciler/heal/kept_object.h).

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "reconciler/domain/ledger.h"
#include "reconciler/heal/kept_object.h"
#include "server/control/planning.h"

namespace swell::control {

// Of one transaction.
inline constexpr std::size_t kMaxKeptBytes = std::size_t{64} << 20;

struct Keeping {
  std::vector<Mutation> mutations;
  std::size_t kept = 0;
  std::size_t left_out = 0;  // there was no room for them: kMaxKept, kMaxKeptBytes
};

// Belongs to the control loop.
class Keeper {
 public:
  explicit Keeper(const Ledger& ledger) : ledger_(ledger) {}

  // Everything that the planned deletions of the rollout's clusters take away, hooks apart, in its
  // last live form; and what is thrown away for it, so that an application keeps the newest
  // heal::kMaxKept. For the transaction that records the intent.
  Result<Keeping> Keep(const RolloutState& rollout,
                       const std::map<std::string, PlannedCluster>& clusters, Timestamp now);
  // After something else than Keep has written.
  void Forget(const std::string& application) { keys_.erase(application); }

 private:
  Result<std::vector<std::string>*> KeysOf(const std::string& application);

  const Ledger& ledger_;
  std::size_t next_index_ = 0;  // tells apart what is kept in the same millisecond
  // What an application has, oldest first; read when it is needed first.
  std::map<std::string, std::vector<std::string>> keys_;
};

// Everything that is kept of an application, oldest first.
Result<std::vector<std::pair<std::string, heal::KeptObject>>> ListKept(
    const Ledger& ledger, const std::string& application);

// The deletion of what is older than heal::kKeepFor, of every application.
Result<std::vector<Mutation>> SweepKept(const Ledger& ledger, Timestamp now);

}  // namespace swell::control
