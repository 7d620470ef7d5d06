#pragma once
// Changes to a document by place. Internal to the room.

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/value/pointer.h"
#include "base/value/value.h"

namespace swell::diff {

// The index that a token of a pointer means in the list; nothing where it has no such item.
std::optional<std::size_t> IndexIn(const std::string& token, const Value& list);

// Several changes that do not get in each other's way: what is left out moves no item that is still
// to be changed.
class Edits {
 public:
  // "-" as the last token appends to a list.
  void Set(PointerTokens place, Value value);
  void Remove(PointerTokens place);
  // The document with all of them. A place that cannot be reached (a scalar is in the way, an item
  // is not there) changes nothing.
  Value Apply(const Value& document) const;

 private:
  struct ByPlace {
    bool operator()(const PointerTokens& a, const PointerTokens& b) const;
  };
  std::map<PointerTokens, std::optional<Value>, ByPlace> edits_;
  std::vector<std::pair<PointerTokens, Value>> appended_;  // in their order
};

}  // namespace swell::diff
