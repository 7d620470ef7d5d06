#pragma once
// Claim: which process may write a database. The lock beside the file keeps a second swelld away
// where locks work; the claim holds where they do not (network file systems, a lock file that
// somebody removed, a process that was stopped and comes back).

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "server/store/sqlite.h"

namespace swell::store {

class Claim {
 public:
  // Takes the next epoch, which ends every earlier claim. `path` is the database's file.
  static Result<std::unique_ptr<Claim>> Take(Database& database, const std::string& path,
                                             Timestamp now);

  // What Check asks the database. It is asked before each write: prepare it once a connection.
  static constexpr std::string_view kOwner = "SELECT epoch, host, process, since FROM owner";
  // Reads who has the database now; `owner` is kOwner on any connection to it. kAborted where that
  // is another, or where the file at `path` is not the one that was opened; then for ever.
  // Thread-safe, but for the connection.
  Status Check(Statement& owner) const;

  std::int64_t epoch() const { return epoch_; }

 private:
  Claim(std::string path, std::int64_t epoch) : path_(std::move(path)), epoch_(epoch) {}
  Status CheckFile() const;
  Status Judge(const Statement& owner) const;

  const std::string path_;
  const std::int64_t epoch_;
  unsigned long device_ = 0;
  unsigned long inode_ = 0;
  mutable std::atomic<bool> lost_ = false;
};

}  // namespace swell::store
