#pragma once
// Budgets of one rendering: what bounds templates that loop, recurse or blow text up.

#include <cstddef>
#include <cstdint>

#include "base/core/result.h"

namespace swell::gotemplate {

// All limits are per rendering (per Session), not per template.
struct Limits {
  std::uint64_t max_steps = 50'000'000;            // nodes evaluated, loop turns, items touched
  std::uint64_t max_output_bytes = 64ull << 20;    // text written by one Execute
  std::uint64_t max_value_bytes = 64ull << 20;     // one string or list made by a function
  std::uint64_t max_allocated_bytes = 1ull << 30;  // everything functions made, added up
  int max_template_depth = 10'000;                 // template, include and tpl inside each other
  int max_value_depth = 1'000;                     // nesting of values printed, copied, compared
  std::size_t max_parse_bytes = 16u << 20;         // one template text
  int max_parse_depth = 500;                       // nesting of blocks and of parentheses
  std::size_t max_parse_nodes = 4'000'000;         // syntax nodes of one text
  std::size_t max_parse_variables = 2'000;         // in scope at one place
  friend bool operator==(const Limits&, const Limits&) = default;
};

// Counts against Limits. One thread at a time. Every error is kResourceExhausted and names
// the budget and its size; the caller adds the place.
class Budget {
 public:
  explicit Budget(const Limits& limits) : limits_(limits) {}

  const Limits& limits() const { return limits_; }
  std::uint64_t steps() const { return steps_; }

  // Accounts for `steps` units of work.
  Status Spend(std::uint64_t steps = 1) {
    steps_ += steps;
    if (steps_ > limits_.max_steps) [[unlikely]]
      return OutOfSteps();
    return {};
  }
  // To be asked before making one value of about `bytes` bytes.
  Status Allow(std::uint64_t bytes) {
    allocated_ += bytes;
    if (bytes > limits_.max_value_bytes || allocated_ > limits_.max_allocated_bytes) [[unlikely]] {
      return TooLarge(bytes);
    }
    return {};
  }
  // For code that walks values recursively: `depth` counts from 0.
  Status CheckDepth(int depth) const {
    if (depth > limits_.max_value_depth) [[unlikely]]
      return TooDeep();
    return {};
  }

 private:
  Status OutOfSteps() const;
  Status TooLarge(std::uint64_t bytes) const;
  Status TooDeep() const;

  Limits limits_;
  std::uint64_t steps_ = 0;
  std::uint64_t allocated_ = 0;
};

}  // namespace swell::gotemplate
