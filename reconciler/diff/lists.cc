#include "reconciler/diff/lists.h"

#include "base/value/json.h"

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
      (place.custom || place.info->list_type != schema::ListType::kAtomic)) {
    return {place.info->list_type, place.info->list_keys};
  }
  if (place.info && place.typed) return {};
  return ShapeByOwners(place.owners).value_or(ListShape());
}

std::optional<std::size_t> KeyedItems::Find(const std::string& key) const {
  const auto found = index_.find(key);
  if (found == index_.end()) return {};
  return found->second;
}

bool KeyedItems::Add(std::string key) {
  const bool added = index_.emplace(key, keys_.size()).second;
  keys_.push_back(std::move(key));
  return added;
}

std::optional<KeyedItems> KeyItems(const Value& list, const ListShape& shape, const Place& place) {
  KeyedItems items;
  for (const Value& item : list.items()) {
    if (!item.is_object()) return {};
    std::string text;
    for (const std::string& key : shape.keys) {
      const Value& value = KeyValue(item, key, place);
      if (value.is_null()) continue;
      text += (text.empty() ? "[" : ",") + key + "=" + KeyText(value);
    }
    if (text.empty()) return {};
    if (!items.Add(text + "]")) return {};
  }
  return items;
}

Place ItemPlaces::Of(const Value& item) const {
  Place child;
  child.info = place_.info ? place_.info->Item() : nullptr;
  child.typed = place_.typed;
  child.custom = place_.custom;
  child.replaced = place_.replaced || (place_.custom && place_.info != nullptr &&
                                       place_.info->shape == schema::Shape::kList &&
                                       place_.info->list_type == schema::ListType::kAtomic);
  child.owners = owners_.Find(item);
  child.ignored = ignored_.Find(item);
  return child;
}

}  // namespace swell::diff
