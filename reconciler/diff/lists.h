#pragma once
// How the items of two lists belong together.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/diff/defaults.h"

namespace swell::diff {

struct ListShape {
  schema::ListType type = schema::ListType::kAtomic;
  std::vector<std::string> keys;  // of kMap
};

// By the built-in schema, else by what managedFields show, else atomic.
ListShape ShapeOf(const Place& place);

// A list's items by their keys.
struct KeyedItems {
  std::vector<std::string> keys;  // one per item, in order: `[name=web]`
  // The index of the item with that key.
  std::optional<std::size_t> Find(std::string_view key) const;
};
// Nothing where an item has no keys, or two have the same: the list is then taken as atomic.
std::optional<KeyedItems> KeyItems(const Value& list, const ListShape& shape, const Place& place);

// What is known of an item of the list at `place`.
Place ItemPlace(const Place& place, const Value& item);

}  // namespace swell::diff
