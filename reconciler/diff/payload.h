#pragma once
// What is sent to a cluster where a part of an object is somebody else's affair.

#include <string_view>

#include "base/value/value.h"
#include "reconciler/diff/ignore.h"
#include "renderer/schema/custom_types.h"

namespace swell::diff {

// `desired` as it is to be applied to `live` by `manager`, so that nothing that `rules` ignores is
// changed: an ignored field that another manager applies is left out, any other one gets live's
// value, and one that live has not is left out. An ignored field that is not desired but that
// `manager` has applied before is sent with live's value too, since leaving it out would remove it.
// (Flux computes its payloads so; Argo CD calls it RespectIgnoreDifferences.)
//
// Pure. Expressions that have to be given up ignore nothing. `custom_types` may be null.
Value WithoutIgnored(const Value& desired, const Value& live, const IgnoreRules& rules,
                     std::string_view manager, const schema::CustomTypes* custom_types = nullptr);

}  // namespace swell::diff
