#pragma once
// The places in one document that a pointer of an ignore rule names.

#include <vector>

#include "base/value/pointer.h"
#include "base/value/value.h"
#include "reconciler/diff/ignore.h"

namespace swell::diff {

// Whether the token names an item of a list by its keys, as differences show it: "[name=web]",
// "[containerPort=80,protocol=TCP]".
bool IsItemToken(std::string_view token);

// Whether the token stands for more than one literal step: "*", or an item by its keys.
bool IsPattern(const PointerTokens& pointer);

// Those that exist: a "*" is any one token, an item token the items with those keys. A pointer
// without tokens names the whole document.
std::vector<PointerTokens> PlacesOf(const Value& document, const PointerTokens& pointer);

// `rules` without the tolerations that give way to the commit that `desired` is of: those whose
// field (or object) it states otherwise than `last_applied` does. Null: nothing is recorded, and
// all hold. The ids of those that gave way are added to `gave_way`, where given.
IgnoreRules InForce(IgnoreRules rules, const Value& desired, const Value* last_applied,
                    std::vector<std::string>* gave_way = nullptr);

}  // namespace swell::diff
