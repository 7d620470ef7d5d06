#include "base/value/pointer.h"

#include <charconv>

#include "base/core/strings.h"
#include "base/value/json.h"

namespace swell {
namespace {

// An array index as RFC 6901 spells it: digits without a leading zero.
std::optional<std::size_t> ParseIndex(std::string_view token) {
  if (token.empty() || (token.size() > 1 && token[0] == '0')) return std::nullopt;
  std::size_t index = 0;
  const auto [stop, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (error != std::errc{} || stop != token.data() + token.size()) return std::nullopt;
  return index;
}

enum class Edit { kAdd, kReplace, kRemove };

Error Missing(const PointerTokens& path, std::size_t depth) {
  const PointerTokens until(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(depth) + 1);
  return InvalidArgument("nothing is at " + Quote(FormatPointer(until)));
}

Value WithoutItem(const Value& array, std::size_t index) {
  std::vector<Value> items(array.items().begin(), array.items().end());
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(index));
  return Value::ArrayFrom(items);
}

Value WithInserted(const Value& array, std::size_t index, Value value) {
  std::vector<Value> items(array.items().begin(), array.items().end());
  items.insert(items.begin() + static_cast<std::ptrdiff_t>(index), std::move(value));
  return Value::ArrayFrom(items);
}

Result<Value> EditObject(const Value& object, Edit edit, const PointerTokens& path,
                         std::size_t depth, const Value& value) {
  const std::string& key = path[depth];
  if (edit != Edit::kAdd && !object.Has(key)) return Fail(Missing(path, depth));
  return edit == Edit::kRemove ? object.Without(key) : object.With(key, value);
}

Result<Value> EditArray(const Value& array, Edit edit, const PointerTokens& path, std::size_t depth,
                        const Value& value) {
  const std::string& token = path[depth];
  if (edit == Edit::kAdd && token == "-") return WithInserted(array, array.size(), value);
  const auto index = ParseIndex(token);
  if (!index) return Fail(InvalidArgument(Quote(token) + " is not an index of an array"));
  const std::size_t limit = edit == Edit::kAdd ? array.size() : array.size() - 1;
  if (array.size() + (edit == Edit::kAdd) == 0 || *index > limit) return Fail(Missing(path, depth));
  if (edit == Edit::kAdd) return WithInserted(array, *index, value);
  if (edit == Edit::kRemove) return WithoutItem(array, *index);
  return array.WithItem(*index, value);
}

Result<Value> EditAt(const Value& at, Edit edit, const PointerTokens& path, std::size_t depth,
                     const Value& value) {
  if (depth == path.size()) {
    if (edit == Edit::kRemove) return Value();
    return value;
  }
  const bool last = depth + 1 == path.size();
  if (at.is_object()) {
    if (last) return EditObject(at, edit, path, depth, value);
    const Value* child = at.Find(path[depth]);
    if (!child) return Fail(Missing(path, depth));
    return at.With(path[depth], TRY(EditAt(*child, edit, path, depth + 1, value)));
  }
  if (at.is_array()) {
    if (last) return EditArray(at, edit, path, depth, value);
    const auto index = ParseIndex(path[depth]);
    if (!index || *index >= at.size()) return Fail(Missing(path, depth));
    return at.WithItem(*index, TRY(EditAt(at[*index], edit, path, depth + 1, value)));
  }
  return Fail(Missing(path, depth));
}

bool IsPrefix(const PointerTokens& prefix, const PointerTokens& path) {
  return prefix.size() < path.size() && std::equal(prefix.begin(), prefix.end(), path.begin());
}

// RFC 6902 compares numbers by value: 1 and 1.0 are the same.
bool SameJson(const Value& a, const Value& b) {
  if (a == b) return true;
  if (a.is_number() && b.is_number()) return a.as_float() == b.as_float();
  if (a.type() != b.type() || a.size() != b.size()) return false;
  if (a.is_array()) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (!SameJson(a[i], b[i])) return false;
    }
    return true;
  }
  if (!a.is_object()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const Member &x = a.members()[i], &y = b.members()[i];
    if (x.name() != y.name() || !SameJson(x.value, y.value)) return false;
  }
  return true;
}

Result<PointerTokens> PathOf(const Value& operation, const char* field) {
  const Value* path = operation.Find(field);
  if (!path || !path->is_string()) {
    return Fail(InvalidArgument(std::string("the operation has no string \"") + field + "\""));
  }
  return ParsePointer(path->as_string());
}

Result<Value> ApplyOperation(const Value& document, const Value& operation) {
  const std::string_view op = operation["op"].as_string();
  const PointerTokens path = TRY(PathOf(operation, "path"));
  const Value* value = operation.Find("value");
  if ((op == "add" || op == "replace" || op == "test") && !value) {
    return Fail(InvalidArgument("the operation has no \"value\""));
  }
  if (op == "add") return EditAt(document, Edit::kAdd, path, 0, *value);
  if (op == "replace") return EditAt(document, Edit::kReplace, path, 0, *value);
  if (op == "remove") return EditAt(document, Edit::kRemove, path, 0, Value());
  if (op == "test") {
    const Value* found = FindPointer(document, path);
    if (!found) return Fail(InvalidArgument("nothing is at " + Quote(FormatPointer(path))));
    if (!SameJson(*found, *value)) {
      return Fail(FailedPrecondition("the test failed: the value there is another one"));
    }
    return document;
  }
  if (op != "move" && op != "copy") {
    return Fail(InvalidArgument("unknown op " + Quote(op) +
                                " (known: add, remove, replace, move, copy, test)"));
  }
  const PointerTokens from = TRY(PathOf(operation, "from"));
  const Value* found = FindPointer(document, from);
  if (!found) return Fail(InvalidArgument("nothing is at " + Quote(FormatPointer(from))));
  const Value moved = *found;
  if (op == "copy") return EditAt(document, Edit::kAdd, path, 0, moved);
  if (IsPrefix(from, path)) {
    return Fail(InvalidArgument("a value cannot be moved into itself"));
  }
  const Value without = TRY(EditAt(document, Edit::kRemove, from, 0, Value()));
  return EditAt(without, Edit::kAdd, path, 0, moved);
}

}  // namespace

Result<PointerTokens> ParsePointer(std::string_view text) {
  PointerTokens tokens;
  if (text.empty()) return tokens;
  if (text[0] != '/') {
    return Fail(InvalidArgument("JSON pointer " + Quote(text) + " does not start with '/'"));
  }
  for (const std::string_view part : Split(text.substr(1), '/')) {
    std::string token;
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (part[i] != '~') {
        token += part[i];
        continue;
      }
      ++i;
      if (i == part.size() || (part[i] != '0' && part[i] != '1')) {
        return Fail(
            InvalidArgument("JSON pointer " + Quote(text) + " has a '~' that is not ~0 or ~1"));
      }
      token += part[i] == '0' ? '~' : '/';
    }
    tokens.push_back(std::move(token));
  }
  return tokens;
}

std::string EscapePointerToken(std::string_view token) {
  std::string out;
  for (const char c : token) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

std::string FormatPointer(const PointerTokens& tokens) {
  std::string out;
  for (const std::string& token : tokens) out += "/" + EscapePointerToken(token);
  return out;
}

const Value* FindPointer(const Value& root, const PointerTokens& tokens) {
  const Value* at = &root;
  for (const std::string& token : tokens) {
    if (at->is_object()) {
      at = at->Find(token);
      if (!at) return nullptr;
      continue;
    }
    const auto index = ParseIndex(token);
    if (!at->is_array() || !index || *index >= at->size()) return nullptr;
    at = &(*at)[*index];
  }
  return at;
}

Result<Value> ApplyJsonPatch(const Value& document, const Value& patch) {
  if (!patch.is_array()) return Fail(InvalidArgument("a JSON patch is an array of operations"));
  Value result = document;
  for (std::size_t i = 0; i < patch.size(); ++i) {
    const Value& operation = patch[i];
    if (!operation.is_object()) {
      return Fail(InvalidArgument("operation " + std::to_string(i) + " is not an object"));
    }
    result = TRY_WRAP(ApplyOperation(result, operation), "operation " + std::to_string(i) + " (" +
                                                             operation["op"].str() + " " +
                                                             operation["path"].str() + ")");
  }
  return result;
}

Value ApplyMergePatch(const Value& document, const Value& patch) {
  if (!patch.is_object()) return patch;
  Value result = document.is_object() ? document : Value::EmptyObject();
  for (const Member& member : patch.members()) {
    if (member.value.is_null()) {
      result = result.Without(member.name());
    } else {
      result = result.With(member.name(), ApplyMergePatch(result[member.name()], member.value));
    }
  }
  return result;
}

Value CreateMergePatch(const Value& from, const Value& to) {
  if (!from.is_object() || !to.is_object()) return to;
  std::vector<Member> patch;
  for (const Member& old : from.members()) {
    if (!to.Has(old.name())) patch.emplace_back(old.key, Value());
  }
  for (const Member& now : to.members()) {
    const Value* old = from.Find(now.name());
    if (old && *old == now.value) continue;
    patch.emplace_back(now.key, old ? CreateMergePatch(*old, now.value) : now.value);
  }
  return Value::Object(std::move(patch));
}

}  // namespace swell
