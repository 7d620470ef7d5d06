#pragma once
// The small parts of the vocabulary as documents, for the ledger and the API.

#include "base/core/clock.h"
#include "base/core/result.h"
#include "base/value/value.h"
#include "reconciler/domain/health.h"
#include "reconciler/domain/revision.h"
#include "renderer/object/object.h"

namespace swell {

Value ToValue(const ObjectId& id);
ObjectId ObjectIdFromValue(const Value& value);

Value ToValue(const Revision& revision);
Result<Revision> RevisionFromValue(const Value& value);

Value ToValue(const Health& health);
Result<Health> HealthFromValue(const Value& value);

// "" for the epoch, which stands for "not yet".
Value TimeToValue(Timestamp t);
Result<Timestamp> TimeFromValue(const Value& value);

}  // namespace swell
