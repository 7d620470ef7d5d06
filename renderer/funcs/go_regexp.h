#pragma once
// Go's regexp package over base/text/regex.h: its error texts, Split, ReplaceAll, and a cache.
// Everything is charged to the rendering's budget: an expression may compile to a large program,
// match at every byte, and read on to the end of the text each time.

#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/text/regex.h"
#include "renderer/gotemplate/budget.h"

namespace swell::funcs {

// The error's message: "error parsing regexp: missing closing ): `(`". Compiled expressions are
// kept for a while, each thread its own.
Result<Regex> CompileGoRegexp(std::string_view pattern, gotemplate::Budget& budget);

// Whether it matches anywhere; the first match's text, "" for none.
Result<bool> MatchesGo(const Regex& regex, std::string_view text, gotemplate::Budget& budget);
Result<std::string_view> FindGo(const Regex& regex, std::string_view text,
                                gotemplate::Budget& budget);

// At most `limit` matches; all where it is negative.
Result<std::vector<std::string>> FindAllGo(const Regex& regex, std::string_view text,
                                           std::int64_t limit, gotemplate::Budget& budget);

// regexp.Split: at most `limit` parts; all where it is negative, none where it is 0.
Result<std::vector<std::string>> SplitGo(const Regex& regex, std::string_view text,
                                         std::int64_t limit, gotemplate::Budget& budget);

// kTemplate: $1 and ${name} in the replacement stand for groups.
enum class Replacement { kTemplate, kLiteral };
Result<std::string> ReplaceAllGo(const Regex& regex, std::string_view text,
                                 std::string_view replacement, Replacement kind,
                                 gotemplate::Budget& budget);

}  // namespace swell::funcs
