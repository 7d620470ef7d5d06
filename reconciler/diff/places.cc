#include "reconciler/diff/places.h"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include "base/core/strings.h"
#include "base/value/json.h"

namespace swell::diff {
namespace {

using Tokens = std::span<const std::string>;

std::string KeyText(const Value& value) {
  return value.is_string() ? value.str() : json::Write(value);
}

// A key that an item does not state has its default (protocol: TCP), which is not known here.
bool HasKeys(const Value& item, std::string_view token) {
  bool stated = false;
  for (const std::string_view pair : Split(token.substr(1, token.size() - 2), ',')) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) return false;
    const Value& value = item[pair.substr(0, equals)];
    if (value.is_null()) continue;
    if (KeyText(value) != pair.substr(equals + 1)) return false;
    stated = true;
  }
  return stated;
}

void Expand(const Value& value, Tokens pointer, PointerTokens& at,
            std::vector<PointerTokens>& places) {
  if (pointer.empty()) {
    places.push_back(at);
    return;
  }
  const auto go_on = [&](const Value& child, std::string token) {
    at.push_back(std::move(token));
    Expand(child, pointer.subspan(1), at, places);
    at.pop_back();
  };
  const std::string& token = pointer.front();
  const bool any = token == "*";
  const bool item = value.is_array() && IsItemToken(token);
  if (!any && !item) {
    const PointerTokens one = {token};
    if (const Value* child = FindPointer(value, one)) go_on(*child, token);
    return;
  }
  for (const Member& member : value.members()) {
    if (any) go_on(member.value, member.key.str());
  }
  for (std::size_t i = 0; i < value.items().size(); ++i) {
    if (any || HasKeys(value[i], token)) go_on(value[i], std::to_string(i));
  }
}

bool StatedAlike(const Value& a, const Value& b, const PointerTokens& pointer) {
  const auto here = PlacesOf(a, pointer);
  const auto there = PlacesOf(b, pointer);
  return std::ranges::equal(here, there, [&](const PointerTokens& x, const PointerTokens& y) {
    // Items that are named by their keys may have moved.
    const bool same_place = x == y || std::ranges::any_of(pointer, IsItemToken);
    return same_place && *FindPointer(a, x) == *FindPointer(b, y);
  });
}

}  // namespace

bool IsItemToken(std::string_view token) {
  return token.size() > 2 && token.starts_with('[') && token.ends_with(']') &&
         token.find('=') != std::string_view::npos;
}

bool IsPattern(const PointerTokens& pointer) {
  return std::ranges::any_of(
      pointer, [](const std::string& token) { return token == "*" || IsItemToken(token); });
}

std::vector<PointerTokens> PlacesOf(const Value& document, const PointerTokens& pointer) {
  std::vector<PointerTokens> places;
  PointerTokens at;
  Expand(document, pointer, at, places);
  return places;
}

IgnoreRules InForce(IgnoreRules rules, const Value& desired, const Value* last_applied,
                    std::vector<std::string>* gave_way) {
  if (rules.tolerated.empty() || last_applied == nullptr) return rules;
  std::erase_if(rules.tolerated, [&](const ToleratedPlace& place) {
    const bool of_field = place.toleration.gives_way == Toleration::GivesWay::kToField;
    const bool holds =
        StatedAlike(desired, *last_applied, of_field ? place.pointer : PointerTokens());
    if (!holds && gave_way) gave_way->push_back(place.toleration.id);
    return !holds;
  });
  return rules;
}

}  // namespace swell::diff
