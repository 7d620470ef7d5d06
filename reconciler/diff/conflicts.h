#pragma once
// Field conflicts: what we want otherwise than another field manager that owns it. Pure;
// thread-safe. The planner asks so that a plan shows what the apply will do; the apply asks when
// the API server has answered with a conflict.

#include <string>
#include <vector>

#include "base/value/pointer.h"
#include "base/value/value.h"
#include "reconciler/domain/application.h"

namespace swell::diff {

struct FieldConflict {
  PointerTokens desired;              // where the field is in the desired object
  PointerTokens live;                 // and in the live one: items of lists by their own index
  std::string path;                   // "/spec/template/spec/containers/[name=web]/image"
  std::vector<std::string> managers;  // sorted, unique
};

// The fields that `desired` and `live` state with different values and that somebody else than
// `manager`'s applies owns, by live's managedFields; in the order of their paths. What is inside of
// a list or map that is owned as a whole is told as that whole.
std::vector<FieldConflict> FindConflicts(const Value& desired, const Value& live,
                                         std::string_view manager);

// The policy of the application for one field of the desired object: the first rule that names it
// or something around it, else sync.conflicts.
ConflictPolicy PolicyOf(const SyncSpec& sync, const ObjectId& id, const PointerTokens& field);

// Whether every field of the object is taken, whoever owns it.
bool TakesAll(const SyncSpec& sync, const ObjectId& id);

// `object` without those fields. Maps and items that become empty stay.
Value WithoutFields(const Value& object, std::vector<PointerTokens> fields);

// The place in `document` that the API server calls ".spec.containers[name=\"web\"].image" (the
// field of a conflict's cause); nothing where there is no such place. Keys with dots are found too.
std::vector<PointerTokens> FindFieldPath(const Value& document, std::string_view path);

}  // namespace swell::diff
