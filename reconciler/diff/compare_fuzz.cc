// Comparisons of any three states of an object of some kinds: no crash, whatever their shape;
// nothing differs from itself; Explain tells what Compare tells; and once desired is applied, by a
// model of server-side apply of its own, nothing is left to apply.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/core/check.h"
#include "base/value/json.h"
#include "reconciler/diff/diff.h"
#include "reconciler/diff/explain.h"
#include "renderer/schema/schema.h"

namespace {

using namespace swell;
using schema::FieldInfo;

class Choices {
 public:
  Choices(const std::uint8_t* data, std::size_t size) : at_(data), end_(data + size) {}
  std::size_t Of(std::size_t count) { return at_ == end_ ? 0 : *at_++ % count; }

 private:
  const std::uint8_t* at_;
  const std::uint8_t* end_;
};

constexpr const char* kKinds[][2] = {{"apps/v1", "Deployment"},
                                     {"v1", "Service"},
                                     {"v1", "ConfigMap"},
                                     {"networking.k8s.io/v1", "NetworkPolicy"},
                                     {"e.com/v1", "Thing"}};

// Any value that the field may have, and sometimes one that it may not.
Value Make(Choices& in, const FieldInfo* info, int depth) {
  static constexpr const char* kTexts[] = {"a", "b", "1", "1000m", "", "TCP"};
  if (depth <= 0 || in.Of(16) == 1) {
    return in.Of(2) == 0 ? Value(static_cast<std::int64_t>(in.Of(3))) : Value(kTexts[in.Of(6)]);
  }
  std::vector<Member> members;
  if (info == nullptr || info->shape == schema::Shape::kOther) {
    switch (in.Of(5)) {
      case 0:
        return Value(kTexts[in.Of(6)]);
      case 1:
        return Value(static_cast<std::int64_t>(in.Of(3)));
      case 2:
        return Value(in.Of(2) == 1);
      case 3:
        return Value::Array({Make(in, nullptr, depth - 1), Make(in, nullptr, depth - 1)});
      default:
        for (const char* name : {"x", "y"}) {
          if (in.Of(2) == 1) members.emplace_back(name, Make(in, nullptr, depth - 2));
        }
        return Value::Object(std::move(members));
    }
  }
  if (info->shape == schema::Shape::kMap) {
    for (const char* name : {"k", "l"}) {
      if (in.Of(2) == 1) members.emplace_back(name, Make(in, info->Descend(name), depth - 1));
    }
    return Value::Object(std::move(members));
  }
  if (info->shape == schema::Shape::kList) {
    std::vector<Value> items;
    for (std::size_t n = in.Of(4); n > 0; --n) {
      Value item = Make(in, info->Item(), depth - 1);
      for (const std::string& key : info->list_keys) {
        if (item.is_object()) item = item.With(key, Value(kTexts[in.Of(3)]));
      }
      items.push_back(std::move(item));
    }
    return Value::Array(std::move(items));
  }
  const auto fields =
      info->type ? info->type->fields() : std::span<const std::pair<std::string, FieldInfo>>();
  for (std::size_t n = fields.empty() ? 0 : in.Of(5); n > 0; --n) {
    const auto& [name, field] = fields[in.Of(fields.size())];
    members.emplace_back(name, Make(in, &field, depth - 1));
  }
  if (in.Of(3) == 1) members.emplace_back("plain", Make(in, nullptr, depth - 1));
  return Value::Object(std::move(members));
}

Value MakeObject(Choices& in, std::size_t kind, const FieldInfo* info) {
  Value object = Make(in, info, 9);
  if (!object.is_object()) object = Value::EmptyObject();
  std::vector<Member> metadata = {{"name", Value("n")}};
  if (in.Of(2) == 1) {
    metadata.emplace_back("labels", Value::Object({{"a", Value(in.Of(2) == 1 ? "1" : "2")}}));
  }
  return object.With("apiVersion", Value(kKinds[kind][0]))
      .With("kind", Value(kKinds[kind][1]))
      .With("metadata", Value::Object(std::move(metadata)));
}

// ---- The model of an apply.

std::optional<std::string> KeyOf(const Value& item, const FieldInfo& list) {
  std::string key;
  if (!item.is_object()) return {};
  for (const std::string& name : list.list_keys) {
    const Value* value = item.Find(name);
    const FieldInfo* field = list.Item() ? list.Item()->Descend(name) : nullptr;
    if (value == nullptr && field != nullptr) value = &field->default_value;
    if (value == nullptr || value->is_null()) continue;
    key += name + "=" + (value->is_string() ? value->str() : json::Write(*value)) + "\n";
  }
  if (key.empty()) return {};
  return key;
}

// The items by key; nothing where an item has none, or two have the same.
std::optional<std::map<std::string, Value>> Keyed(const Value& list, const FieldInfo& info) {
  std::map<std::string, Value> items;
  for (const Value& item : list.items()) {
    const auto key = KeyOf(item, info);
    if (!key || !items.emplace(*key, item).second) return {};
  }
  return items;
}

Value Applied(const Value& desired, const Value& live, const FieldInfo* info) {
  if (desired.is_object() && live.is_object()) {
    if (info != nullptr && info->atomic_map) return desired;
    const bool other_type = info != nullptr && info->retain_keys && desired.Has("type") &&
                            live.Has("type") && desired["type"] != live["type"];
    Value out = desired;
    for (const Member& member : live.members()) {
      const FieldInfo* field = info ? info->Descend(member.name()) : nullptr;
      if (const Value* wanted = desired.Find(member.name())) {
        out = out.With(member.name(), Applied(*wanted, member.value, field));
      } else if (!other_type || !member.value.is_object()) {
        out = out.With(member.name(), member.value);
      }
    }
    return out;
  }
  if (!desired.is_array() || !live.is_array() || info == nullptr) return desired;
  std::vector<Value> items;
  if (info->list_type == schema::ListType::kSet) {
    items.assign(desired.items().begin(), desired.items().end());
    for (const Value& item : live.items()) items.push_back(item);
    return Value::Array(std::move(items));
  }
  const auto wanted = Keyed(desired, *info);
  const auto had = Keyed(live, *info);
  if (info->list_type != schema::ListType::kMap || !wanted || !had) return desired;
  for (const Value& item : desired.items()) {
    const auto found = had->find(*KeyOf(item, *info));
    items.push_back(found == had->end() ? item : Applied(item, found->second, info->Item()));
  }
  for (const Value& item : live.items()) {
    if (!wanted->contains(*KeyOf(item, *info))) items.push_back(item);
  }
  return Value::Array(std::move(items));
}

void Expect(bool holds, const char* what, const Value& desired, const Value& live,
            const Value& last) {
  if (holds) return;
  std::fprintf(stderr, "%s\ndesired %s\nlive    %s\nlast    %s\n", what,
               json::Write(desired).c_str(), json::Write(live).c_str(), json::Write(last).c_str());
  SWELL_CHECK(!"property of the comparison");
}

// Compare, and the same from Explain.
std::vector<FieldChange> Changes(const Value& desired, const Value& live, const Value& last) {
  const diff::Options options = {.field_manager = "swell", .use_annotation = true};
  const auto changes = diff::Compare(desired, live, last, options);
  std::vector<FieldChange> told;
  for (diff::Explanation& e : diff::Explain(desired, live, last, options)) {
    if (e.change.cause == ChangeCause::kMutated) e.change.cause = ChangeCause::kDrifted;
    if (diff::NeedsApply(e.change.cause)) told.push_back(std::move(e.change));
  }
  Expect(changes == told, "Compare and Explain differ", desired, live, last);
  return changes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Any JSON at all: an array of the three states.
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.starts_with("[")) {
    if (const auto states = json::Parse(text)) {
      Changes((*states)[0], (*states)[1], (*states)[2]);
      Expect(Changes((*states)[0], (*states)[0], Value()).empty(), "it differs from itself",
             (*states)[0], (*states)[0], Value());
    }
    return 0;
  }
  Choices in(data, size);
  const std::size_t kind = in.Of(std::size(kKinds));
  const schema::TypeSchema* type =
      schema::FindType(ParseGroupVersionKind(kKinds[kind][0], kKinds[kind][1]));
  const FieldInfo* info = type ? &type->self() : nullptr;
  const Value desired = MakeObject(in, kind, info);
  const Value live = MakeObject(in, kind, info);
  const Value last = MakeObject(in, kind, info);
  Changes(desired, live, last);
  Changes(desired, live, Value());
  Expect(Changes(desired, desired, desired).empty(), "it differs from itself", desired, desired,
         desired);
  const Value applied = Applied(desired, live, info);
  Expect(Changes(desired, applied, desired).empty(), "something is left to apply", desired, applied,
         desired);
  return 0;
}
