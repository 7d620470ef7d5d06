#pragma once
// JSON pointer (RFC 6901), JSON patch (RFC 6902) and JSON merge patch (RFC 7386).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"

namespace swell {

using PointerTokens = std::vector<std::string>;

// "" is the whole document; anything else must start with '/'. ~0 and ~1 are unescaped.
Result<PointerTokens> ParsePointer(std::string_view text);
std::string FormatPointer(const PointerTokens& tokens);
// One token, escaped: "a/b" -> "a~1b".
std::string EscapePointerToken(std::string_view token);

// nullptr where nothing is there.
const Value* FindPointer(const Value& root, const PointerTokens& tokens);

// Applies an RFC 6902 patch (an array of operations). All or nothing. Errors name the
// operation's index, op and path.
Result<Value> ApplyJsonPatch(const Value& document, const Value& patch);

Value ApplyMergePatch(const Value& document, const Value& patch);
// The merge patch that turns `from` into `to`.
Value CreateMergePatch(const Value& from, const Value& to);

}  // namespace swell
