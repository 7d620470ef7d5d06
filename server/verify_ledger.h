#pragma once
// `swelld --verify-ledger`: the check of `swell history verify` without a server, for backups and
// for the time after something happened.

#include "server/config/config.h"

namespace swell {

// Prints what it found; the exit status: 0, or 1 where the ledger is not as it was written or
// cannot be read.
int VerifyLedger(const config::ServerConfig& config);

}  // namespace swell
