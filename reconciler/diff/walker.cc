#include "reconciler/diff/walker.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "base/value/json.h"
#include "reconciler/diff/ownership.h"
#include "reconciler/diff/show.h"

namespace swell::diff {
namespace {

// Deeper documents are compared as wholes (the readers allow no more than this either).
constexpr std::size_t kMaxDepth = 512;

const Value* Present(const Value* value) {
  return value == nullptr || value->is_null() ? nullptr : value;
}

const Value* MemberOf(const Value* object, std::string_view name) {
  return object == nullptr ? nullptr : Present(object->Find(name));
}

const Value* ItemAt(const Value* list, std::optional<std::size_t> index) {
  return list == nullptr || !index ? nullptr : Present(&(*list)[*index]);
}

std::set<std::string_view> Names(const Value* a, const Value* b) {
  std::set<std::string_view> names;
  for (const Value* object : {a, b}) {
    if (object == nullptr) continue;
    for (const Member& member : object->members()) names.insert(member.name());
  }
  return names;
}

// The items of a set by their text; the first of equal ones.
std::map<std::string, std::size_t> IndexOf(const Value* list) {
  std::map<std::string, std::size_t> index;
  if (list == nullptr) return index;
  for (std::size_t i = 0; i < list->items().size(); ++i) index.emplace(json::Write((*list)[i]), i);
  return index;
}

}  // namespace

void Walker::Walk(const Value& desired, const Value& live, const Value& last, const Place& root) {
  Compare({.desired = &desired, .live = &live, .last = Present(&last), .parent = nullptr}, root);
}

void Walker::Compare(const Node& node, const Place& place) {
  if (node.desired == nullptr && node.last == nullptr) return;
  if (IsIgnored(place)) return;
  if (node.desired == nullptr) return CompareRemoved(node, place);
  if (node.live == nullptr) {
    if (!IsImplied(*node.desired, place)) Report(node);
    return;
  }
  if (node.desired->SharesWith(*node.live) && node.last == nullptr) return;
  if (path_.size() > kMaxDepth) {
    if (*node.desired != *node.live) Report(node);
    return;
  }
  if (node.desired->is_object() && node.live->is_object()) return CompareObjects(node, place);
  if (node.desired->is_array() && node.live->is_array()) return CompareLists(node, place);
  if (!SameScalar(*node.desired, *node.live, place)) Report(node);
}

void Walker::CompareMember(const Node& node, std::string_view name, const Place& place) {
  path_.push_back({std::string(name), std::string(name)});
  const Node child = {.desired = MemberOf(node.desired, name),
                      .live = MemberOf(node.live, name),
                      .last = MemberOf(node.last, name),
                      .parent = node.live};
  Compare(child, DescendInto(place, name));
  path_.pop_back();
}

void Walker::CompareObjects(const Node& node, const Place& place) {
  for (std::string_view name : Names(node.desired, node.last)) CompareMember(node, name, place);
  CompareUnion(node, place);
  if (place.info == nullptr || !place.info->atomic_map) return;
  // Owned as a whole: what somebody added is taken out by the next apply.
  for (const Member& member : node.live->members()) {
    if (MemberOf(node.desired, member.name()) || MemberOf(node.last, member.name())) continue;
    const Place child = DescendInto(place, member.name());
    if (IsServerMade(member.value, *node.live, child)) continue;
    path_.push_back({member.key.str(), member.key.str()});
    if (!IsIgnored(child)) Report({.live = &member.value});
    path_.pop_back();
  }
}

// A strategy of another type: the server drops what belonged to the former one.
void Walker::CompareUnion(const Node& node, const Place& place) {
  if (place.info == nullptr || !place.info->retain_keys || node.desired == nullptr) return;
  const Value* wanted = MemberOf(node.desired, "type");
  const Value* had = MemberOf(node.live, "type");
  if (wanted == nullptr || had == nullptr || *wanted == *had) return;
  for (const Member& member : node.live->members()) {
    const bool known = MemberOf(node.desired, member.name()) || MemberOf(node.last, member.name());
    if (known || !member.value.is_object()) continue;
    path_.push_back({member.key.str(), member.key.str()});
    if (!IsIgnored(DescendInto(place, member.name()))) Report({.live = &member.value});
    path_.pop_back();
  }
}

// Stated last time, no longer desired.
void Walker::CompareRemoved(const Node& node, const Place& place) {
  if (node.live == nullptr) return;
  static const Value kNothing;
  if (IsServerMade(*node.live, node.parent ? *node.parent : kNothing, place)) return;
  const bool objects = node.live->is_object() && node.last->is_object();
  if (objects && !(place.info && place.info->atomic_map)) {
    const bool foreign = std::ranges::any_of(node.live->members(), [&](const Member& member) {
      return !node.last->Has(member.name()) &&
             !IsServerMade(member.value, *node.live, DescendInto(place, member.name()));
    });
    if (foreign) {
      for (const Member& member : node.last->members()) CompareMember(node, member.name(), place);
      return;
    }
  }
  if (node.live->is_array() && node.last->is_array()) {
    const ListShape shape = ShapeOf(place);
    if (shape.type == schema::ListType::kMap && CompareKeyed(node, place, shape)) return;
    if (shape.type == schema::ListType::kSet) return CompareSets(node);
  }
  Report(node);
}

void Walker::CompareLists(const Node& node, const Place& place) {
  const ListShape shape = ShapeOf(place);
  if (shape.type == schema::ListType::kMap && CompareKeyed(node, place, shape)) return;
  if (shape.type == schema::ListType::kSet) return CompareSets(node);
  CompareAtomicLists(node, place);
}

void Walker::CompareAtomicLists(const Node& node, const Place& place) {
  const Value& desired = *node.desired;
  const Value& live = *node.live;
  if (desired.size() != live.size()) return Report(node);
  // Ownership knows an atomic list as a whole: what of an item is ours, and what a CRD's
  // defaults filled in, only the built-in schema could tell.
  const bool items_known = input_.basis != Basis::kOwnership || place.typed;
  const bool aligned =
      items_known && node.last && node.last->is_array() && node.last->size() == live.size();
  const ItemPlaces places(place);
  for (std::size_t i = 0; i < desired.size(); ++i) {
    const Place item = places.Of(live[i]);
    if (!desired[i].is_object() || !live[i].is_object()) {
      if (desired[i].is_array() && live[i].is_array()) {
        if (desired[i] == live[i]) continue;
      } else if (SameScalar(desired[i], live[i], item)) {
        continue;
      }
      return Report(node);
    }
    const std::string index = std::to_string(i);
    CompareItem({.desired = &desired[i],
                 .live = &live[i],
                 .last = aligned ? Present(&(*node.last)[i]) : nullptr},
                {index, index}, item);
  }
}

void Walker::CompareSets(const Node& node) {
  const std::map<std::string, std::size_t> wanted = IndexOf(node.desired);
  const std::map<std::string, std::size_t> had = IndexOf(node.live);
  std::optional<std::size_t> before;
  for (const Value& item : node.desired ? node.desired->items() : std::span<const Value>()) {
    const auto at = had.find(json::Write(item));
    if (at == had.end() || (before && at->second < *before)) return Report(node);
    before = at->second;
  }
  for (const auto& [item, index] : IndexOf(node.last)) {
    if (!wanted.contains(item) && had.contains(item)) return Report(node);
  }
}

// False where the items have no usable keys: nothing was reported then.
bool Walker::CompareKeyed(const Node& node, const Place& place, const ListShape& shape) {
  static const Value kEmpty = Value::EmptyArray();
  const Value* last = node.last && node.last->is_array() ? node.last : nullptr;
  const auto wanted = KeyItems(node.desired ? *node.desired : kEmpty, shape, place);
  const auto had = KeyItems(*node.live, shape, place);
  const auto applied = KeyItems(last ? *last : kEmpty, shape, place);
  if (!wanted || !had || !applied) return false;

  const ItemPlaces places(place);
  bool reordered = false;
  std::optional<std::size_t> before;
  for (std::size_t i = 0; i < wanted->keys().size(); ++i) {
    const std::string& key = wanted->keys()[i];
    const auto at = had->Find(key);
    const Value& item = (*node.desired)[i];
    const Value* live = ItemAt(node.live, at);
    CompareItem({.desired = &item, .live = live, .last = ItemAt(last, applied->Find(key))},
                {at ? std::to_string(*at) : "-", key}, places.Of(live ? *live : item));
    if (!at) continue;
    if (before && *at < *before) reordered = true;
    before = at;
  }
  for (const std::string& key : applied->keys()) {
    const auto at = had->Find(key);
    if (!at || wanted->Find(key)) continue;
    path_.push_back({std::to_string(*at), key});
    if (!IsIgnored(places.Of((*node.live)[*at]))) Report({.live = ItemAt(node.live, at)});
    path_.pop_back();
  }
  if (reordered) Report(node);
  return true;
}

void Walker::CompareItem(const Node& item, Token token, const Place& place) {
  path_.push_back(std::move(token));
  Compare(item, place);
  path_.pop_back();
}

bool Walker::IsIgnored(const Place& place) const {
  if (place.ignored != nullptr && IsLeaf(*place.ignored)) return true;
  return std::ranges::any_of(input_.ignored, [&](const PointerTokens& rule) {
    return !path_.empty() && rule.size() == path_.size() &&
           std::ranges::equal(rule, path_, [](const std::string& token, const Token& step) {
             return token == "*" || token == step.pointer;
           });
  });
}

ChangeCause Walker::CauseOf(const Node& node) const {
  if (input_.basis == Basis::kNone) return ChangeCause::kAdopted;
  if (node.desired == nullptr) return ChangeCause::kChanged;
  if (input_.basis == Basis::kOwnership) {
    // We own what we applied: a field that is there and not ours was taken over since.
    return node.live && !node.last ? ChangeCause::kDrifted : ChangeCause::kChanged;
  }
  return node.last && *node.last == *node.desired ? ChangeCause::kDrifted : ChangeCause::kChanged;
}

std::string Walker::Path() const {
  std::string path;
  for (const Token& token : path_) {
    path += "/" + EscapePointerToken(input_.style == PathStyle::kPointer ? token.pointer
                                                                         : token.readable);
  }
  return path;
}

void Walker::Report(const Node& node) {
  FieldChange change;
  change.path = Path();
  change.cause = CauseOf(node);
  const bool hidden = input_.secret && !path_.empty() && path_.front().pointer == "data";
  if (hidden) {
    Shown shown = ShowRedacted(node.live, node.desired);
    change.before = std::move(shown.before);
    change.after = std::move(shown.after);
  } else {
    change.before = Show(node.live);
    change.after = Show(node.desired);
  }
  changes_.push_back(std::move(change));
}

}  // namespace swell::diff
