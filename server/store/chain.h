#pragma once
// The hash chain: what makes a change of the ledger behind Swell's back evident.
//
// Each time that a row of one of the ChainedTables is written or deleted, the same transaction
// appends a link:
//
//   hash = SHA-256(previous hash, number, kind, key, digest, marks)
//
// each field after its length (8 bytes, little endian; numbers as decimal text). `digest` is the
// row's Fingerprint, empty where the row was deleted. Links count from 1 without a gap; the first
// one is of kind "genesis", its key the time at which the chain began, its previous hash 32 zeros.
// So the last hash, the head, stands for all that was ever written. Whoever can write the file can
// also compute a whole new chain: heads that are kept elsewhere tell (VerifyRequest::expect).

#include <string>
#include <string_view>

#include "base/core/clock.h"
#include "base/core/digest.h"
#include "base/core/result.h"
#include "server/store/chain_rows.h"
#include "server/store/sqlite.h"

namespace swell::store {

inline constexpr std::string_view kGenesis = "genesis";

struct Link {
  std::int64_t number = 0;
  std::string kind;
  std::string key;
  std::string digest;  // 32 bytes; "": the row was deleted
  std::string marks;
};
Digest HashOf(const Digest& previous, const Link& link);

// Appends links. Every call stands inside the transaction that writes the row; the head is kept
// in memory, so nobody else may append. Not thread-safe.
class Chain {
 public:
  explicit Chain(Database& database) : database_(database), rows_(database) {}

  // Of a database without a chain: the first link, and one for each row that is there.
  Status Begin(Timestamp now);
  // The row was written or deleted: takes it as it stands in the table now.
  Status Append(std::string_view kind, std::string_view key);
  // The same where the row's fingerprint is known.
  Status Append(std::string_view kind, std::string_view key, const Fingerprint& row);

  void Committed() { committed_ = head_; }
  void RolledBack() { head_ = committed_; }

 private:
  struct Head {
    std::int64_t number = 0;  // 0: not read yet
    Digest hash;
  };
  Status Append(Link link);
  Status ReadHead();

  Database& database_;
  RowReader rows_;
  std::optional<Statement> insert_;
  Head head_;
  Head committed_;
};

}  // namespace swell::store
