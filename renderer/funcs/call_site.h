#pragma once
// Where a call stands in its chart.

#include <string_view>

#include "renderer/ambient/stable_values.h"
#include "renderer/gotemplate/function.h"

namespace swell::funcs {

// The name under which tpl runs its text.
inline constexpr char kTplName[] = "gotpl";

// The call of `function` that is running. Views are valid during the call.
CallSite SiteOf(const gotemplate::Context& context, std::string_view function,
                const Digest& arguments);

// Charges the call's budget for what SiteOf looks through: the text that was written so far. A
// template that asks for a random value in every line would otherwise cost its square.
// Fails as Budget does.
Status ChargeSite(gotemplate::Context& context);

// The parts of it that are read from what a template has written before the call, "" where
// there is none: the name of the object ("metadata: {name: db}", of the last document), and the
// field that the call's result becomes ("password: ", {"password": ").
std::string_view ObjectBefore(std::string_view written);
std::string_view FieldBefore(std::string_view written);

}  // namespace swell::funcs
