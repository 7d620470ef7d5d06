#pragma once
// What a gate's request may say of the wave: {{ .application }}, {{ .rollout }}, {{ .wave }} and
// {{ .clusters }} (names with commas between). Internal to reconciler/gates. Pure.

#include <string>
#include <string_view>

#include "base/core/result.h"
#include "reconciler/gates/gates.h"

namespace swell::gates {

// How a value is written into the text, so that it cannot change what the text is.
enum class Escape {
  kNone,
  kUrl,   // percent-encoded
  kJson,  // as inside a JSON string
};

// kInvalidArgument for every other action, naming it.
Result<std::string> Substitute(std::string_view text, const Context& context, Escape escape);

}  // namespace swell::gates
