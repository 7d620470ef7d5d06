#include "server/sandbox/typed.h"

#include <algorithm>
#include <set>

#include "base/value/json.h"
#include "server/sandbox/field_set.h"

namespace swell::sandbox::typed {
namespace {

using schema::ListType;

const Info* Step(const Info* info, std::string_view key) {
  return info == nullptr ? nullptr : info->Descend(key);
}

std::string FieldElement(std::string_view key) { return "f:" + std::string(key); }

const Value& DefaultOf(const Info* item, std::string_view key) {
  static const Value none;
  const Info* field = Step(item, key);
  return field == nullptr ? none : field->default_value;
}

using Path = std::vector<std::string>;

struct SetWalker {
  fields::Builder builder;
  Path path;
  std::string readable;

  Status Walk(const Value& value, const Info* info) {
    if (value.is_object() && !IsAtomic(value, info)) return WalkMap(value, info);
    if (value.is_array() && !IsAtomic(value, info)) return WalkList(value, *info);
    builder.Insert(path);
    return {};
  }

  Status WalkMap(const Value& value, const Info* info) {
    for (const Member& member : value.members()) {
      path.push_back(FieldElement(member.name()));
      const std::size_t length = readable.size();
      readable += "." + std::string(member.name());
      const bool free_key = info != nullptr && info->shape == schema::Shape::kMap;
      if (free_key || member.value.is_null() ||
          (member.value.is_object() && member.value.empty())) {
        builder.Insert(path);
      }
      TRY(Walk(member.value, Step(info, member.name())));
      readable.resize(length);
      path.pop_back();
    }
    return {};
  }

  Status WalkList(const Value& value, const Info& info) {
    std::set<std::string> seen;
    for (const Value& item : value.items()) {
      std::string element = ItemElement(item, info);
      if (element.empty()) {
        return Fail(InvalidArgument(readable + ": associative list with keys has an element that "
                                               "omits a key field and doesn't have default value"));
      }
      if (!seen.insert(element).second) {
        const Value one = Value::Object({{element, Value::EmptyObject()}});
        return Fail(InvalidArgument(readable + ": duplicate entries for key " +
                                    fields::Paths(one).front()));
      }
      path.push_back(std::move(element));
      builder.Insert(path);
      TRY(Walk(item, info.Item()));
      path.pop_back();
    }
    return {};
  }
};

const Value* FindItem(const Value& list, std::string_view element, const Info& info) {
  for (const Value& item : list.items()) {
    if (ItemElement(item, info) == element) return &item;
  }
  return nullptr;
}

Value MergeLists(const Value& live, const Value& applied, const Info& info) {
  std::vector<std::string> live_keys;
  for (const Value& item : live.items()) live_keys.push_back(ItemElement(item, info));
  std::vector<std::string> applied_keys;
  for (const Value& item : applied.items()) applied_keys.push_back(ItemElement(item, info));
  const auto wanted = [&](const std::string& key) {
    return std::find(applied_keys.begin(), applied_keys.end(), key) != applied_keys.end();
  };
  std::vector<Value> merged;
  std::size_t next = 0;  // into live: items that only live has keep their place
  for (std::size_t i = 0; i < applied_keys.size(); ++i) {
    while (next < live_keys.size() && !wanted(live_keys[next])) merged.push_back(live[next++]);
    const auto at = std::find(live_keys.begin(), live_keys.end(), applied_keys[i]);
    if (at == live_keys.end()) {
      merged.push_back(applied[i]);
      continue;
    }
    const auto position = static_cast<std::size_t>(at - live_keys.begin());
    merged.push_back(Merge(live[position], applied[i], info.Item()));
    if (position == next) ++next;
  }
  for (; next < live_keys.size(); ++next) {
    if (!wanted(live_keys[next])) merged.push_back(live[next]);
  }
  return Value::Array(std::move(merged));
}

Value PruneList(const Value& list, const Value& last, const Value& owners, const Info& info) {
  std::vector<Value> kept;
  for (const Value& item : list.items()) {
    const std::string element = ItemElement(item, info);
    const Value* mine = last.Find(element);
    if (mine == nullptr) {
      kept.push_back(item);
      continue;
    }
    const Value* theirs = owners.Find(element);
    const bool mine_whole = mine->empty() || mine->Has(".");
    const bool theirs_whole = theirs != nullptr && (theirs->empty() || theirs->Has("."));
    if (mine_whole && !theirs_whole) continue;
    static const Value nobody = Value::EmptyObject();
    kept.push_back(Prune(item, *mine, theirs == nullptr ? nobody : *theirs, info.Item()));
  }
  return Value::Array(std::move(kept));
}

struct Comparer {
  fields::Builder added, modified, removed;
  Path path;

  void Walk(const Value* a, const Value* b, const Info* info) {
    if (a != nullptr && b != nullptr && (a->SharesWith(*b) || *a == *b)) return;
    const Value& shape = b != nullptr ? *b : *a;
    const bool alike = a == nullptr || b == nullptr || a->type() == b->type();
    const bool both_empty = (a == nullptr || a->empty()) && (b == nullptr || b->empty());
    if (alike && !both_empty && shape.is_object() && !IsAtomic(shape, info)) {
      WalkMaps(a, b, info);
    } else if (alike && !both_empty && shape.is_array() && !IsAtomic(shape, info)) {
      WalkLists(a, b, *info);
    } else if (a != nullptr && b != nullptr) {
      modified.Insert(path);
    }
    if (path.empty()) return;
    if (a == nullptr) added.Insert(path);
    if (b == nullptr) removed.Insert(path);
  }

  void Down(std::string element, const Value* a, const Value* b, const Info* info) {
    path.push_back(std::move(element));
    Walk(a, b, info);
    path.pop_back();
  }

  void WalkMaps(const Value* a, const Value* b, const Info* info) {
    static const Value none = Value::EmptyObject();
    const Value& before = a != nullptr ? *a : none;
    const Value& after = b != nullptr ? *b : none;
    for (const Member& member : before.members()) {
      Down(FieldElement(member.name()), &member.value, after.Find(member.name()),
           Step(info, member.name()));
    }
    for (const Member& member : after.members()) {
      if (before.Has(member.name())) continue;
      Down(FieldElement(member.name()), nullptr, &member.value, Step(info, member.name()));
    }
  }

  void WalkLists(const Value* a, const Value* b, const Info& info) {
    static const Value none = Value::EmptyArray();
    const Value& before = a != nullptr ? *a : none;
    const Value& after = b != nullptr ? *b : none;
    for (const Value& item : before.items()) {
      const std::string element = ItemElement(item, info);
      Down(element, &item, FindItem(after, element, info), info.Item());
    }
    for (const Value& item : after.items()) {
      const std::string element = ItemElement(item, info);
      if (FindItem(before, element, info) == nullptr) Down(element, nullptr, &item, info.Item());
    }
  }
};

}  // namespace

bool IsAtomic(const Value& value, const Info* info) {
  if (value.is_object()) return info != nullptr && info->atomic_map;
  if (value.is_array()) return info == nullptr || info->list_type == ListType::kAtomic;
  return true;
}

std::string ItemElement(const Value& item, const Info& list) {
  if (list.list_type == ListType::kSet) return "v:" + json::Write(item);
  if (list.list_type != ListType::kMap || !item.is_object()) return "";
  std::vector<Member> keys;
  for (const std::string& key : list.list_keys) {
    const Value* value = item.Find(key);
    const Value& chosen = value != nullptr ? *value : DefaultOf(list.Item(), key);
    if (!chosen.is_null()) {
      keys.emplace_back(key, chosen);
    } else if (list.list_keys.size() == 1) {
      return "";
    }
  }
  if (keys.empty()) return "";
  return "k:" + json::Write(Value::Object(std::move(keys)));
}

Result<Value> SetOf(const Value& object, const Info* info) {
  SetWalker walker;
  TRY(walker.Walk(object, info));
  return walker.builder.Build();
}

Value Merge(const Value& live, const Value& applied, const Info* info) {
  if (live.SharesWith(applied) || live.type() != applied.type() || IsAtomic(applied, info)) {
    return applied;
  }
  if (applied.is_array()) return MergeLists(live, applied, *info);
  Value merged = live;
  for (const Member& member : applied.members()) {
    const Value* old = live.Find(member.name());
    if (old == nullptr) {
      merged = merged.With(member.name(), member.value);
      continue;
    }
    Value child = Merge(*old, member.value, Step(info, member.name()));
    if (!(child == *old)) merged = merged.With(member.name(), std::move(child));
  }
  return merged;
}

Value Prune(const Value& object, const Value& last, const Value& owners, const Info* info) {
  if (object.is_array()) {
    return IsAtomic(object, info) ? object : PruneList(object, last, owners, *info);
  }
  if (!object.is_object() || IsAtomic(object, info)) return object;
  Value pruned = object;
  for (const Member& member : last.members()) {
    if (!member.name().starts_with("f:")) continue;
    const std::string_view key = member.name().substr(2);
    const Value* value = object.Find(key);
    if (value == nullptr) continue;
    const Value* theirs = owners.Find(member.name());
    if (theirs == nullptr) {
      pruned = pruned.Without(key);
    } else if (!member.value.empty()) {
      Value child = Prune(*value, member.value, *theirs, Step(info, key));
      if (!(child == *value)) pruned = pruned.With(key, std::move(child));
    }
  }
  return pruned;
}

Comparison Compare(const Value& before, const Value& after, const Info* info) {
  Comparer comparer;
  comparer.Walk(&before, &after, info);
  return {comparer.added.Build(), comparer.modified.Build(), comparer.removed.Build()};
}

Value WithDefaults(const Value& object, const Info* info) {
  if (info == nullptr || object.is_null()) return object;
  if (object.is_array()) {
    if (info->Item() == nullptr) return object;
    Value list = object;
    for (std::size_t i = 0; i < object.size(); ++i) {
      Value item = WithDefaults(object[i], info->Item());
      if (!item.SharesWith(object[i]) && !(item == object[i])) {
        list = list.WithItem(i, std::move(item));
      }
    }
    return list;
  }
  if (!object.is_object()) return object;
  Value result = object;
  for (const Member& member : object.members()) {
    Value child = WithDefaults(member.value, info->Descend(member.name()));
    if (!child.SharesWith(member.value) && !(child == member.value)) {
      result = result.With(member.name(), std::move(child));
    }
  }
  if (info->shape == schema::Shape::kMap || info->type == nullptr) return result;
  for (const auto& [name, field] : info->type->fields()) {
    if (!field.default_value.is_null() && !result.Has(name)) {
      result = result.With(name, WithDefaults(field.default_value, &field));
    }
  }
  return result;
}

Value WithoutNulls(const Value& value) {
  if (value.is_array()) {
    Value list = value;
    for (std::size_t i = 0; i < value.size(); ++i) {
      Value item = WithoutNulls(value[i]);
      if (!(item == value[i])) list = list.WithItem(i, std::move(item));
    }
    return list;
  }
  Value result = value;
  for (const Member& member : value.members()) {
    if (member.value.is_null()) {
      result = result.Without(member.name());
      continue;
    }
    Value child = WithoutNulls(member.value);
    if (!(child == member.value)) result = result.With(member.name(), std::move(child));
  }
  return result;
}

}  // namespace swell::sandbox::typed
