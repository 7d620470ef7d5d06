#pragma once
// The one writer of the database: mutations in, rows out.

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reconciler/domain/ledger.h"
#include "server/store/chain.h"
#include "server/store/claim.h"
#include "server/store/kill_point.h"
#include "server/store/sealer.h"
#include "server/store/sqlite.h"

namespace swell::store {

// Not thread-safe: the ledger's Commit holds its mutex.
class Writer {
 public:
  // `claim` must outlive it.
  Writer(Database database, const Sealer& sealer, const Claim& claim, KillPoint kill)
      : database_(std::move(database)), sealer_(sealer), claim_(claim), kill_(kill) {}

  // One transaction. kAborted where the claim is lost; then for ever.
  Status Commit(const std::vector<Mutation>& mutations);

 private:
  Status Do(const PutResource& m);
  Status Do(const DeleteResource& m);
  Status Do(const PutBlob& m);
  Status Do(const PutRollout& m);
  Status Do(const PutApplicationState& m);
  Status Do(const PutClusterRecord& m);
  Status Do(const DeleteClusterRecord& m);
  Status Do(const PutQuarantine& m);
  Status Do(const DeleteQuarantine& m);
  Status Do(const PutStableRecord& m);
  Status Do(const PutRecord& m);
  Status Do(const DeleteRecord& m);
  Status Do(const AppendEvent& m);
  Status DoAll(const std::vector<Mutation>& mutations);
  Status AppendDeleted(std::string_view kind, const std::string& key);
  void MaybeDie(KillPoint::When when) const;
  Result<Statement*> Cached(std::string_view sql);
  using ClusterKey = std::pair<std::string, std::string>;  // application, cluster
  // Null where it is not known.
  const RolloutState* LastWritten(const std::string& rollout) const;
  bool IsWritten(const ClusterKey& key, const Inventory& inventory) const;

  Database database_;
  const Sealer& sealer_;
  const Claim& claim_;
  const KillPoint kill_;
  std::int64_t commits_ = 0;
  Chain chain_{database_};
  std::map<std::string_view, Statement> statements_;  // before database_ closes they go first
  // What is on disk, so that a step writes only what it changed; shared with who wrote it.
  struct OnDisk {
    std::map<std::string, RolloutStatePtr> rollouts;  // those that run, by id
    std::map<ClusterKey, Inventory> inventories;
  };
  OnDisk written_;
  OnDisk pending_;  // of this commit; joins after it
};

}  // namespace swell::store
