#include "server/sandbox/strategic.h"

#include <algorithm>
#include <vector>

#include "base/core/strings.h"

namespace swell::sandbox {
namespace {

using schema::FieldInfo;

constexpr std::string_view kOrder = "$setElementOrder/";
constexpr std::string_view kDelete = "$deleteFromPrimitiveList/";

// The items of one list while it is merged: by the key's value, or by the item itself.
struct Merger {
  const FieldInfo& info;

  const Value& KeyOf(const Value& item) const {
    return info.merge_keys.empty() || !item.is_object() ? item : item[info.merge_keys.front()];
  }

  std::size_t IndexOf(const std::vector<Value>& list, const Value& key) const {
    const auto found = std::find_if(list.begin(), list.end(),
                                    [&](const Value& item) { return KeyOf(item) == key; });
    return static_cast<std::size_t>(found - list.begin());
  }

  Result<Value> Merge(const Value& original, const Value& patch) const {
    std::vector<Value> merged(original.items().begin(), original.items().end());
    for (const Value& item : patch.items()) {
      if (item["$patch"].as_string() == "replace" && item.size() == 1) return Replacement(patch);
      const Value& key = KeyOf(item);
      if (key.is_null()) {
        return Fail(InvalidArgument("map: " + std::string("does not contain declared merge key: ") +
                                    info.merge_keys.front()));
      }
      const std::size_t at = IndexOf(merged, key);
      if (item["$patch"].as_string() == "delete") {
        if (at < merged.size()) merged.erase(merged.begin() + static_cast<std::ptrdiff_t>(at));
      } else if (at == merged.size()) {
        merged.push_back(TRY(Fresh(item)));
      } else if (item.is_object()) {
        merged[at] = TRY(StrategicMerge(merged[at], item, info.Item()));
      }
    }
    return Value::Array(std::move(merged));
  }

  // An item that only the patch has still loses its directives.
  Result<Value> Fresh(const Value& item) const {
    if (!item.is_object()) return item;
    return StrategicMerge(Value::EmptyObject(), item, info.Item());
  }

  static Value Replacement(const Value& patch) {
    std::vector<Value> items;
    for (const Value& item : patch.items()) {
      if (!item.Has("$patch")) items.push_back(item);
    }
    return Value::Array(std::move(items));
  }

  // Puts `list` in the order that the patch wants; items that it does not name keep their
  // place relative to what followed them in `original`.
  Value Ordered(const Value& list, const Value& order, const Value& original) const {
    std::vector<Value> named, others;
    const std::vector<Value> wanted(order.items().begin(), order.items().end());
    const std::vector<Value> before(original.items().begin(), original.items().end());
    for (const Value& item : list.items()) {
      (IndexOf(wanted, KeyOf(item)) < wanted.size() ? named : others).push_back(item);
    }
    std::stable_sort(named.begin(), named.end(), [&](const Value& a, const Value& b) {
      return IndexOf(wanted, KeyOf(a)) < IndexOf(wanted, KeyOf(b));
    });
    std::vector<Value> result;
    std::size_t next = 0;
    for (const Value& item : named) {
      const std::size_t at = IndexOf(before, KeyOf(item));
      while (next < others.size() && at < before.size() &&
             IndexOf(before, KeyOf(others[next])) < at) {
        result.push_back(others[next++]);
      }
      result.push_back(item);
    }
    result.insert(result.end(), others.begin() + static_cast<std::ptrdiff_t>(next), others.end());
    return Value::Array(std::move(result));
  }
};

Value WithoutItems(const Value& list, const Value& gone) {
  std::vector<Value> kept;
  for (const Value& item : list.items()) {
    const auto items = gone.items();
    if (std::find(items.begin(), items.end(), item) == items.end()) kept.push_back(item);
  }
  return Value::Array(std::move(kept));
}

Value RetainKeys(const Value& original, const Value& keys) {
  Value kept = original;
  const auto items = keys.items();
  for (const Member& member : original.members()) {
    const bool listed = std::any_of(items.begin(), items.end(), [&](const Value& key) {
      return key.as_string() == member.name();
    });
    if (!listed) kept = kept.Without(member.name());
  }
  return kept;
}

Result<Value> MergeField(const Value* old, const Value& value, const FieldInfo* field) {
  if (value.is_object() && (field == nullptr || !field->replace)) {
    const bool mergeable = old != nullptr && old->is_object();
    return StrategicMerge(mergeable ? *old : Value::EmptyObject(), value, field);
  }
  if (value.is_array() && field != nullptr && field->merge) {
    const bool mergeable = old != nullptr && old->is_array();
    return Merger{*field}.Merge(mergeable ? *old : Value::EmptyArray(), value);
  }
  return value;
}

}  // namespace

Result<Value> StrategicMerge(const Value& original, const Value& patch, const FieldInfo* info) {
  const Value& directive = patch["$patch"];
  if (directive.as_string() == "replace") return patch.Without("$patch");
  if (directive.as_string() == "delete") return Value::EmptyObject();
  if (!directive.is_null() && directive.as_string() != "merge") {
    return Fail(InvalidArgument("unknown patch type found: " + Quote(directive.as_string())));
  }
  Value merged = original;
  if (const Value* keys = patch.Find("$retainKeys")) merged = RetainKeys(merged, *keys);
  for (const Member& member : patch.members()) {
    const std::string_view key = member.name();
    if (key == "$patch" || key == "$retainKeys" || key.starts_with(kOrder)) continue;
    if (key.starts_with(kDelete)) {
      const std::string_view list = key.substr(kDelete.size());
      if (merged.Has(list)) merged = merged.With(list, WithoutItems(merged[list], member.value));
      continue;
    }
    if (member.value.is_null()) {
      merged = merged.Without(key);
      continue;
    }
    const FieldInfo* field = info == nullptr ? nullptr : info->Descend(key);
    merged = merged.With(key, TRY(MergeField(merged.Find(key), member.value, field)));
  }
  for (const Member& member : patch.members()) {
    if (!member.name().starts_with(kOrder)) continue;
    const std::string_view key = member.name().substr(kOrder.size());
    const FieldInfo* field = info == nullptr ? nullptr : info->Descend(key);
    if (field == nullptr || !field->merge || !merged.Has(key)) continue;
    merged = merged.With(key, Merger{*field}.Ordered(merged[key], member.value, original[key]));
  }
  return merged;
}

}  // namespace swell::sandbox
