#pragma once
// How sprig turns any value into a string or a number (spf13/cast's rules; facts C3).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "renderer/gotemplate/budget.h"
#include "renderer/gotemplate/value.h"

namespace swell::funcs {

// toString: the text itself, else %v; nil is "<nil>".
Result<std::string> StringOf(const gotemplate::Any& any, gotemplate::Budget& budget);
// The elements of a list as strings without the nils; any other value is a list of one, nil of
// none.
Result<std::vector<std::string>> StringsOf(const gotemplate::Any& any, gotemplate::Budget& budget);

// cast.ToInt64: 0 for what is no number. Strings as Go literals ("010" is 8), floats truncated.
std::int64_t Int64Of(const gotemplate::Any& any);
// cast.ToFloat64.
double FloatOf(const gotemplate::Any& any);

// sprig's empty: nil, zero, "", false, or without elements.
bool IsEmpty(const gotemplate::Any& any);

}  // namespace swell::funcs
