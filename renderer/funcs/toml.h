#pragma once
// TOML as BurntSushi/toml v1.6 prints and reads it.

#include <string>
#include <string_view>

#include "base/core/result.h"
#include "base/value/value.h"

namespace swell::funcs {

// Tables after plain values, nested ones indented by two; null members are left out, null items
// refused.
Result<std::string> WriteToml(const Value& value);

// TOML 1.0. Integers become Int; dates and times stay text in RFC 3339 form. Errors:
// "toml: line 3: …".
Result<Value> ParseToml(std::string_view text);

}  // namespace swell::funcs
