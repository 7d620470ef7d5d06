// RFC 6902 with the habits of the Go library that kustomize uses (evanphx/json-patch v4).

#include <charconv>
#include <cmath>
#include <functional>
#include <optional>
#include <span>
#include <utility>

#include "base/core/strings.h"
#include "renderer/kustomize/transforms/patches.h"

namespace swell::kustomize {
namespace {

constexpr std::int64_t kExactInFloat = std::int64_t{1} << 53;

// The library passes every number through a float64: integers beyond 2^53 are rounded.
Value WithFloatNumbers(const Value& value) {
  if (value.is_int()) {
    const std::int64_t number = value.as_int();
    if (number >= -kExactInFloat && number <= kExactInFloat) return value;
    return Value(static_cast<double>(number));
  }
  if (value.is_array()) {
    std::vector<Value> items;
    for (const Value& item : value.items()) items.push_back(WithFloatNumbers(item));
    return Value::Array(std::move(items));
  }
  if (value.is_object()) {
    std::vector<Member> members;
    for (const Member& m : value.members()) members.emplace_back(m.key, WithFloatNumbers(m.value));
    return Value::Object(std::move(members));
  }
  return value;
}

bool HasBigNumber(const Value& value) {
  if (value.is_int()) return value.as_int() > kExactInFloat || value.as_int() < -kExactInFloat;
  for (const Value& item : value.items()) {
    if (HasBigNumber(item)) return true;
  }
  for (const Member& member : value.members()) {
    if (HasBigNumber(member.value)) return true;
  }
  return false;
}

// The order of `test`: numbers by their value, whatever their type.
bool SameJson(const Value& a, const Value& b) {
  if (a == b) return true;
  if (a.is_number() && b.is_number()) return a.as_float() == b.as_float();
  if (a.type() != b.type() || a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.items().size(); ++i) {
    if (!SameJson(a.items()[i], b.items()[i])) return false;
  }
  for (std::size_t i = 0; i < a.members().size(); ++i) {
    const Member& x = a.members()[i];
    const Member& y = b.members()[i];
    if (x.name() != y.name() || !SameJson(x.value, y.value)) return false;
  }
  return a.is_array() || a.is_object();
}

// A pointer, cut as the library cuts it: what stands before the first slash does not count.
struct Path {
  std::vector<std::string> parents;
  std::string key;
};

std::optional<Path> SplitPath(std::string_view text) {
  const std::vector<std::string_view> parts = Split(text, '/');
  if (parts.size() < 2) return std::nullopt;
  Path path;
  for (std::string_view part : std::span(parts).subspan(1)) {
    path.parents.push_back(ReplaceAll(ReplaceAll(part, "~1", "/"), "~0", "~"));
  }
  path.key = std::move(path.parents.back());
  path.parents.pop_back();
  return path;
}

// As Go's strconv.Atoi reads it; below zero it counts from the end of `size` items.
std::optional<std::size_t> Index(std::string_view text, std::size_t size) {
  if (text.starts_with('+') && text.size() > 1 && text[1] != '-') text.remove_prefix(1);
  std::int64_t index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  const auto count = static_cast<std::int64_t>(size);
  if (index >= count || index < -count) return std::nullopt;
  return static_cast<std::size_t>(index < 0 ? index + count : index);
}

Error NoIndex(std::string_view key) {
  return InvalidArgument("Unable to access invalid index: " + std::string(key));
}

// The child that `key` names: nullptr for a key that a map does not have.
Result<const Value*> Get(const Value& container, std::string_view key) {
  if (container.is_object()) return container.Find(key);
  const auto index = Index(key, container.size());
  if (!index) return Fail(NoIndex(key));
  return &container.items()[*index];
}

// The map or list that the parents lead to; nullptr where there is none.
const Value* FindContainer(const Value& document, std::span<const std::string> parents) {
  const Value* at = &document;
  for (const std::string& part : parents) {
    const auto next = Get(*at, part);
    if (!next || !*next || (!(*next)->is_object() && !(*next)->is_array())) return nullptr;
    at = *next;
  }
  return at->is_object() || at->is_array() ? at : nullptr;
}

// The document with the container there, which must exist, exchanged. No deeper than the document.
Value WithContainer(const Value& at, std::span<const std::string> parents, Value container) {
  if (parents.empty()) return container;
  const std::string& part = parents[0];
  if (at.is_object()) {
    return at.With(part, WithContainer(*at.Find(part), parents.subspan(1), std::move(container)));
  }
  const std::size_t index = *Index(part, at.size());
  return at.WithItem(index,
                     WithContainer(at.items()[index], parents.subspan(1), std::move(container)));
}

Result<Value> Added(const Value& container, std::string_view key, const Value& value) {
  if (container.is_object()) return container.With(key, value);
  const std::size_t size = container.size();
  // One place more: -1 is behind the last item.
  const std::optional<std::size_t> index = key == "-" ? size : Index(key, size + 1);
  if (!index) return Fail(NoIndex(key));
  std::vector<Value> items(container.items().begin(), container.items().end());
  items.insert(items.begin() + static_cast<std::ptrdiff_t>(*index), value);
  return Value::ArrayFrom(items);
}

Result<Value> Removed(const Value& container, std::string_view key) {
  if (container.is_object()) {
    if (container.Has(key)) return container.Without(key);
    return Fail(InvalidArgument("unable to remove nonexistent key: " + std::string(key) +
                                ": missing value"));
  }
  const auto index = Index(key, container.size());
  if (!index) return Fail(NoIndex(key));
  std::vector<Value> items(container.items().begin(), container.items().end());
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(*index));
  return Value::ArrayFrom(items);
}

Result<Value> Replaced(const Value& container, std::string_view key, const Value& value) {
  if (container.is_object()) return container.With(key, value);
  return container.WithItem(*Index(key, container.size()), value);
}

// One operation on one document.
class Operation {
 public:
  Operation(const Value& document, const Value& operation)
      : document_(document), operation_(operation) {}

  Result<Value> Apply() const {
    const std::string_view op = operation_["op"].as_string();
    if (op == "add") return Put(TRY(Text("path")), operation_["value"], document_);
    if (op == "remove") return Remove(TRY(Text("path")));
    if (op == "replace") return Replace(TRY(Text("path")));
    if (op == "move") return Move(TRY(Text("from")), TRY(Text("path")));
    if (op == "copy") return Put(TRY(Text("path")), TRY(Source(TRY(Text("from")))), document_);
    if (op == "test") return Test(TRY(Text("path")));
    return Fail(InvalidArgument("Unexpected kind: " + std::string(op)));
  }

 private:
  Result<std::string_view> Text(const char* field) const {
    const Value& text = operation_[field];
    if (text.is_string()) return text.as_string();
    return Fail(InvalidArgument(operation_["op"].str() + " operation failed to decode " + field +
                                ": missing value"));
  }

  Error Missing(std::string_view what, std::string_view path) const {
    return InvalidArgument(operation_["op"].str() + " operation does not apply: doc is missing " +
                           std::string(what) + ": \"" + std::string(path) + "\": missing value");
  }

  // Changes the container that the path leads to.
  template <class Change>
  Result<Value> ChangeAt(const Value& document, std::string_view text, Change change) const {
    const auto path = SplitPath(text);
    const Value* container = path ? FindContainer(document, path->parents) : nullptr;
    if (!container) return Fail(Missing("path", text));
    const std::string doing =
        "error in " + operation_["op"].str() + " for path: '" + std::string(text) + "'";
    Value changed = TRY_WRAP(change(*container, path->key), doing);
    return WithContainer(document, path->parents, std::move(changed));
  }

  Result<Value> Put(std::string_view path, const Value& value, const Value& document) const {
    return ChangeAt(document, path, [&](const Value& container, const std::string& key) {
      return Added(container, key, value);
    });
  }

  Result<Value> Remove(std::string_view path) const { return ChangeAt(document_, path, Removed); }

  Result<Value> Replace(std::string_view path) const {
    const Value& value = operation_["value"];
    if (path.empty()) {
      if (value.is_object()) return value;
      return Fail(InvalidArgument(
          value.is_array()
              ? "json: cannot unmarshal array into Go value of type map[string]interface {}"
              : "replace operation value must be object or array"));
    }
    return ChangeAt(document_, path, [&](const Value& container, const std::string& key) {
      auto found = Get(container, key);
      if (!found) return Result<Value>(Fail(Missing("key", path)));
      return Replaced(container, key, value);
    });
  }

  // A key that a map does not have counts as null.
  Result<Value> Source(std::string_view from) const {
    const auto path = SplitPath(from);
    const Value* container = path ? FindContainer(document_, path->parents) : nullptr;
    if (!container) return Fail(Missing("from path", from));
    const Value* found = TRY_WRAP(Get(*container, path->key), "error in " + operation_["op"].str() +
                                                                  " for path: '" + path->key + "'");
    return found ? *found : Value();
  }

  Result<Value> Move(std::string_view from, std::string_view path) const {
    const Value moved = TRY(Source(from));
    const Value without = TRY(Remove(from));
    return Put(path, moved, without);
  }

  Result<Value> Test(std::string_view path) const {
    const Value& wanted = operation_["value"];
    const bool same =
        path.empty() ? SameJson(document_, wanted) : SameJson(TRY(Source(path)), wanted);
    if (same) return document_;
    return Fail(InvalidArgument("testing value " + std::string(path) + " failed: test failed"));
  }

  const Value& document_;
  const Value& operation_;
};

}  // namespace

Result<Value> ApplyKustomizeJsonPatch(const Value& object, const Value& operations,
                                      Budget& budget) {
  Value document = object;
  for (const Value& operation : operations.items()) {
    Value patched = TRY(Operation(document, operation).Apply());
    TRY(budget.AllowChange(document, patched));
    document = std::move(patched);
  }
  return HasBigNumber(document) ? WithFloatNumbers(document) : document;
}

}  // namespace swell::kustomize
