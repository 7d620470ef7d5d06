#pragma once
// Ledger: what the engine remembers. reconciler owns the interface, server/store implements it
// over SQLite; MemoryLedger serves tests and the simulation.

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/core/clock.h"
#include "base/core/digest.h"
#include "base/core/result.h"
#include "reconciler/domain/application.h"
#include "reconciler/domain/inventory.h"
#include "reconciler/domain/ledger_record.h"
#include "reconciler/domain/ledger_verify.h"
#include "reconciler/domain/plan.h"
#include "reconciler/domain/rollout.h"
#include "reconciler/domain/stable_record.h"
#include "renderer/ambient/remotes.h"

namespace swell {

// What is known of one application between rollouts.
struct ApplicationState {
  std::string application;
  // The last revision that its ref resolved to. Kept when a resolution fails.
  Revision revision;
  std::string source_error;  // why the ref cannot be resolved now; "" where it can
  // What the kustomizations of the source use of the network, and what it resolved to last. Kept
  // when a resolution fails.
  RemotePins remotes;
  // The last revision and generation that were planned to the end, so a restart does not
  // plan again what is already in place.
  std::string reconciled_commit;
  std::int64_t reconciled_generation = 0;
  std::string error;  // why the last reconcile failed (render, plan); "" where it did not
  std::string hold;   // why changes wait (manual sync, quarantine, running rollout)
  bool out_of_sync = false;
  std::int64_t last_rollout = 0;  // number; 0: none yet
  friend bool operator==(const ApplicationState&, const ApplicationState&) = default;
};

// What one cluster holds of one application, as last proven.
struct ClusterRecord {
  std::string application;
  std::string cluster;
  Digest manifest;  // last applied; empty: none
  // Of the last rollout that succeeded as a whole: what a failed one goes back to.
  Digest good_manifest;
  std::string good_commit;
  std::int64_t good_rollout = 0;
  std::string commit;
  std::int64_t rollout = 0;  // number of the rollout that applied it
  Health health;
  Timestamp updated_at;
  Inventory inventory;
};

struct Quarantine {
  std::string application;
  std::string commit;
  std::int64_t rollout = 0;  // number of the rollout that condemned it
  std::string reason;
  Timestamp at;
};

// One line of history: what happened, when, to what, by whom.
struct LedgerEvent {
  std::int64_t sequence = 0;  // set by the ledger; grows
  Timestamp at;
  std::string application;
  std::string rollout;  // id; "" where none
  std::string cluster;  // "" where none
  std::string type;     // "RolloutStarted", "ClusterHealthy", "RevisionQuarantined" …
  std::string message;
  std::string actor;
};

enum class BlobKind : std::uint8_t { kManifest, kPlan };

// Mutations: one Commit applies a list of them in one transaction, in order.
struct PutResource {
  Resource resource;
};  // generation is set by the engine
struct DeleteResource {
  std::string kind;
  std::string name;
};
// Content-addressed, written once; the key must be Digest of nothing else than the content's
// own identity (Manifest::digest, Plan::digest). Sensitive blobs are encrypted at rest.
struct PutBlob {
  BlobKind kind;
  Digest key;
  std::string content;
  bool sensitive = false;
};
// Shared with who wrote it: the state of a rollout over a fleet is large, and a step changes
// little of it.
struct PutRollout {
  explicit PutRollout(RolloutState s) : state(std::make_shared<RolloutState>(std::move(s))) {}
  explicit PutRollout(RolloutStatePtr s) : state(std::move(s)) {}
  RolloutStatePtr state;  // not null
};
struct PutApplicationState {
  ApplicationState state;
};
struct PutClusterRecord {
  ClusterRecord record;
};
struct DeleteClusterRecord {
  std::string application;
  std::string cluster;
};
struct PutQuarantine {
  Quarantine quarantine;
};
struct DeleteQuarantine {
  std::string application;
  std::string commit;
};
struct PutStableRecord {
  StableRecord record;
};  // always encrypted at rest
// Replaces the one of the same kind, application and key.
struct PutRecord {
  LedgerRecord record;
};
struct DeleteRecord {
  RecordKind kind;
  std::string application;
  std::string key;
};
struct AppendEvent {
  LedgerEvent event;
};

using Mutation =
    std::variant<PutResource, DeleteResource, PutBlob, PutRollout, PutApplicationState,
                 PutClusterRecord, DeleteClusterRecord, PutQuarantine, DeleteQuarantine,
                 PutStableRecord, PutRecord, DeleteRecord, AppendEvent>;

// Threads: Commit is called by one thread at a time (the engine's); every read may be called
// from any thread and sees committed state alone.
class Ledger {
 public:
  virtual ~Ledger() = default;

  // All or nothing, durable when it returns. kResourceExhausted when the disk is full,
  // kUnavailable for other storage faults, kAborted where CheckOwner is: nothing was written then.
  virtual Status Commit(std::vector<Mutation> mutations) = 0;

  virtual Result<std::vector<Resource>> ListResources(std::string_view kind) const = 0;
  virtual Result<std::optional<Resource>> GetResource(std::string_view kind,
                                                      std::string_view name) const = 0;
  // Verified against its recorded checksum; kDataLoss where it does not match.
  virtual Result<std::string> GetBlob(BlobKind kind, const Digest& key) const = 0;
  virtual Result<bool> HasBlob(BlobKind kind, const Digest& key) const = 0;
  // Newest first; before == 0 starts at the newest.
  virtual Result<std::vector<RolloutState>> ListRollouts(std::string_view application,
                                                         std::int64_t before, int limit) const = 0;
  virtual Result<std::optional<RolloutState>> GetRollout(std::string_view application,
                                                         std::int64_t number) const = 0;
  // Every rollout that is not terminal: what a restarted server resumes.
  virtual Result<std::vector<RolloutState>> ActiveRollouts() const = 0;
  virtual Result<std::vector<ApplicationState>> ListApplicationStates() const = 0;
  virtual Result<std::vector<ClusterRecord>> ListClusterRecords(
      std::string_view application) const = 0;
  virtual Result<std::vector<Quarantine>> ListQuarantine(std::string_view application) const = 0;
  // Without entries where nothing is kept. kDataLoss where it cannot be read.
  virtual Result<StableRecord> GetStableRecord(std::string_view application,
                                               std::string_view cluster) const = 0;
  // In the order of application and key.
  virtual Result<std::vector<LedgerRecord>> ListRecords(const RecordQuery& query) const = 0;
  // After the sequence, oldest first.
  virtual Result<std::vector<LedgerEvent>> ListEvents(std::string_view application,
                                                      std::int64_t after, int limit) const = 0;

  // Whether every row of history, and of what history is about, is as it was written. May take
  // seconds; others go on reading and writing. kNotFound where there is no event `from`.
  virtual Result<VerifyReport> Verify(const VerifyRequest& request) const = 0;
  // kAborted where another process has taken over what this ledger writes to. From then on this one
  // never writes again. Cheap enough to ask before each write to a cluster.
  virtual Status CheckOwner() const = 0;
};

// Keeps everything in memory. Thread-safe.
std::unique_ptr<Ledger> MakeMemoryLedger();

}  // namespace swell
