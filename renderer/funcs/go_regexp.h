#pragma once
// Go's regexp package over base/text/regex.h: its error texts, Split, and a cache.

#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/text/regex.h"

namespace swell::funcs {

// The error's message: "error parsing regexp: missing closing ): `(`". Compiled expressions are
// kept for a while, each thread its own.
Result<Regex> CompileGoRegexp(std::string_view pattern);

// At most `limit` matches; all where it is negative.
std::vector<std::string> FindAllGo(const Regex& regex, std::string_view text, std::int64_t limit);

// regexp.Split: at most `limit` parts; all where it is negative, none where it is 0.
std::vector<std::string> SplitGo(const Regex& regex, std::string_view text, std::int64_t limit);

}  // namespace swell::funcs
