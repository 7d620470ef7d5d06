#pragma once
// Reading and writing how an application's objects are applied, compared, judged and deleted.
// Internal to the domain; see fields.h.

#include <vector>

#include "base/value/value.h"
#include "reconciler/domain/application.h"
#include "reconciler/domain/fields.h"

namespace swell {

// `spec.sync`.
SyncSpec ReadSync(Fields fields);
// `spec.ignoreDifferences`, `spec.healthChecks` and `spec.deletion` of `spec`.
void ReadIgnoreDifferences(Fields& spec, std::vector<IgnoreDifference>& out);
void ReadHealthChecks(Fields& spec, std::vector<HealthCheck>& out);
DeletionPolicy ReadDeletion(Fields& spec);

// The inverse; without what is at its default. Null where everything is.
Value ToValue(const SyncSpec& sync);
Value ToValue(const std::vector<IgnoreDifference>& rules);
Value ToValue(const std::vector<HealthCheck>& checks);
Value ToValue(DeletionPolicy deletion);

}  // namespace swell
