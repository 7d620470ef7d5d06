#pragma once
// Strategic merge patch, as kubectl apply and kubectl patch send it for built-in kinds.

#include "base/core/result.h"
#include "base/value/value.h"
#include "renderer/schema/schema.h"

namespace swell::sandbox {

// `info`: the schema of the document, or nullptr. Lists merge by the schema's merge keys; the
// directives $patch, $retainKeys, $setElementOrder/… and $deleteFromPrimitiveList/… are obeyed.
// Errors: an item of a merged list without its key, or an unknown $patch.
Result<Value> StrategicMerge(const Value& original, const Value& patch,
                             const schema::FieldInfo* info);

}  // namespace swell::sandbox
