#pragma once
// The rows that the hash chain covers, and their fingerprints.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/digest.h"
#include "base/core/result.h"
#include "server/store/sqlite.h"

namespace swell::store {

// What a row held when it was written: SHA-256 of each of its columns but its key, as stored (what
// is sealed stays sealed, so no key file is needed to check it).
class Fingerprint {
 public:
  static constexpr std::size_t kMarkBytes = 4;

  Fingerprint& Add(const Digest& column);
  Fingerprint& Add(std::string_view column) { return Add(Digest::Of(column)); }

  // Of the whole row; 32 bytes.
  std::string Whole() const;
  // The first bytes of each column's digest: they tell which one was changed, and prove nothing.
  std::string Marks() const;

 private:
  std::vector<Digest> columns_;
};

// A table of which every row leaves a link each time that it is written or deleted.
struct ChainedTable {
  std::string_view kind;                  // of its links
  std::size_t parts;                      // of a key, joined by "/"; the last one may hold more "/"
  const char* row;                        // the columns of one row, by the parts of its key
  const char* keys;                       // the keys, as `k`, of all rows that have links
  std::vector<std::string_view> columns;  // what people call them, in the order of `row`
};
inline constexpr std::string_view kEventRow = "event";
inline constexpr std::string_view kResourceRow = "resource";
inline constexpr std::string_view kBlobRow = "blob";
inline constexpr std::string_view kRolloutRow = "rollout";  // one that has ended, with its clusters
inline constexpr std::string_view kQuarantineRow = "quarantine";
inline constexpr std::string_view kRecordRow = "record";
// In the order in which a chain that begins takes them in.
std::span<const ChainedTable> ChainedTables();
// nullptr where there is none.
const ChainedTable* FindTable(std::string_view kind);

// "event 412 (RolloutSucceeded web-12, 2026-11-27T21:04:11Z)" is made of this and of the row:
// "event 412", "rollout web-12", "plan 1a2b3c4d5e6f", "Cluster c01", "freeze x of web".
std::string NameOfRow(std::string_view kind, std::string_view key);

// Reads rows by their keys. Not thread-safe.
class RowReader {
 public:
  explicit RowReader(Database& database) : database_(database) {}
  // Nothing where there is no such row.
  Result<std::optional<Fingerprint>> Read(const ChainedTable& table, std::string_view key);

 private:
  Result<Statement*> Bound(const char* sql, const ChainedTable& table, std::string_view key);

  Database& database_;
  std::map<const char*, Statement> statements_;
};

}  // namespace swell::store
