#include "reconciler/diff/edit.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <utility>

namespace swell::diff {
namespace {

using Tokens = std::span<const std::string>;

bool IsNumber(const std::string& token) {
  return !token.empty() && token.find_first_not_of("0123456789") == std::string::npos;
}

// With `value` at the place, or without it.
Value Edited(const Value& document, Tokens place, const Value* value) {
  const std::string& token = place.front();
  const Tokens rest = place.subspan(1);
  if (document.is_array()) {
    if (token == "-" && value && rest.empty()) return document.WithItem(document.size(), *value);
    const auto index = IndexIn(token, document);
    if (!index) return document;
    if (!rest.empty()) return document.WithItem(*index, Edited(document[*index], rest, value));
    if (value) return document.WithItem(*index, *value);
    std::vector<Value> items(document.items().begin(), document.items().end());
    items.erase(items.begin() + static_cast<std::ptrdiff_t>(*index));
    return Value::Array(std::move(items));
  }
  if (!document.is_object()) return document;
  if (rest.empty()) return value ? document.With(token, *value) : document.Without(token);
  const Value* child = document.Find(token);
  if (child == nullptr && !value) return document;
  return document.With(token, Edited(child ? *child : Value::EmptyObject(), rest, value));
}

}  // namespace

std::optional<std::size_t> IndexIn(const std::string& token, const Value& list) {
  std::size_t index = 0;
  const char* end = token.data() + token.size();
  if (!IsNumber(token) || std::from_chars(token.data(), end, index).ec != std::errc()) return {};
  if (index >= list.items().size()) return {};
  return index;
}

// Indices count as numbers.
bool Edits::ByPlace::operator()(const PointerTokens& a, const PointerTokens& b) const {
  return std::ranges::lexicographical_compare(a, b, [](const std::string& x, const std::string& y) {
    if (IsNumber(x) && IsNumber(y) && x.size() != y.size()) return x.size() < y.size();
    return x < y;
  });
}

void Edits::Set(PointerTokens place, Value value) {
  if (place.empty()) return;
  if (place.back() == "-") {
    appended_.emplace_back(std::move(place), std::move(value));
  } else {
    edits_.insert_or_assign(std::move(place), std::move(value));
  }
}

void Edits::Remove(PointerTokens place) {
  if (!place.empty()) edits_.insert_or_assign(std::move(place), std::nullopt);
}

Value Edits::Apply(const Value& document) const {
  Value out = document;
  for (const auto& [place, value] : edits_) {
    if (value) out = Edited(out, place, &*value);
  }
  for (const auto& [place, value] : appended_) out = Edited(out, place, &value);
  for (auto edit = edits_.rbegin(); edit != edits_.rend(); ++edit) {
    if (!edit->second) out = Edited(out, edit->first, nullptr);
  }
  return out;
}

}  // namespace swell::diff
