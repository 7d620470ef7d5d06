#include "reconciler/diff/ownership.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/value/json.h"

namespace swell::diff {
namespace {

constexpr int kMaxDepth = 128;

Value Union(const Value& a, const Value& b, int depth) {
  if (a.is_null()) return b;
  if (b.is_null() || depth > kMaxDepth) return a;
  // One owns the field itself, the other something in it: both are told.
  if (depth > 0 && a.empty() != b.empty()) {
    return (a.empty() ? b : a).With(".", Value::EmptyObject());
  }
  std::vector<Member> members(a.members().begin(), a.members().end());
  for (const Member& member : b.members()) {
    const Value* mine = a.Find(member.name());
    members.emplace_back(member.key, mine ? Union(*mine, member.value, depth + 1) : member.value);
  }
  return Value::Object(std::move(members));
}

template <class Chosen>
Value UnionOf(const Value& object, Chosen&& chosen) {
  Value all;
  for (const Value& entry : object["metadata"]["managedFields"].items()) {
    // A subresource's fields (status, scale) are no concern of what is declared.
    if (entry["subresource"].as_string() == "status") continue;
    if (chosen(entry) && entry["fieldsV1"].is_object()) all = Union(all, entry["fieldsV1"], 0);
  }
  return all;
}

bool IsApply(const Value& entry) { return entry["operation"].as_string() == "Apply"; }

std::optional<Value> ProjectNode(const Value& value, const Value& own, const Value* others,
                                 int depth);

std::optional<Value> ProjectItem(const Value& item, const Value& own, const Value* others,
                                 const std::vector<std::string>& keys, int depth) {
  auto rest = ProjectNode(item, own, others, depth);
  const bool sole = own.Has(".") && (others == nullptr || !others->Has("."));
  if (!sole && (!rest || rest->empty())) return {};
  Value projected = rest.value_or(Value::EmptyObject());
  for (const std::string& key : keys) {
    if (const Value* value = item.Find(key)) projected = projected.With(key, *value);
  }
  return projected;
}

std::optional<Value> ProjectList(const Value& list, const Value& own, const Value* others,
                                 int depth) {
  const ItemIndex mine(&own);
  const ItemIndex theirs(others);
  std::vector<Value> items;
  for (const Value& item : list.items()) {
    const Value* node = mine.Find(item);
    if (node == nullptr) continue;
    const Value* other = theirs.Find(item);
    if (!item.is_object()) {
      if (other == nullptr) items.push_back(item);
    } else if (auto kept = ProjectItem(item, *node, other, mine.keys(), depth)) {
      items.push_back(*std::move(kept));
    }
  }
  if (items.empty()) return {};
  return Value::Array(std::move(items));
}

std::optional<Value> ProjectNode(const Value& value, const Value& own, const Value* others,
                                 int depth) {
  if (depth > kMaxDepth) return {};
  if (IsLeaf(own)) return others == nullptr ? std::optional<Value>(value) : std::nullopt;
  if (value.is_array()) return ProjectList(value, own, others, depth + 1);
  std::vector<Member> members;
  for (const Member& member : value.members()) {
    const Value* node = FieldNode(&own, member.name());
    if (node == nullptr) continue;
    auto kept = ProjectNode(member.value, *node, FieldNode(others, member.name()), depth + 1);
    if (kept) members.emplace_back(member.key, *std::move(kept));
  }
  const bool sole = own.Has(".") && (others == nullptr || !others->Has("."));
  if (members.empty() && !sole) return {};
  return Value::Object(std::move(members));
}

void CollectPlaces(const Value& value, const Value& owned, PointerTokens& at,
                   std::vector<PointerTokens>& places) {
  if (at.size() > static_cast<std::size_t>(kMaxDepth)) return;
  if (IsLeaf(owned)) {
    places.push_back(at);
    return;
  }
  const auto go_on = [&](const Value& child, const Value* node, std::string token) {
    if (node == nullptr) return;
    at.push_back(std::move(token));
    CollectPlaces(child, *node, at, places);
    at.pop_back();
  };
  for (const Member& member : value.members()) {
    go_on(member.value, FieldNode(&owned, member.name()), member.key.str());
  }
  if (!value.is_array()) return;
  const ItemIndex items(&owned);
  for (std::size_t i = 0; i < value.items().size(); ++i) {
    go_on(value[i], items.Find(value[i]), std::to_string(i));
  }
}

}  // namespace

Value UnionFields(const Value& a, const Value& b) { return Union(a, b, 0); }

Value OwnedBy(const Value& object, std::span<const std::string> managers, Operations operations) {
  return UnionOf(object, [&](const Value& entry) {
    return (operations == Operations::kAll || IsApply(entry)) &&
           std::ranges::find(managers, entry["manager"].as_string()) != managers.end();
  });
}

Value OwnedByAll(const Value& object) {
  return UnionOf(object, [](const Value&) { return true; });
}

Value OwnedByOthers(const Value& object, std::string_view manager) {
  return UnionOf(object, [&](const Value& entry) {
    return !(IsApply(entry) && entry["manager"].as_string() == manager);
  });
}

std::vector<Owner> OwnersAt(const Value& object, const Value& document, const PointerTokens& at) {
  std::vector<Owner> owners;
  for (const Value& entry : object["metadata"]["managedFields"].items()) {
    const Value* value = &document;
    const Value* node = entry["fieldsV1"].empty() ? nullptr : &entry["fieldsV1"];
    for (const std::string& token : at) {
      if (node == nullptr || IsLeaf(*node)) break;  // an atomic part owns what is below it
      if (value->is_array()) {
        const PointerTokens index = {token};
        const Value* item = FindPointer(*value, index);
        node = item == nullptr ? nullptr : ItemIndex(node).Find(*item);
        value = item == nullptr ? &document : item;
      } else {
        node = FieldNode(node, token);
        value = &(*value)[token];
      }
    }
    if (node == nullptr) continue;
    owners.push_back({.manager = entry["manager"].str(),
                      .time = entry["time"].str(),
                      .applied = IsApply(entry),
                      .whole = IsLeaf(*node)});
  }
  return owners;
}

std::vector<PointerTokens> OwnedPlaces(const Value& object, const Value& owned) {
  std::vector<PointerTokens> places;
  PointerTokens at;
  if (!owned.empty()) CollectPlaces(object, owned, at, places);
  return places;
}

bool IsLeaf(const Value& node) { return node.empty(); }

const Value* FieldNode(const Value* node, std::string_view field) {
  return node == nullptr ? nullptr : node->Find("f:" + std::string(field));
}

ItemIndex::ItemIndex(const Value* node) : node_(node) {
  if (node == nullptr) return;
  for (const Member& child : node->members()) {
    if (!child.name().starts_with("k:")) continue;
    const auto keys = json::Parse(child.name().substr(2));
    if (!keys) continue;
    // All items of a list have the same keys.
    for (const Member& key : keys->members()) keys_.push_back(key.key.str());
    return;
  }
}

const Value* ItemIndex::Find(const Value& item) const {
  if (node_ == nullptr) return nullptr;
  if (!item.is_object()) return node_->Find("v:" + json::Write(item));
  if (keys_.empty()) return nullptr;
  std::vector<Member> members;
  for (const std::string& key : keys_) {
    const Value* value = item.Find(key);
    if (value == nullptr) return nullptr;
    members.emplace_back(key, *value);
  }
  return node_->Find("k:" + json::Write(Value::Object(std::move(members))));
}

Value Project(const Value& object, const Value& own, const Value& others) {
  if (own.is_null()) return {};
  return ProjectNode(object, own, others.is_null() ? nullptr : &others, 0)
      .value_or(Value::EmptyObject());
}

}  // namespace swell::diff
