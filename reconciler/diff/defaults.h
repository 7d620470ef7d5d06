#pragma once
// What the server puts where nothing is stated, and which spellings mean the same.

#include <string_view>

#include "base/value/value.h"
#include "renderer/schema/schema.h"

namespace swell::diff {

// What is known of the place where a value stands.
struct Place {
  const schema::FieldInfo* info = nullptr;  // nullptr: nothing special
  bool root = false;                        // the object itself
  bool typed = false;                       // a field of a built-in type
  bool custom = false;                      // a field that a CRD's schema describes
  bool replaced = false;  // part of a custom type's atomic list, which an apply writes anew
  bool entry = false;     // an entry of a free map: every key counts
  bool filled = false;    // a map, or its entry, that the server adds to
  const schema::TypeSchema* owner = nullptr;  // the type whose field this is
  const Value* owners = nullptr;              // FieldsV1 of everybody: tells list types
  const Value* ignored = nullptr;             // FieldsV1 of the managers that are ignored
  std::string_view name;                      // the field's; "" for list items
};

// Equal for the server: 1 and 1.0, "1000m" and 1 of a quantity, "60m" and "1h" of a duration,
// base64 with and without line breaks. An int-or-string keeps its kind: 1 is not "1".
bool SameScalar(const Value& a, const Value& b, const Place& place);
// Of two that are spelt differently and the same: why. "the same quantity"
std::string_view WhyEqual(const Place& place);

// Stating `value` changes nothing where live has nothing.
bool IsImplied(const Value& value, const Place& place);

// The server takes `value` for nothing stated, and puts its default there or what it allots: an
// empty text, and the zeros of a few numbers, of a built-in type.
bool IsNothing(const Value& value, const Place& place);

// Taking `live` back changes nothing: the server would put the same there again, or keep it.
// `parent` is the live object that holds it.
bool IsServerMade(const Value& live, const Value& parent, const Place& place);

// What is known of a field of the node at `place`.
Place DescendInto(const Place& place, std::string_view field);

}  // namespace swell::diff
