#pragma once
// How the items of two lists belong together.

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "reconciler/diff/defaults.h"
#include "reconciler/diff/ownership.h"

namespace swell::diff {

struct ListShape {
  schema::ListType type = schema::ListType::kAtomic;
  std::vector<std::string> keys;  // of kMap
};

// By the built-in schema, else by what managedFields show, else atomic.
ListShape ShapeOf(const Place& place);

// A list's items by their keys.
class KeyedItems {
 public:
  // One per item, in order: "[name=web]".
  const std::vector<std::string>& keys() const { return keys_; }
  // The index of the item with that key.
  std::optional<std::size_t> Find(const std::string& key) const;
  // False where the key is there already.
  bool Add(std::string key);

 private:
  std::vector<std::string> keys_;
  std::unordered_map<std::string, std::size_t> index_;
};
// Nothing where an item has no keys, or two have the same: the list is then taken as atomic.
std::optional<KeyedItems> KeyItems(const Value& list, const ListShape& shape, const Place& place);

// What is known of the items of the list at `place`, which must outlive it.
class ItemPlaces {
 public:
  explicit ItemPlaces(const Place& place)
      : place_(place), owners_(place.owners), ignored_(place.ignored) {}
  Place Of(const Value& item) const;

 private:
  const Place& place_;
  ItemIndex owners_;
  ItemIndex ignored_;
};

}  // namespace swell::diff
