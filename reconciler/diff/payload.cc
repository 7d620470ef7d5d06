#include "reconciler/diff/payload.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reconciler/diff/comparison.h"
#include "reconciler/diff/edit.h"
#include "reconciler/diff/ownership.h"
#include "reconciler/diff/places.h"

namespace swell::diff {
namespace {

constexpr std::size_t kMaxTokens = 128;

std::vector<PointerTokens> PlacesIn(const Value& document, const IgnoreRules& rules) {
  std::vector<PointerTokens> places;
  const auto add = [&](const PointerTokens& pointer) {
    std::ranges::move(PlacesOf(document, pointer), std::back_inserter(places));
  };
  for (const PointerTokens& pointer : rules.pointers) add(pointer);
  for (const ToleratedPlace& place : rules.tolerated) add(place.pointer);
  for (const PathExpression& expression : rules.expressions) {
    auto found = expression.Find(document);
    if (found) places.insert(places.end(), found->begin(), found->end());
  }
  std::erase_if(places, [](const PointerTokens& place) {
    return place.empty() || place.size() > kMaxTokens;
  });
  return places;
}

// The same place in another state of the object, where the items of lists stand elsewhere.
// Nothing where an item on the way is not there.
std::optional<PointerTokens> Translate(const PointerTokens& place, const Value& from,
                                       const Value& to, const Place& root) {
  static const Value kNull;
  PointerTokens out;
  const Value* source = &from;
  const Value* target = &to;
  Place at = root;
  for (const std::string& token : place) {
    if (!source->is_array()) {
      at = DescendInto(at, token);
      source = &(*source)[token];
      target = &(*target)[token];
      out.push_back(token);
      continue;
    }
    const auto index = IndexIn(token, *source);
    if (!index || !target->is_array()) return {};
    std::optional<std::size_t> there = *index;
    const ListShape shape = ShapeOf(at);
    if (shape.type == schema::ListType::kMap) {
      const auto mine = KeyItems(*source, shape, at);
      const auto theirs = KeyItems(*target, shape, at);
      if (mine && theirs) there = theirs->Find(mine->keys()[*index]);
    }
    if (!there || *there >= target->size()) return {};
    source = &(*source)[*index];
    target = &(*target)[*there];
    at = ItemPlaces(at).Of(*source);
    out.push_back(std::to_string(*there));
  }
  return out;
}

}  // namespace

Value WithoutIgnored(const Value& desired, const Value& live, const IgnoreRules& rules,
                     std::string_view manager, const schema::CustomTypes* custom_types) {
  if (rules.empty() || live.is_null()) return desired;
  const Value everybody = OwnedByAll(live);
  const Place root = RootPlace(desired, live, custom_types, everybody);
  Edits edits;  // places in `desired`

  const auto decide = [&](const PointerTokens& in_desired, const PointerTokens& in_live) {
    const Value* value = FindPointer(live, in_live);
    const std::vector<Owner> owners = value ? OwnersAt(live, live, in_live) : std::vector<Owner>();
    const auto applied_by = [&](bool us) {
      return std::ranges::any_of(owners, [&](const Owner& owner) {
        return owner.applied && (owner.manager == manager) == us;
      });
    };
    const bool stated = FindPointer(desired, in_desired) != nullptr;
    if (!stated && !applied_by(true)) return;
    if (value == nullptr || applied_by(false)) {
      edits.Remove(in_desired);
    } else {
      edits.Set(in_desired, *value);
    }
  };

  for (const PointerTokens& place : PlacesIn(desired, rules)) {
    if (const auto there = Translate(place, desired, live, root)) {
      decide(place, *there);
    } else {
      edits.Remove(place);
    }
  }
  std::vector<PointerTokens> in_live = PlacesIn(live, rules);
  const Value trusted = OwnedBy(live, rules.managers, Operations::kAll);
  for (PointerTokens& place : OwnedPlaces(live, trusted)) in_live.push_back(std::move(place));
  for (const PointerTokens& place : in_live) {
    if (const auto here = Translate(place, live, desired, root)) decide(*here, place);
  }

  return edits.Apply(desired);
}

}  // namespace swell::diff
