#pragma once
// Reads of the database, on a connection of their own.

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/domain/ledger.h"
#include "server/store/sealer.h"
#include "server/store/sqlite.h"

namespace swell::store {

// Thread-safe: each call holds the connection for its duration. See Ledger for the contracts.
class Reader {
 public:
  Reader(Database database, const Sealer& sealer)
      : database_(std::move(database)), sealer_(sealer) {}

  Result<std::vector<Resource>> Resources(std::string_view kind, std::string_view name);
  Result<std::string> Blob(BlobKind kind, const Digest& key);
  Result<bool> HasBlob(BlobKind kind, const Digest& key);
  // number == 0: every rollout before `before` (0: all), newest first.
  Result<std::vector<RolloutState>> Rollouts(std::string_view application, std::int64_t number,
                                             std::int64_t before, int limit);
  Result<std::vector<RolloutState>> ActiveRollouts();
  Result<std::vector<ApplicationState>> ApplicationStates();
  Result<std::vector<ClusterRecord>> ClusterRecords(std::string_view application);
  Result<std::vector<Quarantine>> Quarantined(std::string_view application);
  Result<StableRecord> Stable(std::string_view application, std::string_view cluster);
  Result<std::vector<LedgerRecord>> Records(const RecordQuery& query);
  Result<std::vector<LedgerEvent>> Events(std::string_view application, std::int64_t after,
                                          int limit);

 private:
  Result<RolloutState> ReadRollout(std::string_view application, std::int64_t number,
                                   std::string_view body);

  std::mutex mutex_;
  Database database_;                // guarded by mutex_
  std::optional<Statement> stable_;  // prepared once, asked for each cluster; guarded by mutex_
  const Sealer& sealer_;
};

}  // namespace swell::store
