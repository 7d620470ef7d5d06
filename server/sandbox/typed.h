#pragma once
// Objects seen through a schema: which fields a document sets, how an applied document merges
// into a live one, what differs. The rules are structured-merge-diff's (facts: engine.md C,
// server-side apply): lists by their declared type, maps field by field, atomics as a whole.

#include <string>

#include "base/core/result.h"
#include "base/value/value.h"
#include "renderer/schema/schema.h"

namespace swell::sandbox::typed {

// What every function takes as `info`: the schema of the value at hand; nullptr where nothing
// is known (maps then merge field by field, lists are atomic).
using Info = schema::FieldInfo;

// The paths that the document sets (field_set.h). Errors: an item without its key, two items
// with one key, in the server's words (".spec.ports: duplicate entries for key [...]").
Result<Value> SetOf(const Value& object, const Info* info);

// `applied` laid over `live`.
Value Merge(const Value& live, const Value& applied, const Info* info);

// Takes out of `object` what is in `last` and belongs to nobody in `owners`.
Value Prune(const Value& object, const Value& last, const Value& owners, const Info* info);

struct Comparison {
  Value added, modified, removed;  // sets
};
Comparison Compare(const Value& before, const Value& after, const Info* info);

// The name of a list item under `info` ('k:{"name":"a"}', 'v:"x"'); "" where the list is atomic
// or the item lacks a key.
std::string ItemElement(const Value& item, const Info& list);

// Puts the schema's defaults where fields are absent, in everything that is present.
Value WithDefaults(const Value& object, const Info* info);

// Whether the whole value is owned and replaced at once.
bool IsAtomic(const Value& value, const Info* info);

// Drops null members at every depth, as decoding into typed structures does.
Value WithoutNulls(const Value& value);

}  // namespace swell::sandbox::typed
