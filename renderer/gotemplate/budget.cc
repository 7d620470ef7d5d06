#include "renderer/gotemplate/budget.h"

#include <string>

namespace swell::gotemplate {

Status Budget::OutOfSteps() const {
  return Fail(ResourceExhausted("the rendering takes more than " +
                                std::to_string(limits_.max_steps) +
                                " steps (budget max_steps); does a loop or recursion not end?"));
}

Status Budget::TooLarge(std::uint64_t bytes) const {
  if (bytes > limits_.max_value_bytes) {
    return Fail(ResourceExhausted(
        "a value of " + std::to_string(bytes) + " bytes is larger than the limit of " +
        std::to_string(limits_.max_value_bytes) + " bytes (budget max_value_bytes)"));
  }
  return Fail(ResourceExhausted("the functions of this rendering made more than " +
                                std::to_string(limits_.max_allocated_bytes) +
                                " bytes (budget max_allocated_bytes)"));
}

Status Budget::TooDeep() const {
  return Fail(ResourceExhausted("the value is nested deeper than " +
                                std::to_string(limits_.max_value_depth) +
                                " levels (budget max_value_depth); does a map hold itself?"));
}

}  // namespace swell::gotemplate
