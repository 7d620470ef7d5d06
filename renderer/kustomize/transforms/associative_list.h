#pragma once
// The list steps of kustomize's strategic merge: matching items by one or more keys. With
// several keys kustomize has odd corners (items that lack a key match items that have it);
// they are copied here, because its users' overlays depend on them.

#include <optional>
#include <string>
#include <vector>

#include "base/value/value.h"

namespace swell::kustomize {

using KeyValues = std::vector<std::string>;

// Per item the texts under the keys, "" where there is none. Items seen before are left out.
void CollectKeyValues(const Value& list, const std::vector<std::string>& keys,
                      std::vector<KeyValues>& all);
// The items' own texts, for lists of scalars.
void CollectScalars(const Value& list, std::vector<KeyValues>& all);

// Lets items that agree where both have a value share the more complete values.
void CompleteKeyValues(std::vector<KeyValues>& all);

// The keys that some item has, and an item's values for them.
struct UsedKeys {
  std::vector<std::string> keys;
  KeyValues values;
};
UsedKeys FindUsedKeys(const std::vector<KeyValues>& all, const KeyValues& values,
                      const std::vector<std::string>& keys);

// The position of the first item with these values; nothing where there is none. A first key
// of "" compares the items themselves.
std::optional<std::size_t> FindItem(const std::vector<Value>& items, const UsedKeys& used);

// Replaces every item that has the values, or appends. Without an element: removes them.
// Drops empty items on the way.
void SetItem(std::vector<Value>& items, const std::vector<std::string>& keys,
             const KeyValues& values, const std::optional<Value>& element);

// Puts the items of `more` into `items` (by SetItem, one after the other).
void AppendItems(std::vector<Value>& items, const std::vector<Value>& more,
                 const std::vector<std::string>& keys);

}  // namespace swell::kustomize
