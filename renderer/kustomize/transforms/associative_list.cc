#include "renderer/kustomize/transforms/associative_list.h"

#include <algorithm>
#include <set>
#include <utility>

#include "renderer/kustomize/transforms/resource.h"

namespace swell::kustomize {
namespace {

std::string KeyText(const Value& item, std::string_view key) {
  const Value* field = item.Find(key);
  return field ? ScalarText(*field) : "";
}

// Whether both agree wherever both have a value (and somewhere they are equal); `merged` then
// holds the values of both.
bool Agree(const KeyValues& a, const KeyValues& b, KeyValues& merged) {
  if (a.size() != b.size()) return false;
  bool common = false;
  merged.clear();
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i]) {
      common = true;
    } else if (!a[i].empty() && !b[i].empty()) {
      return false;
    }
    merged.push_back(a[i].empty() ? b[i] : a[i]);
  }
  return common;
}

// As kyaml's field matcher: an empty wanted text matches any field that is there.
bool ItemHas(const Value& item, const std::vector<std::string>& keys, const KeyValues& values) {
  bool found = true;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i < values.size()) {
      if (keys[i].empty()) {
        found = !item.is_object() && !item.is_array() && ScalarText(item) == values[i];
      } else {
        const Value* field = item.Find(keys[i]);
        found = field && (values[i].empty() || ScalarText(*field) == values[i]);
      }
    }
    if (!found) return false;
  }
  return found;
}

}  // namespace

void CollectKeyValues(const Value& list, const std::vector<std::string>& keys,
                      std::vector<KeyValues>& all) {
  std::set<KeyValues> seen(all.begin(), all.end());
  for (const Value& item : list.items()) {
    KeyValues values;
    for (const std::string& key : keys) values.push_back(KeyText(item, key));
    if (seen.insert(values).second) all.push_back(std::move(values));
  }
}

void CollectScalars(const Value& list, std::vector<KeyValues>& all) {
  std::set<KeyValues> seen(all.begin(), all.end());
  for (const Value& item : list.items()) {
    KeyValues values = {ScalarText(item)};
    if (seen.insert(values).second) all.push_back(std::move(values));
  }
}

void CompleteKeyValues(std::vector<KeyValues>& all) {
  KeyValues merged;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const KeyValues first = all[i];
    for (std::size_t j = 0; j < all.size(); ++j) {
      if (!Agree(first, all[j], merged)) continue;
      all[i] = merged;
      all[j] = merged;
    }
  }
}

UsedKeys FindUsedKeys(const std::vector<KeyValues>& all, const KeyValues& values,
                      const std::vector<std::string>& keys) {
  std::vector<bool> used(keys.size(), false);
  for (const KeyValues& item : all) {
    for (std::size_t i = 0; i < item.size(); ++i) {
      if (!item[i].empty()) used[i] = true;
    }
  }
  if (std::ranges::find(used, true) == used.end()) return {keys, values};
  UsedKeys result;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (used[i]) result.keys.push_back(keys[i]);
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i].empty() || used[i]) result.values.push_back(values[i]);
  }
  return result;
}

std::optional<std::size_t> FindItem(const std::vector<Value>& items, const UsedKeys& used) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Value& item = items[i];
    if (used.keys.empty() || used.keys[0].empty()) {
      if (!item.is_object() && !item.is_array() && ScalarText(item) == used.values[0]) return i;
      continue;
    }
    if (!item.is_object() || used.keys.size() != used.values.size()) continue;
    bool matches = true;
    for (std::size_t k = 0; k < used.keys.size() && matches; ++k) {
      const Value* field = item.Find(used.keys[k]);
      matches = field && ScalarText(*field) == used.values[k];
    }
    if (matches) return i;
  }
  return std::nullopt;
}

void SetItem(std::vector<Value>& items, const std::vector<std::string>& keys,
             const KeyValues& values, const std::optional<Value>& element) {
  const bool wants_map = !keys.empty() && !keys[0].empty() && !values.empty() && !values[0].empty();
  std::vector<Value> kept;
  bool matched = false;
  for (Value& item : items) {
    if (item.is_null() || (item.is_object() && item.empty())) continue;
    if (!item.is_object() && wants_map) {
      kept.push_back(std::move(item));
    } else if (!ItemHas(item, keys, values)) {
      if (!values.empty()) kept.push_back(std::move(item));
    } else {
      matched = true;
      if (element) kept.push_back(*element);
    }
  }
  if (element && !element->is_null() && !matched) kept.push_back(*element);
  items = std::move(kept);
}

void AppendItems(std::vector<Value>& items, const std::vector<Value>& more,
                 const std::vector<std::string>& keys) {
  for (const Value& item : more) {
    if (keys.empty() || keys[0].empty()) {
      SetItem(items, {""}, {ScalarText(item)}, item);
      continue;
    }
    KeyValues values;
    for (const std::string& key : keys) {
      const Value* field = item.Find(key);
      if (!field || field->is_null()) {
        items.push_back(item);  // and goes on with the other keys, as kyaml does
        continue;
      }
      values.push_back(ScalarText(*field));
    }
    if (keys.size() > 1) SetItem(items, keys, values, std::nullopt);
    SetItem(items, keys, values, item);
  }
}

}  // namespace swell::kustomize
