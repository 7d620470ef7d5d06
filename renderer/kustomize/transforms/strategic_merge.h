#pragma once
// Strategic merge as kustomize does it (kyaml's merge2), which is not quite what the API
// server does: only `$patch` is known, and the patch's list items come first.

#include <set>
#include <string>

#include "base/core/result.h"
#include "base/value/value.h"
#include "renderer/kustomize/transforms/budget.h"
#include "renderer/kustomize/transforms/merge_schema.h"

namespace swell::kustomize {

// The object with the patch merged in; null where the patch deletes it. Lists that the schema does
// not speak of are replaced. kInvalidArgument where the shapes do not fit or a `$patch` value is
// unknown.
Result<Value> StrategicMerge(const Value& object, const Value& patch, const MergeSchema& types,
                             Budget& budget);

// A merge removes fields without any value ("key:") from the object that it merges into, but
// keeps a null that is written out. The object without the nulls whose keys are not in
// `written`; lists that do not merge are left as they are.
Value WithoutUnwrittenNulls(const Value& object, const std::set<std::string>& written,
                            const MergeSchema& types);

}  // namespace swell::kustomize
