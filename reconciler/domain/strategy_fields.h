#pragma once
// Reading and writing how an application is rolled out. Internal to the domain; see fields.h.

#include "base/value/value.h"
#include "reconciler/domain/application.h"
#include "reconciler/domain/fields.h"

namespace swell {

// `spec.rollout`.
StrategySpec ReadStrategy(Fields fields);
// The inverse; without what is at its default.
Value ToValue(const StrategySpec& strategy);
Result<StrategySpec> StrategyFromValue(const Value& value);

// 2, or "10%".
Amount ReadAmount(Fields& fields, std::string_view key);
Value ToValue(Amount amount);

}  // namespace swell
