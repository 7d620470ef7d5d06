#include "renderer/kustomize/transforms/strategic_merge.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "renderer/kustomize/transforms/associative_list.h"
#include "renderer/kustomize/transforms/resource.h"
#include "renderer/schema/schema.h"

namespace swell::kustomize {
namespace {

using schema::FieldInfo;

constexpr std::string_view kPatchKey = "$patch";
constexpr std::size_t kComparisonsPerStep = 8;

enum class Directive : std::uint8_t { kMerge, kReplace, kDelete };

// What a step leaves: nothing means that the field or item goes.
using Merged = Result<std::optional<Value>>;

const Value kAbsent;

bool IsMissingOrNull(const Value* value) { return !value || value->is_null(); }

Result<Directive> ParseDirective(std::string_view text) {
  if (text == "delete") return Directive::kDelete;
  if (text == "replace") return Directive::kReplace;
  if (text == "merge") return Directive::kMerge;
  return Fail(InvalidArgument("unknown patch strategy '" + std::string(text) + "'"));
}

// The directive of a map, which is taken out of `patch`.
Result<Directive> TakeDirective(Value& patch) {
  const Value* text = patch.Find(kPatchKey);
  if (!text) return Directive::kMerge;
  const Directive directive = TRY(ParseDirective(ScalarText(*text)));
  patch = patch.Without(kPatchKey);
  return directive;
}

// The directive of a list is an item with no other key.
Result<Directive> TakeListDirective(Value& patch) {
  const auto items = patch.items();
  auto item = std::ranges::find_if(items, [](const Value& v) { return v.Has(kPatchKey); });
  if (item == items.end() || item->size() > 1) return Directive::kMerge;
  const std::string text = ScalarText((*item)[kPatchKey]);
  const Directive directive = TRY(ParseDirective(text));
  std::vector<Value> rest(items.begin(), items.end());
  SetItem(rest, {std::string(kPatchKey)}, {text}, std::nullopt);
  patch = Value::Array(std::move(rest));
  return directive;
}

Error WrongKind(const char* expected, const Value& found) {
  const char* actual = found.is_object()  ? "MappingNode"
                       : found.is_array() ? "SequenceNode"
                                          : "ScalarNode";
  return InvalidArgument(std::string("wrong node kind: expected ") + expected + " but got " +
                         actual);
}

const FieldInfo* SchemaOf(const MergeSchema& types, const FieldInfo* known, const Value* dest,
                          const Value* patch) {
  if (known) return known;
  // Any map that says which kind it is gets that kind's schema, however deep it is.
  for (const Value* value : {dest, patch}) {
    if (IsMissingOrNull(value) || !value->is_object()) continue;
    if ((*value)["kind"].as_string().empty() || (*value)["apiVersion"].as_string().empty()) {
      continue;
    }
    if (const schema::TypeSchema* type = types.Find(GvkOf(*value))) return &type->self();
  }
  return nullptr;
}

class Merger {
 public:
  Merger(const MergeSchema& types, Budget& budget) : types_(types), budget_(budget) {}

  // Merges the fields of both maps into `base`.
  Merged MergeFields(const Value& base, const Value* dest, const Value* patch,
                     const FieldInfo* known) const {
    std::vector<Member> result;
    bool changed = false;
    const std::span<const Member> a = dest ? dest->members() : std::span<const Member>();
    const std::span<const Member> b = patch ? patch->members() : std::span<const Member>();
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < a.size() || j < b.size()) {
      const bool take_a = j >= b.size() || (i < a.size() && a[i].name() <= b[j].name());
      const bool take_b = i >= a.size() || (j < b.size() && b[j].name() <= a[i].name());
      const Value& key = take_a ? a[i].key : b[j].key;
      const Value* left = take_a ? &a[i].value : nullptr;
      const Value* right = take_b ? &b[j].value : nullptr;
      const FieldInfo* field = known ? known->Descend(key.as_string()) : nullptr;
      std::optional<Value> merged = TRY(Merge(left, right, field));
      if (merged) {
        changed = changed || !left || !(*merged == *left);
        result.emplace_back(key, std::move(*merged));
      } else {
        changed = changed || left;
      }
      i += take_a;
      j += take_b;
    }
    if (!changed && dest == &base) return base;
    return Value::Object(std::move(result));
  }

  Merged MergeMap(const Value* dest, const Value* patch, const FieldInfo* known) const {
    if (IsMissingOrNull(dest)) {
      if (IsMissingOrNull(patch)) {
        // An explicit null stays where the patch says nothing; a patch's null removes.
        if (dest && !patch) return *dest;
        return std::nullopt;
      }
      Value taken = *patch;
      auto directive = TakeDirective(taken);
      if (directive && *directive == Directive::kDelete) return std::nullopt;
      // The patch's map is taken and still walked, so that directives and nulls in it count.
      return MergeFields(taken, &taken, &taken, known);
    }
    if (!patch) return MergeFields(*dest, dest, nullptr, known);
    if (patch->is_null()) return std::nullopt;
    Value taken = *patch;
    switch (TRY(TakeDirective(taken))) {
      case Directive::kDelete:
        return std::nullopt;
      case Directive::kReplace:
        return MergeFields(taken, &taken, &taken, known);
      case Directive::kMerge:
        break;
    }
    if (dest->SharesWith(*patch)) return MergeFields(taken, &taken, &taken, known);
    return MergeFields(*dest, dest, &taken, known);
  }

  // Merges the items of both lists by the keys; the patch's come first.
  Merged MergeItems(const Value& dest_list, const Value* patch, const FieldInfo& list) const {
    std::vector<std::string> keys = list.merge_keys;
    std::vector<KeyValues> all;
    const bool scalars = keys.empty();
    if (scalars) {
      keys = {""};
      if (patch) CollectScalars(*patch, all);
      CollectScalars(dest_list, all);
    } else {
      if (patch) CollectKeyValues(*patch, keys, all);
      CollectKeyValues(dest_list, keys, all);
    }
    // Every item is looked for in both lists.
    TRY(budget_.Spend(all.size() * (dest_list.size() + (patch ? patch->size() : 0)) /
                      kComparisonsPerStep));
    if (keys.size() > 1) CompleteKeyValues(all);
    std::vector<Value> dest(dest_list.items().begin(), dest_list.items().end());
    const std::vector<Value> source =
        patch ? std::vector<Value>(patch->items().begin(), patch->items().end())
              : std::vector<Value>();
    if (all.empty()) return Value::Array(std::move(dest));
    std::vector<Value> items;
    UsedKeys used;
    for (const KeyValues& values : all) {
      used = FindUsedKeys(all, values, keys);
      const UsedKeys own = FindUsedKeys({used.values}, used.values, used.keys);
      const std::optional<std::size_t> left = FindItem(dest, own);
      const std::optional<std::size_t> right = patch ? FindItem(source, own) : std::nullopt;
      const Value* theirs = right ? &source[*right] : nullptr;
      const bool replaced = theirs && (*theirs)[kPatchKey].as_string() == "replace";
      std::optional<Value> merged =
          TRY(Merge(left ? &dest[*left] : nullptr, right ? &source[*right] : nullptr, list.Item()));
      if (!merged || merged->is_null() || (merged->is_object() && merged->empty())) {
        for (std::size_t k = 0; k < used.keys.size(); ++k) {
          SetItem(dest, used.keys, used.values, std::nullopt);
        }
        continue;
      }
      if (!scalars) {
        for (std::size_t k = 0; k < used.keys.size(); ++k) {
          if (merged->is_object() && !merged->Has(used.keys[k]) && !used.values[k].empty()) {
            *merged = merged->With(used.keys[k], Value(used.values[k]));
          }
        }
      }
      // kyaml merges in place, so the destination's item is the merged one from here on; one that
      // is to be replaced comes back below, unless it is the patch's own.
      const bool own_item = left && theirs && dest[*left].SharesWith(*theirs);
      if (left && (!replaced || own_item)) dest[*left] = *merged;
      SetItem(items, used.keys, used.values, *merged);
    }
    AppendItems(items, dest, used.keys);
    return Value::Array(std::move(items));
  }

  Merged MergeList(const Value* dest, const Value* patch, const FieldInfo* known) const {
    if (!known || !known->merge) {
      if (!patch) return *dest;
      if (patch->is_null()) return std::nullopt;
      return *patch;
    }
    if (patch && patch->is_null()) return std::nullopt;
    if (IsMissingOrNull(dest)) {
      Value taken = *patch;
      return MergeItems(taken, &taken, *known);
    }
    if (!patch) return MergeItems(*dest, nullptr, *known);
    Value taken = *patch;
    switch (TRY(TakeListDirective(taken))) {
      case Directive::kDelete:
        return std::nullopt;
      case Directive::kReplace:
        return MergeItems(taken, &taken, *known);
      case Directive::kMerge:
        break;
    }
    // In a map that was taken the directive is gone from both.
    if (dest->SharesWith(*patch)) return MergeItems(taken, &taken, *known);
    return MergeItems(*dest, &taken, *known);
  }

  Merged Merge(const Value* dest, const Value* patch, const FieldInfo* known) const {
    if (!dest && !patch) return std::nullopt;
    TRY(budget_.Spend(1));
    const FieldInfo* info = SchemaOf(types_, known, dest, patch);
    // Nothing merges below what neither patch nor schema speaks of.
    if (!patch && !info) return *dest;
    const Value& first = !IsMissingOrNull(dest)    ? *dest
                         : !IsMissingOrNull(patch) ? *patch
                                                   : kAbsent;
    const Value* second = &first == dest && !IsMissingOrNull(patch) ? patch : nullptr;
    if (first.is_object() || first.is_null()) {
      if (second && !second->is_object()) return Fail(WrongKind("MappingNode", *second));
      return MergeMap(dest, patch, info);
    }
    if (first.is_array()) {
      if (second && !second->is_array()) return Fail(WrongKind("SequenceNode", *second));
      return MergeList(dest, patch, info);
    }
    if (second && (second->is_object() || second->is_array())) {
      return Fail(WrongKind("ScalarNode", *second));
    }
    if (!patch) return *dest;
    if (patch->is_null()) return std::nullopt;
    return *patch;
  }

 private:
  const MergeSchema& types_;
  Budget& budget_;
};

// Takes out the nulls that are not written out.
class NullDropper {
 public:
  NullDropper(const MergeSchema& types, const std::set<std::string>& written)
      : types_(types), written_(written) {}

  Value Drop(const Value& value, const FieldInfo* known) const {
    const FieldInfo* info = SchemaOf(types_, known, &value, nullptr);
    if (value.is_array()) return info && info->merge ? DropInList(value, *info) : value;
    if (!value.is_object()) return value;
    std::vector<Member> members;
    bool changed = false;
    for (const Member& member : value.members()) {
      const std::string_view key = member.name();
      if (member.value.is_null() && !written_.contains(std::string(key))) {
        changed = true;
        continue;
      }
      Value kept = Drop(member.value, info ? info->Descend(key) : nullptr);
      changed = changed || !(kept == member.value);
      members.emplace_back(member.key, std::move(kept));
    }
    return changed ? Value::Object(std::move(members)) : value;
  }

 private:
  Value DropInList(const Value& list, const FieldInfo& info) const {
    std::vector<Value> items;
    for (const Value& item : list.items()) items.push_back(Drop(item, info.Item()));
    return Value::Array(std::move(items));
  }

  const MergeSchema& types_;
  const std::set<std::string>& written_;
};

}  // namespace

Value WithoutUnwrittenNulls(const Value& object, const std::set<std::string>& written,
                            const MergeSchema& types) {
  return NullDropper(types, written).Drop(object, nullptr);
}

Result<Value> StrategicMerge(const Value& object, const Value& patch, const MergeSchema& types,
                             Budget& budget) {
  std::optional<Value> merged = TRY(Merger(types, budget).Merge(&object, &patch, nullptr));
  return merged ? std::move(*merged) : Value();
}

}  // namespace swell::kustomize
