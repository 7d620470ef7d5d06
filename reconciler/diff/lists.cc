#include "reconciler/diff/lists.h"

#include <algorithm>
#include <set>

#include "base/value/json.h"
#include "reconciler/diff/ownership.h"

namespace swell::diff {
namespace {

std::string KeyText(const Value& value) {
  return value.is_string() ? value.str() : json::Write(value);
}

const Value& KeyValue(const Value& item, const std::string& key, const Place& place) {
  static const Value kNone;
  const Value& value = item[key];
  if (!value.is_null()) return value;
  const schema::FieldInfo* info = place.info ? place.info->Item() : nullptr;
  const schema::FieldInfo* field = info ? info->Descend(key) : nullptr;
  return field ? field->default_value : kNone;
}

std::optional<ListShape> ShapeByOwners(const Value* owners) {
  if (owners == nullptr) return {};
  for (const Member& child : owners->members()) {
    if (child.name().starts_with("v:")) return ListShape{.type = schema::ListType::kSet};
    if (!child.name().starts_with("k:")) continue;
    const auto keys = json::Parse(child.name().substr(2));
    if (!keys || !keys->is_object()) continue;
    ListShape shape{.type = schema::ListType::kMap};
    for (const Member& key : keys->members()) shape.keys.push_back(key.key.str());
    return shape;
  }
  return {};
}

}  // namespace

ListShape ShapeOf(const Place& place) {
  if (place.info && place.info->shape == schema::Shape::kList &&
      place.info->list_type != schema::ListType::kAtomic) {
    return {place.info->list_type, place.info->list_keys};
  }
  if (place.info && place.typed) return {};
  return ShapeByOwners(place.owners).value_or(ListShape());
}

std::optional<std::size_t> KeyedItems::Find(std::string_view key) const {
  const auto found = std::ranges::find(keys, key);
  if (found == keys.end()) return {};
  return static_cast<std::size_t>(found - keys.begin());
}

std::optional<KeyedItems> KeyItems(const Value& list, const ListShape& shape, const Place& place) {
  KeyedItems items;
  std::set<std::string_view> seen;
  items.keys.reserve(list.items().size());
  for (const Value& item : list.items()) {
    if (!item.is_object()) return {};
    std::string text;
    for (const std::string& key : shape.keys) {
      const Value& value = KeyValue(item, key, place);
      if (value.is_null()) continue;
      text += (text.empty() ? "[" : ",") + key + "=" + KeyText(value);
    }
    if (text.empty()) return {};
    items.keys.push_back(text + "]");
    if (!seen.insert(items.keys.back()).second) return {};
  }
  return items;
}

Place ItemPlace(const Place& place, const Value& item) {
  Place child;
  child.info = place.info ? place.info->Item() : nullptr;
  child.typed = place.typed;
  child.owners = ItemNode(place.owners, item);
  child.ignored = ItemNode(place.ignored, item);
  return child;
}

}  // namespace swell::diff
