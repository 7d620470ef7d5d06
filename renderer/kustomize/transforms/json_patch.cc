// RFC 6902 with the habits of the Go library that kustomize uses.

#include <charconv>
#include <cmath>
#include <utility>

#include "base/core/strings.h"
#include "base/value/pointer.h"
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
  if (value.is_int()) return std::abs(value.as_int()) > kExactInFloat;
  for (const Value& item : value.items()) {
    if (HasBigNumber(item)) return true;
  }
  for (const Member& member : value.members()) {
    if (HasBigNumber(member.value)) return true;
  }
  return false;
}

// "-1" -> the last index, and so on; the pointer with plain indices.
std::string PlainPointer(const Value& document, const std::string& pointer) {
  auto tokens = ParsePointer(pointer);
  if (!tokens) return pointer;
  const Value* at = &document;
  for (std::string& token : *tokens) {
    if (!at) break;
    if (at->is_array() && token.size() > 1 && token[0] == '-') {
      std::int64_t index = 0;
      std::from_chars(token.data(), token.data() + token.size(), index);
      index += static_cast<std::int64_t>(at->size());
      if (index >= 0) token = std::to_string(index);
    }
    if (at->is_array()) {
      std::size_t index = at->size();
      std::from_chars(token.data(), token.data() + token.size(), index);
      at = index < at->size() ? &at->items()[index] : nullptr;
    } else {
      at = at->Find(token);
    }
  }
  return FormatPointer(*tokens);
}

// What the operation means in plain RFC 6902.
Value PlainOperation(const Value& document, const Value& operation) {
  Value plain = operation;
  for (const char* field : {"path", "from"}) {
    if (!operation[field].is_string()) continue;
    plain = plain.With(field, Value(PlainPointer(document, operation[field].str())));
  }
  const std::string_view op = operation["op"].as_string();
  if (op == "replace") {
    auto tokens = ParsePointer(plain["path"].as_string());
    if (tokens && !tokens->empty() && !FindPointer(document, *tokens)) {
      tokens->pop_back();
      const Value* parent = FindPointer(document, *tokens);
      if (parent && parent->is_object()) plain = plain.With("op", Value("add"));
    }
  }
  // An absent value is a null one.
  if ((op == "add" || op == "replace" || op == "test") && !operation.Has("value")) {
    plain = plain.With("value", Value());
  }
  return plain;
}

}  // namespace

Result<Value> ApplyKustomizeJsonPatch(const Value& object, const Value& operations) {
  Value document = object;
  for (const Value& operation : operations.items()) {
    const Value plain = PlainOperation(document, operation);
    auto patched = ApplyJsonPatch(document, Value::Array({plain}));
    if (!patched) {
      return Fail(std::move(patched).error().Wrap("error in " + operation["op"].str() +
                                                  " for path: '" + operation["path"].str() + "'"));
    }
    document = std::move(*patched);
  }
  return HasBigNumber(document) ? WithFloatNumbers(document) : document;
}

}  // namespace swell::kustomize
