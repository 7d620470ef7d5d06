#pragma once
// The grammar of --set and its siblings ("a.b=1,c[0].d={x,y}"), as helm's pkg/strvals has it.

#include <functional>
#include <string>
#include <string_view>

#include "base/core/result.h"
#include "base/value/value.h"

namespace swell::helm {

inline constexpr int kMaxSetIndex = 65536;  // of a list
inline constexpr int kMaxSetNesting = 30;   // dots in one key

// Each sets what `text` says in the object `dest`. Errors have helm's words without the
// "failed parsing --set data: " in front.
// --set: true, false, null and integers are typed, everything else is a string.
Status SetTyped(std::string_view text, Value& dest);
// --set-string: every value a string.
Status SetString(std::string_view text, Value& dest);
// --set-json in the key=json form.
Status SetJson(std::string_view text, Value& dest);
// --set-file: each value is given to `read`, whose result is set.
using SetFileReader = std::function<Result<std::string>(const std::string& path)>;
Status SetFile(std::string_view text, const SetFileReader& read, Value& dest);
// A JSON text with its numbers as float64, as encoding/json reads into interface{}.
Result<Value> ParseJsonAsGo(std::string_view text);
// --set-literal: one key, the rest verbatim.
Status SetLiteral(std::string_view text, Value& dest);

}  // namespace swell::helm
