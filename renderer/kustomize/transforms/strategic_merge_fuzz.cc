// Strategic merges of any patch into any object: the same as a reference that knows the rules of
// kustomize's merge alone (maps, lists by key, sets, `$patch`), wherever these are enough: lists
// in which an item has no key, or two have the same, go by accidents of kyaml's code. Never beyond
// the budget.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/core/check.h"
#include "base/value/json.h"
#include "renderer/kustomize/transforms/resource.h"
#include "renderer/kustomize/transforms/strategic_merge.h"
#include "renderer/kustomize/transforms/testing.h"
#include "renderer/schema/schema.h"

namespace {

using namespace swell;
using kustomize::testing::Choices;
using kustomize::testing::Node;
using schema::FieldInfo;

// ---- The input: objects of a few kinds with the fields that matter.

enum class Side { kObject, kPatch };

class Maker {
 public:
  Maker(Choices& in, Side side) : in_(in), side_(side) {}

  Value Object(std::size_t kind) {
    static constexpr const char* kKinds[] = {"Pod", "Deployment", "Service", "Thing"};
    static constexpr const char* kVersions[] = {"v1", "apps/v1", "v1", "example.com/v1"};
    std::vector<Member> members = {{"apiVersion", Value(kVersions[kind])},
                                   {"kind", Value(kKinds[kind])}};
    if (in_.OneIn(2)) members.emplace_back("metadata", Metadata());
    if (kind == 0) members.emplace_back("spec", PodSpec(2));
    if (kind == 1) {
      const Value pod = Map({{"spec", PodSpec(2)}, {"metadata", Metadata()}});
      members.emplace_back("spec", Map({{"template", pod}, {"strategy", Any(2)}}));
    }
    if (kind == 2) members.emplace_back("spec", Map({{"ports", Ports("port")}, {"a", Any(1)}}));
    if (in_.OneIn(2)) members.emplace_back("x", Any(3));
    return Directed(std::move(members), 16);
  }

 private:
  bool patch() const { return side_ == Side::kPatch; }

  // Some of the fields; in a patch some are null, and one may say how to merge.
  Value Map(const std::vector<std::pair<const char*, Value>>& fields) {
    std::vector<Member> members;
    for (const auto& [key, value] : fields) {
      if (in_.OneIn(4)) continue;
      members.emplace_back(key, in_.OneIn(12) ? Value() : value);
    }
    return Directed(std::move(members), 12);
  }

  Value Directed(std::vector<Member> members, std::size_t rarity) {
    static constexpr const char* kDirectives[] = {"merge", "replace", "delete"};
    if (patch() && in_.OneIn(rarity)) members.emplace_back("$patch", Value(in_.From(kDirectives)));
    return Value::Object(std::move(members));
  }

  Value Text() {
    static constexpr const char* kTexts[] = {"x", "y", "z"};
    return Value(in_.From(kTexts));
  }

  Value Any(int depth) {
    switch (in_.Of(depth > 0 ? 7 : 3)) {
      case 0:
        return Text();
      case 1:
        return Value(static_cast<std::int64_t>(in_.Of(3)));
      case 2:
        return Value(true);
      case 3: {
        std::vector<Value> items;
        for (std::size_t n = in_.Of(3); n > 0; --n) items.push_back(Any(depth - 1));
        return Value::Array(std::move(items));
      }
      case 4:
        return depth > 1 ? Map({{"apiVersion", Value("v1")},
                                {"kind", Value("Pod")},
                                {"spec", PodSpec(depth - 2)}})
                         : Text();
      default:
        return Map({{"a", Any(depth - 1)}, {"b", Any(depth - 1)}, {"c", Any(depth - 1)}});
    }
  }

  // Items with these keys' values out of few, so that they meet.
  template <class Rest>
  Value List(const std::vector<const char*>& keys, Rest rest) {
    static constexpr const char* kNames[] = {"x", "y", "z", "w"};
    static constexpr const char* kDirectives[] = {"merge", "replace", "delete"};
    std::vector<Value> items;
    if (patch() && in_.OneIn(16)) {
      items.push_back(Value::Object({{"$patch", Value(in_.From(kDirectives))}}));
    }
    const std::size_t count = in_.Of(4);
    const std::size_t first = in_.Of(4);
    for (std::size_t n = 0; n < count; ++n) {
      std::vector<Member> members;
      const std::size_t number = in_.OneIn(24) ? first : first + n;
      for (const char* key : keys) {
        if (in_.OneIn(32)) continue;
        members.emplace_back(key, Value(kNames[number % 4]));
      }
      rest(members);
      items.push_back(Directed(std::move(members), 12));
    }
    return Value::Array(std::move(items));
  }

  Value Named() {
    return List({"name"}, [this](std::vector<Member>& m) { m.emplace_back("a", Any(1)); });
  }

  Value Ports(const char* port) {
    return List({port, "protocol"},
                [this](std::vector<Member>& m) { m.emplace_back("name", Text()); });
  }

  Value Containers() {
    return List({"name"}, [this](std::vector<Member>& m) {
      if (in_.OneIn(2)) m.emplace_back("image", in_.OneIn(8) ? Value() : Text());
      if (in_.OneIn(2)) m.emplace_back("env", Named());
      if (in_.OneIn(3)) m.emplace_back("ports", Ports("containerPort"));
      if (in_.OneIn(3)) m.emplace_back("args", Any(2));
    });
  }

  Value PodSpec(int depth) {
    return Map({{"containers", Containers()},
                {"volumes", Named()},
                {"tolerations", Any(depth)},
                {"nodeSelector", Any(depth)}});
  }

  Value Metadata() {
    std::vector<Value> finalizers;
    for (std::size_t n = in_.Of(3); n > 0; --n) finalizers.push_back(Text());
    return Map({{"labels", Any(1)}, {"finalizers", Value::Array(std::move(finalizers))}});
  }

  Choices& in_;
  Side side_;
};

// ---- The reference.

enum class Outcome { kValue, kGone, kError, kAccident };

struct Walked {
  Outcome outcome = Outcome::kGone;
  Node node;
  static Walked Of(Node node) { return {Outcome::kValue, std::move(node)}; }
};

std::string TextOf(const Node* map, const std::string& key) {
  const auto field = map ? map->fields.find(key) : std::map<std::string, Node>::const_iterator();
  return map && field != map->fields.end() ? field->second.text : "";
}

std::string DirectiveOf(const Node& node) { return TextOf(&node, "$patch"); }

// Any map that names a kind has that kind's schema, if nothing else is known.
const FieldInfo* InfoOf(const FieldInfo* known, const Node* object, const Node* patch) {
  if (known) return known;
  for (const Node* node : {object, patch}) {
    const std::string version = TextOf(node, "apiVersion");
    const std::string kind = TextOf(node, "kind");
    if (version.empty() || kind.empty()) continue;
    const Value named = Value::Object({{"apiVersion", Value(version)}, {"kind", Value(kind)}});
    const auto* type = schema::FindKustomizeType(kustomize::GvkOf(named));
    if (type) return &type->self();
  }
  return nullptr;
}

// What identifies an item; nothing where a key is missing.
std::optional<std::string> Identity(const Node& item, const FieldInfo& list) {
  if (list.merge_keys.empty()) {
    if (item.kind != Node::Kind::kText || item.text.empty()) return std::nullopt;
    return item.text;
  }
  std::string identity;
  for (const std::string& key : list.merge_keys) {
    const std::string text = TextOf(&item, key);
    if (text.empty()) return std::nullopt;
    identity += text + '\n';
  }
  return identity;
}

bool AllIdentified(const Node& list, const FieldInfo& info) {
  std::set<std::string> seen;
  for (const Node& item : list.items) {
    const auto identity = Identity(item, info);
    if (!identity || !seen.insert(*identity).second) return false;
  }
  return true;
}

// Whether all lists that merge by keys, however deep, have items with keys of their own.
bool IsWellFormed(const Node& node, const FieldInfo* known) {
  const FieldInfo* info = InfoOf(known, &node, nullptr);
  if (node.kind == Node::Kind::kMap) {
    for (const auto& [key, field] : node.fields) {
      if (!IsWellFormed(field, info ? info->Descend(key) : nullptr)) return false;
    }
  }
  if (node.kind != Node::Kind::kList || !info || !info->merge) return true;
  Node items = node;
  // One item that is only a directive may come first.
  const bool directed = !items.items.empty() && items.items[0].fields.size() == 1 &&
                        !DirectiveOf(items.items[0]).empty();
  if (directed) items.items.erase(items.items.begin());
  if (!AllIdentified(items, *info)) return false;
  for (const Node& item : items.items) {
    if (!IsWellFormed(item, info->Item())) return false;
  }
  return true;
}

Walked Walk(const Node* object, const Node* patch, const FieldInfo* known);

// What is new is taken, with what it says about itself: as if it were patched with itself.
Walked WalkMap(const Node* object, Node patch, const FieldInfo* info) {
  const std::string directive = DirectiveOf(patch);
  if (directive == "delete") return {};
  patch.fields.erase("$patch");
  const Node fresh = patch;
  if (!object || directive == "replace" || !DirectiveOf(*object).empty()) object = &fresh;
  std::set<std::string> keys;
  for (const auto& [key, field] : object->fields) keys.insert(key);
  for (const auto& [key, field] : patch.fields) keys.insert(key);
  Node result;
  result.kind = Node::Kind::kMap;
  for (const std::string& key : keys) {
    const auto of = [&](const Node& map) {
      const auto field = map.fields.find(key);
      return field == map.fields.end() ? nullptr : &field->second;
    };
    Walked field = Walk(of(*object), of(patch), info ? info->Descend(key) : nullptr);
    if (field.outcome == Outcome::kError || field.outcome == Outcome::kAccident) return field;
    if (field.outcome == Outcome::kValue) result.fields[key] = std::move(field.node);
  }
  return Walked::Of(std::move(result));
}

Walked WalkList(const Node* object, Node patch, const FieldInfo& info) {
  std::string directive;
  if (!patch.items.empty() && patch.items[0].fields.size() == 1) {
    directive = DirectiveOf(patch.items[0]);
  }
  if (!directive.empty()) {
    if (!object) return {Outcome::kAccident, {}};
    if (directive == "delete") return {};
    patch.items.erase(patch.items.begin());
  }
  const Node fresh = patch;
  const bool taken = object && !object->items.empty() && !DirectiveOf(object->items[0]).empty() &&
                     object->items[0].fields.size() == 1;
  if (!object || directive == "replace" || taken) object = &fresh;
  Node result;
  result.kind = Node::Kind::kList;
  std::set<std::string> used;
  for (const Node& item : patch.items) {
    const std::string identity = *Identity(item, info);
    used.insert(identity);
    const Node* partner = nullptr;
    for (const Node& other : object->items) {
      if (Identity(other, info) == identity) partner = &other;
    }
    Walked merged = Walk(partner, &item, info.Item());
    if (merged.outcome == Outcome::kError || merged.outcome == Outcome::kAccident) return merged;
    if (merged.outcome == Outcome::kValue) result.items.push_back(std::move(merged.node));
  }
  for (const Node& item : object->items) {
    const auto identity = Identity(item, info);
    if (!identity || !used.contains(*identity)) result.items.push_back(item);
  }
  return Walked::Of(std::move(result));
}

Walked Walk(const Node* object, const Node* patch, const FieldInfo* known) {
  if (!patch) return Walked::Of(*object);
  const FieldInfo* info = InfoOf(known, object, patch);
  if (patch->is_null()) return {};
  if (object && object->is_null()) object = nullptr;
  const auto shape = [](const Node& node) {
    return node.is_container() ? node.kind : Node::Kind::kText;
  };
  if (object && shape(*object) != shape(*patch)) return {Outcome::kError, {}};
  if (patch->kind == Node::Kind::kMap) return WalkMap(object, *patch, info);
  if (patch->kind == Node::Kind::kList && info && info->merge) {
    return WalkList(object, *patch, *info);
  }
  return Walked::Of(*patch);
}

bool HasDirective(const Node& node) {
  if (node.fields.contains("$patch")) return true;
  for (const Node& item : node.items) {
    if (HasDirective(item)) return true;
  }
  for (const auto& [key, field] : node.fields) {
    if (HasDirective(field)) return true;
  }
  return false;
}

Result<Value> Merge(const Value& object, const Value& patch, const kustomize::Limits& limits = {}) {
  kustomize::Budget budget(limits);
  return kustomize::StrategicMerge(object, patch, *kustomize::BuiltinMergeSchema(), budget);
}

void CheckAgainstReference(const Value& object, const Value& patch) {
  const Node object_node = Node::Of(object);
  const Node patch_node = Node::Of(patch);
  if (!IsWellFormed(object_node, nullptr) || !IsWellFormed(patch_node, nullptr)) return;
  const Walked expected = Walk(&object_node, &patch_node, nullptr);
  if (expected.outcome == Outcome::kAccident) return;
  const auto merged = Merge(object, patch);
  bool same = merged.has_value() == (expected.outcome != Outcome::kError);
  if (same && merged) {
    same =
        expected.outcome == Outcome::kGone ? merged->is_null() : Node::Of(*merged) == expected.node;
  }
  if (!same) {
    std::fprintf(stderr, "object %s\npatch %s\ngives %s\n", json::Write(object).c_str(),
                 json::Write(patch).c_str(),
                 merged ? json::Write(*merged).c_str() : merged.error().ToString().c_str());
  }
  SWELL_CHECK(same);
  if (!merged || HasDirective(patch_node)) return;
  const auto again = Merge(*merged, patch);
  SWELL_CHECK(again && *again == *merged);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices in(data, size);
  const std::size_t kind = in.Of(4);
  const Value object = Maker(in, Side::kObject).Object(kind);
  const Value patch = Maker(in, Side::kPatch).Object(in.OneIn(16) ? in.Of(4) : kind);
  CheckAgainstReference(object, patch);

  const auto merged = Merge(object, patch);
  kustomize::Limits few;
  few.max_steps = 20;
  const auto bounded = Merge(object, patch, few);
  SWELL_CHECK(bounded ? merged && *bounded == *merged
                      : !merged || bounded.error().code() == ErrorCode::kResourceExhausted);
  const auto nothing = Merge(object, Value::EmptyObject());
  if (IsWellFormed(Node::Of(object), nullptr)) SWELL_CHECK(nothing && *nothing == object);
  return 0;
}
