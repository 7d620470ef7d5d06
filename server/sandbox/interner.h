#pragma once
// One copy of what many objects have in common. A fleet's clusters run the same applications:
// their specs, labels and field sets are equal, and a Value shares what is the same block.

#include <cstddef>
#include <unordered_map>

#include "base/core/digest.h"
#include "base/value/json.h"
#include "base/value/value.h"

namespace swell::sandbox {

// Not thread-safe: one for each network loop. Holds at most `capacity` values and forgets all
// when full, which costs sharing but never correctness.
class Interner {
 public:
  explicit Interner(std::size_t capacity = 50'000) : capacity_(capacity) {}

  // A value equal to this one.
  Value Intern(const Value& value) {
    if (value.empty()) return value;
    if (known_.size() >= capacity_) known_.clear();
    return known_.try_emplace(Digest::Of(json::Write(value)), value).first->second;
  }
  std::size_t size() const { return known_.size(); }

 private:
  std::size_t capacity_;
  std::unordered_map<Digest, Value> known_;
};

}  // namespace swell::sandbox
