#pragma once
// The ledger over one SQLite file.

#include <memory>
#include <string>

#include "base/core/result.h"
#include "reconciler/domain/ledger.h"

namespace swell::store {

struct Options {
  std::string path;      // the database; "<path>.lock" beside it says who has it open
  std::string key_file;  // "" is "<path>.key"; made where it does not exist
};

// Opens or creates the database, takes its lock, and brings the schema up to date.
// kFailedPrecondition where another process has it open (the message names its pid) or a newer
// version of Swell wrote it.
Result<std::unique_ptr<Ledger>> Open(const Options& options);

}  // namespace swell::store
