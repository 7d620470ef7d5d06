#include "reconciler/diff/walker.h"

#include <algorithm>
#include <map>
#include <span>

#include "base/value/json.h"
#include "reconciler/diff/ownership.h"
#include "reconciler/diff/show.h"

namespace swell::diff {
namespace {

// Deeper documents are compared as wholes (the readers allow no more than this either).
constexpr std::size_t kMaxDepth = 512;

constexpr char kEmptyIsNone[] = "empty, which is what the server makes of nothing";

const Value* Present(const Value* value) {
  return value == nullptr || value->is_null() ? nullptr : value;
}

const Value* ItemAt(const Value* list, std::optional<std::size_t> index) {
  return list == nullptr || !index ? nullptr : Present(&(*list)[*index]);
}

std::size_t IndexOr(std::optional<std::size_t> index) { return index.value_or(PathStep::kNowhere); }

// Steps through the members of three objects in the order of their names.
class Members {
 public:
  Members(const Value* desired, const Value* live, const Value* last)
      : lists_{Of(desired), Of(live), Of(last)} {}

  // False at the end. Of the three, those with the name are set, nulls as absent.
  bool Next(std::string_view& name, const Value*& desired, const Value*& live, const Value*& last) {
    bool any = false;
    for (const auto& list : lists_) {
      if (list.empty()) continue;
      const std::string_view first = list.front().name();
      if (!any || first < name) name = first;
      any = true;
    }
    if (!any) return false;
    desired = Take(lists_[0], name);
    live = Take(lists_[1], name);
    last = Take(lists_[2], name);
    return true;
  }

 private:
  using List = std::span<const Member>;
  static List Of(const Value* object) { return object ? object->members() : List(); }
  static const Value* Take(List& list, std::string_view name) {
    if (list.empty() || list.front().name() != name) return nullptr;
    const Value* value = &list.front().value;
    list = list.subspan(1);
    return Present(value);
  }

  List lists_[3];
};

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
  if (node.desired == nullptr && node.last == nullptr) return LiveOnly(node, place);
  if (const IgnoredBy* rule = RuleAt(place)) {
    const bool same = node.desired && node.live && *node.desired == *node.live;
    if (!same && (node.desired || node.live)) Benign(node, rule->cause, rule->note);
    return;
  }
  if (node.desired == nullptr) return CompareRemoved(node, place);
  if (node.live == nullptr) {
    if (!IsImplied(*node.desired, place)) return Report(node);
    return Benign(node, ChangeCause::kEqual, kEmptyIsNone);
  }
  if (node.desired->SharesWith(*node.live) && node.last == nullptr) return;
  if (path_.size() > kMaxDepth) {
    if (*node.desired != *node.live) Report(node);
    return;
  }
  if (node.desired->is_object() && node.live->is_object()) return CompareObjects(node, place);
  if (node.desired->is_array() && node.live->is_array()) return CompareLists(node, place);
  if (!SameScalar(*node.desired, *node.live, place)) {
    if (!LeavesToServer(node, place)) return Report(node);
    return Benign(node, ChangeCause::kDefaulted, kEmptyIsNone);
  }
  if (everything() && *node.desired != *node.live) {
    Benign(node, ChangeCause::kEqual, WhyEqual(place));
  }
}

// What is stated means nothing, and what is there is what the server makes of nothing.
bool Walker::LeavesToServer(const Node& node, const Place& place) {
  static const Value kNothing;
  return IsNothing(*node.desired, place) &&
         IsServerMade(*node.live, node.parent ? *node.parent : kNothing, place);
}

void Walker::CompareMember(const Node& child, std::string_view name, const Place& place) {
  path_.push_back({.name = name});
  Compare(child, DescendInto(place, name));
  path_.pop_back();
}

// A strategy of another type: the server drops what belonged to the former one.
bool Walker::SwitchesUnion(const Node& node, const Place& place) const {
  if (place.info == nullptr || !place.info->retain_keys || node.desired == nullptr) return false;
  const Value* wanted = Present(node.desired->Find("type"));
  const Value* had = Present(node.live->Find("type"));
  return wanted != nullptr && had != nullptr && *wanted != *had;
}

void Walker::CompareObjects(const Node& node, const Place& place) {
  // Owned as a whole: what somebody added is taken out by the next apply.
  const bool whole = place.replaced || (place.info != nullptr && place.info->atomic_map);
  const bool switches = SwitchesUnion(node, place);
  Members members(node.desired, node.live, node.last);
  Node child{.parent = node.live};
  for (std::string_view name; members.Next(name, child.desired, child.live, child.last);) {
    const bool foreign = child.desired == nullptr && child.last == nullptr;
    if (foreign && !everything() && !whole && !switches) continue;
    const bool taken_out =
        foreign && child.live != nullptr &&
        ((switches && child.live->is_object()) ||
         (whole && !IsServerMade(*child.live, *node.live, DescendInto(place, name))));
    if (!taken_out) {
      CompareMember(child, name, place);
      continue;
    }
    path_.push_back({.name = name});
    if (RuleAt(DescendInto(place, name)) == nullptr) Report({.live = child.live});
    path_.pop_back();
  }
}

void Walker::LiveOnly(const Node& node, const Place& place) {
  if (!everything() || node.live == nullptr) return;
  static const Value kNothing;
  if (const IgnoredBy* rule = RuleAt(place)) {
    return Benign(node, rule->cause, rule->note);
  }
  if (IsServerMade(*node.live, node.parent ? *node.parent : kNothing, place)) {
    return Benign(node, ChangeCause::kDefaulted, "");
  }
  const bool whole = place.info != nullptr && place.info->atomic_map;
  if (!node.live->is_object() || node.live->empty() || whole || path_.size() > kMaxDepth) {
    return Benign(node, ChangeCause::kOwned, "");
  }
  for (const Member& member : node.live->members()) {
    CompareMember({.live = Present(&member.value), .parent = node.live}, member.name(), place);
  }
}

// Stated last time, no longer desired.
void Walker::CompareRemoved(const Node& node, const Place& place) {
  if (node.live == nullptr) return;
  static const Value kNothing;
  if (IsServerMade(*node.live, node.parent ? *node.parent : kNothing, place)) {
    return Benign(node, ChangeCause::kDefaulted, "no longer stated; the default is the same");
  }
  const bool objects = node.live->is_object() && node.last->is_object();
  if (objects && !(place.info && place.info->atomic_map)) {
    const bool foreign = std::ranges::any_of(node.live->members(), [&](const Member& member) {
      return !node.last->Has(member.name()) &&
             !IsServerMade(member.value, *node.live, DescendInto(place, member.name()));
    });
    if (foreign) return CompareObjects(node, place);
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
  // defaults filled in, only a schema could tell.
  const bool items_known = input_.basis != Basis::kOwnership || place.typed || place.custom;
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
    CompareItem({.desired = &desired[i],
                 .live = &live[i],
                 .last = aligned ? Present(&(*node.last)[i]) : nullptr},
                {.item = true, .desired = i, .live = i}, item);
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
  if (had.size() > wanted.size()) {
    Benign(node, ChangeCause::kOwned, "others have added items to this set");
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
                {.name = key, .item = true, .desired = i, .live = IndexOr(at)},
                places.Of(live ? *live : item));
    if (!at) continue;
    if (before && *at < *before) reordered = true;
    before = at;
  }
  for (const std::string& key : applied->keys()) {
    const auto at = had->Find(key);
    if (!at || wanted->Find(key)) continue;
    path_.push_back({.name = key, .item = true, .live = *at});
    const Node removed{.live = ItemAt(node.live, at)};
    if (const IgnoredBy* rule = RuleAt(places.Of((*node.live)[*at]))) {
      Benign(removed, rule->cause, rule->note);
    } else {
      Report(removed);
    }
    path_.pop_back();
  }
  for (std::size_t i = 0; everything() && i < had->keys().size(); ++i) {
    const std::string& key = had->keys()[i];
    if (wanted->Find(key) || applied->Find(key)) continue;
    path_.push_back({.name = key, .item = true, .live = i});
    const IgnoredBy* rule = RuleAt(places.Of((*node.live)[i]));
    Benign({.live = ItemAt(node.live, i)}, rule ? rule->cause : ChangeCause::kOwned,
           rule ? rule->note : "");
    path_.pop_back();
  }
  if (reordered) Report(node);
  return true;
}

void Walker::CompareItem(const Node& item, PathStep step, const Place& place) {
  path_.push_back(step);
  Compare(item, place);
  path_.pop_back();
}

const IgnoredBy* Walker::RuleAt(const Place& place) const {
  static const IgnoredBy kByManager{.note = "a field manager that is ignored owns it"};
  if (place.ignored != nullptr && IsLeaf(*place.ignored)) return &kByManager;
  return input_.ignored.Find(path_);
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

std::string Walker::PathText() const {
  std::string path;
  for (const PathStep& step : path_) {
    const bool keys = input_.style == PathStyle::kReadable && !step.name.empty();
    path += "/" + EscapePointerToken(keys ? std::string(step.name) : LiveToken(step));
  }
  return path;
}

void Walker::Report(const Node& node) { Add(node, CauseOf(node), ""); }

void Walker::Benign(const Node& node, ChangeCause cause, std::string_view note) {
  if (everything()) Add(node, cause, note);
}

void Walker::Add(const Node& node, ChangeCause cause, std::string_view note) {
  Finding finding;
  finding.change.path = PathText();
  finding.change.cause = cause;
  const bool hidden = input_.secret && (path_.empty() || path_.front().name == "data");
  if (hidden) {
    Shown shown = ShowRedacted(node.live, node.desired);
    finding.change.before = std::move(shown.before);
    finding.change.after = std::move(shown.after);
    finding.change.values = DigestOfValues(node.live, node.desired);
  } else {
    finding.change.before = Show(node.live);
    finding.change.after = Show(node.desired);
    // A text that was shortened is not shorter than this.
    if (std::max(finding.change.before.size(), finding.change.after.size()) >= kMaxShown) {
      finding.change.values = DigestOfValues(node.live, node.desired);
    }
  }
  if (everything()) {
    for (const PathStep& step : path_) finding.at.push_back(LiveToken(step));
    finding.note = note;
    if (node.desired != nullptr) finding.desired = *node.desired;
  }
  findings_.push_back(std::move(finding));
}

}  // namespace swell::diff
