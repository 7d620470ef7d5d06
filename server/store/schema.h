#pragma once
// The database's schema and how older ones become it.

#include "base/core/result.h"
#include "server/store/sqlite.h"

namespace swell::store {

// Applies the migrations that the file lacks, each in one transaction.
Status Migrate(Database& database);

// kFailedPrecondition where the file is not of the schema that this program knows.
Status CheckSchema(Database& database);

}  // namespace swell::store
