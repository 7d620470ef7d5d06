#pragma once
// Glob patterns on paths.

#include <string_view>

#include "base/core/result.h"

namespace swell {

// Go's path.Match: '*' and '?' stop at '/', "[a-z]", "[^a]", '\' escapes. The whole name must
// match. A malformed pattern is kInvalidArgument ("syntax error in pattern"), even where the
// name would not have needed its bad part.
Result<bool> PathMatch(std::string_view pattern, std::string_view name);

// As PathMatch, and "**" as a whole component matches any number of components, "{a,b}"
// matches either: "apps/**/*.yaml", "{base,prod}/*". At most 64 braces' combinations.
Result<bool> GlobMatch(std::string_view pattern, std::string_view path);

}  // namespace swell
