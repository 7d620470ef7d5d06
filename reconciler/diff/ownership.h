#pragma once
// metadata.managedFields: who owns which field (FieldsV1).

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/value/pointer.h"
#include "base/value/value.h"

namespace swell::diff {

// Both sets in one; null is the empty set.
Value UnionFields(const Value& a, const Value& b);
// The union of the field sets of the managers chosen, as one FieldsV1 tree; null for none.
enum class Operations { kAll, kApply };
Value OwnedBy(const Value& object, std::span<const std::string> managers, Operations operations);
// The union of everybody's sets, and of everybody's but one manager's applied set.
Value OwnedByAll(const Value& object);
Value OwnedByOthers(const Value& object, std::string_view manager);

// The part of `object` that `own` covers and `others` does not: what an apply that states
// nothing would remove. Keys of list items are kept with them.
Value Project(const Value& object, const Value& own, const Value& others);

// One entry of managedFields that covers a field, or something below it.
struct Owner {
  std::string manager;
  std::string time;      // RFC 3339; "" where the entry has none
  bool applied = false;  // by server-side apply
  bool whole = false;    // the field as a whole, nothing below it
};
// Who owns what is at `at` in `document`, which is `object` or its normal form. None for a place
// that is not there.
std::vector<Owner> OwnersAt(const Value& object, const Value& document, const PointerTokens& at);

// The places in `object` that the leaves of a FieldsV1 tree name.
std::vector<PointerTokens> OwnedPlaces(const Value& object, const Value& owned);

// The child of a FieldsV1 node for a field, or nullptr.
const Value* FieldNode(const Value* node, std::string_view field);
// The children of one FieldsV1 node for the items of a keyed list or a set.
class ItemIndex {
 public:
  // `node` may be null and must outlive the index.
  explicit ItemIndex(const Value* node);
  // The child for the item, or nullptr.
  const Value* Find(const Value& item) const;
  // The keys of a keyed list.
  const std::vector<std::string>& keys() const { return keys_; }

 private:
  const Value* node_;
  std::vector<std::string> keys_;
};
// A node without children: the field is owned as a whole.
bool IsLeaf(const Value& node);

}  // namespace swell::diff
