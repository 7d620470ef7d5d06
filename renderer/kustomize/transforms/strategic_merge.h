#pragma once
// Strategic merge as kustomize does it (kyaml's merge2), which is not quite what the API
// server does: only `$patch` is known, and the patch's list items come first.

#include "base/core/result.h"
#include "base/value/value.h"

namespace swell::kustomize {

// The object with the patch merged in; null where the patch deletes it. The kinds' merge keys
// come from schema::FindKustomizeType; other lists are replaced. kInvalidArgument where the
// shapes do not fit or a `$patch` value is unknown.
Result<Value> StrategicMerge(const Value& object, const Value& patch);

}  // namespace swell::kustomize
