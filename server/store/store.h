#pragma once
// The ledger over one SQLite file.

#include <memory>
#include <string>

#include "base/core/result.h"
#include "reconciler/domain/ledger.h"
#include "server/store/kill_point.h"

namespace swell::store {

struct Options {
  std::string path;      // the database; "<path>.lock" beside it says who has it open
  std::string key_file;  // "" is "<path>.key"; made where it does not exist
  KillPoint kill = {};   // for the crash tests
};

// Opens or creates the database, takes its lock, brings the schema up to date and claims it: from
// then on no other process that had it open can write it (claim.h).
// kFailedPrecondition where another process has it open (the message names its pid) or a newer
// version of Swell wrote it.
Result<std::unique_ptr<Ledger>> Open(const Options& options);

// Ledger::Verify of a database that nobody needs to have open, such as a backup. Takes neither its
// lock nor its key, and writes nothing. kFailedPrecondition where it is of another schema.
Result<VerifyReport> VerifyFile(const std::string& path, const VerifyRequest& request);

}  // namespace swell::store
