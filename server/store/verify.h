#pragma once
// The hash chain, checked against the rows it covers.

#include "base/core/result.h"
#include "reconciler/domain/ledger_verify.h"
#include "server/store/sqlite.h"

namespace swell::store {

// Sees one state of the database, whatever is committed meanwhile; memory does not grow with it.
// The connection must not be in a transaction. See Ledger::Verify.
Result<VerifyReport> Verify(Database& database, const VerifyRequest& request);

}  // namespace swell::store
