#pragma once
// The ledger's records as documents.

#include <map>
#include <string>
#include <string_view>

#include "base/core/result.h"
#include "base/value/value.h"
#include "reconciler/domain/ledger.h"

namespace swell::store {

Value ToValue(const ApplicationState& state);
Result<ApplicationState> ApplicationStateFromValue(const Value& value);

// Without the inventory, which is a row of its own.
Value ToValue(const ClusterRecord& record);
Result<ClusterRecord> ClusterRecordFromValue(const Value& value);
Value ToValue(const Inventory& inventory);
Inventory InventoryFromValue(const Value& value);

// In clear: for the sealer alone.
Value ToValue(const StableRecord& record);
Result<std::map<Digest, StableRecord::Entry>> StableEntriesFromValue(const Value& value);
// What the sealed record is bound to.
std::string StableRecordContext(std::string_view application, std::string_view cluster);

std::string RecordContext(RecordKind kind, std::string_view application, std::string_view key);

std::string_view BlobKindName(BlobKind kind);

}  // namespace swell::store
