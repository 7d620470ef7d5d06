#pragma once
// Functions whose results differ from call to call, made to ask the rendering's host for the
// result that is kept for their call site (renderer/ambient/stable_values.h).

#include <functional>
#include <string>

#include "base/core/clock.h"
#include "renderer/gotemplate/function.h"

namespace swell::funcs {

// How a result is written down and read again.
struct StableForm {
  Value (*write)(const gotemplate::Any& result);
  gotemplate::Any (*read)(const Value& value);
  // When a result that is made at `now` is to be made anew; null: never.
  Timestamp (*renew_at)(Timestamp now, std::span<const gotemplate::Any> args) = nullptr;
};

// Results that are strings, and those that are Go ints.
extern const StableForm kStableText;
extern const StableForm kStableInt;

// `call`, which calls through only where nothing is kept for the call.
gotemplate::Callable Stable(std::string name, gotemplate::Callable call,
                            const StableForm& form = kStableText);

// The clock, which for one call site stands still.
Result<Timestamp> StableNow(gotemplate::Context& context);

}  // namespace swell::funcs
