#include "server/store/schema.h"

#include <iterator>
#include <string>

#include "server/store/chain.h"

namespace swell::store {
namespace {

// Index i brings the schema to version i + 1 (PRAGMA user_version). Never edit a released one.
constexpr const char* kMigrations[] = {
    R"sql(
CREATE TABLE resources(
  kind TEXT NOT NULL, name TEXT NOT NULL, generation INTEGER NOT NULL,
  body BLOB NOT NULL,             -- the declared document, sealed
  PRIMARY KEY(kind, name)) STRICT, WITHOUT ROWID;

CREATE TABLE blobs(               -- manifests and plans by content
  kind INTEGER NOT NULL, key BLOB NOT NULL,
  sealed INTEGER NOT NULL,        -- 1: encrypted
  checksum BLOB NOT NULL,         -- SHA-256 of the stored bytes
  content BLOB NOT NULL,          -- zstd, then sealed where sensitive
  PRIMARY KEY(kind, key)) STRICT;

CREATE TABLE rollouts(
  application TEXT NOT NULL, number INTEGER NOT NULL,
  active INTEGER NOT NULL,        -- 1: not terminal
  phase TEXT NOT NULL, commit_id TEXT NOT NULL, created_at TEXT NOT NULL,
  body TEXT NOT NULL,             -- everything but the clusters
  PRIMARY KEY(application, number)) STRICT, WITHOUT ROWID;
CREATE INDEX rollouts_active ON rollouts(active) WHERE active = 1;

CREATE TABLE rollout_clusters(
  application TEXT NOT NULL, number INTEGER NOT NULL, cluster TEXT NOT NULL,
  phase TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY(application, number, cluster)) STRICT, WITHOUT ROWID;

CREATE TABLE application_states(
  application TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE cluster_records(
  application TEXT NOT NULL, cluster TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY(application, cluster)) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine(
  application TEXT NOT NULL, commit_id TEXT NOT NULL, rollout INTEGER NOT NULL,
  reason TEXT NOT NULL, at TEXT NOT NULL,
  PRIMARY KEY(application, commit_id)) STRICT, WITHOUT ROWID;

CREATE TABLE events(
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL,
  application TEXT NOT NULL, rollout TEXT NOT NULL, cluster TEXT NOT NULL,
  type TEXT NOT NULL, message TEXT NOT NULL, actor TEXT NOT NULL) STRICT;
CREATE INDEX events_application ON events(application, sequence);
)sql",
    R"sql(
CREATE TABLE stable_values(       -- what charts made up: passwords, keys, times
  application TEXT NOT NULL, cluster TEXT NOT NULL,
  body BLOB NOT NULL,             -- the record, zstd, sealed
  PRIMARY KEY(application, cluster)) STRICT, WITHOUT ROWID;
)sql",
    R"sql(
CREATE TABLE records(             -- freezes, approvals, drift, deleted objects and more
  kind TEXT NOT NULL, application TEXT NOT NULL, key TEXT NOT NULL, at TEXT NOT NULL,
  sealed INTEGER NOT NULL,        -- 1: encrypted
  content BLOB NOT NULL,          -- zstd, then sealed where sensitive
  PRIMARY KEY(kind, application, key)) STRICT, WITHOUT ROWID;
)sql",
    R"sql(
CREATE TABLE chain(               -- chain.h
  link INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, key TEXT NOT NULL,
  digest BLOB NOT NULL, marks BLOB NOT NULL, hash BLOB NOT NULL) STRICT;
CREATE INDEX chain_rows ON chain(kind, key, link) WHERE kind <> 'event';

CREATE TABLE owner(               -- who may write; one row (claim.h)
  one INTEGER PRIMARY KEY CHECK(one = 1), epoch INTEGER NOT NULL, host TEXT NOT NULL,
  process INTEGER NOT NULL, since TEXT NOT NULL) STRICT;
)sql",
    R"sql(
CREATE TABLE inventories(         -- what an application owns in a cluster
  application TEXT NOT NULL, cluster TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY(application, cluster)) STRICT, WITHOUT ROWID;
INSERT INTO inventories
  SELECT application, cluster, json_extract(body, '$.inventory') FROM cluster_records;
UPDATE cluster_records SET body = json_remove(body, '$.inventory');
)sql",
};

// What a migration cannot say in SQL.
Status Complete(Database& database, int version) {
  if (version != 4) return {};
  return Chain(database).Begin(SystemClock().Now());
}

constexpr int kVersion = static_cast<int>(std::size(kMigrations));

Result<int> Version(Database& database) {
  Statement statement = TRY(database.Prepare("PRAGMA user_version"));
  TRY(statement.Step());
  return static_cast<int>(statement.ColumnInt(0));
}

}  // namespace

Status Migrate(Database& database) {
  const int found = TRY(Version(database));
  if (found > kVersion) {
    return Fail(FailedPrecondition("the database has schema " + std::to_string(found) +
                                   ", this swelld knows " + std::to_string(kVersion) +
                                   ": a newer swelld wrote it"));
  }
  for (int version = found; version < kVersion; ++version) {
    TRY(database.Execute("BEGIN IMMEDIATE"));
    Status done = database.Execute(kMigrations[version]);
    if (done) done = Complete(database, version + 1);
    if (done) done = database.Execute("PRAGMA user_version = " + std::to_string(version + 1));
    if (done) done = database.Execute("COMMIT");
    if (!done) {
      (void)database.Execute("ROLLBACK");
      return Fail(done.error());
    }
  }
  return {};
}

Status CheckSchema(Database& database) {
  const int found = TRY(Version(database));
  if (found == kVersion) return {};
  return Fail(FailedPrecondition("the database has schema " + std::to_string(found) +
                                 ", this program knows " + std::to_string(kVersion) +
                                 ": use the swelld that wrote it"));
}

}  // namespace swell::store
