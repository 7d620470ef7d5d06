#pragma once
// The ledger's records as documents.

#include "base/core/result.h"
#include "base/value/value.h"
#include "reconciler/domain/ledger.h"

namespace swell::store {

Value ToValue(const ApplicationState& state);
Result<ApplicationState> ApplicationStateFromValue(const Value& value);

Value ToValue(const ClusterRecord& record);
Result<ClusterRecord> ClusterRecordFromValue(const Value& value);

std::string_view BlobKindName(BlobKind kind);

}  // namespace swell::store
