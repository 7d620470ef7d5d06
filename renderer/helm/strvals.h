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
inline constexpr int kMaxSetIndexes = 100;  // lists inside each other

// Tables and lists are copied when one of their items is set, and "a[65536]=x" makes 65536 empty
// items: every set is charged for what it copies. kResourceExhausted where that is more than
// `items` in all.
struct SetBudget {
  std::uint64_t items = 20'000'000;
};

// Each sets what `text` says in the object `dest`. Errors have helm's words without the
// "failed parsing --set data: " in front. Without a budget each call has one of its own.
// --set: true, false, null and integers are typed, everything else is a string.
Status SetTyped(std::string_view text, Value& dest, SetBudget* budget = nullptr);
// --set-string: every value a string.
Status SetString(std::string_view text, Value& dest, SetBudget* budget = nullptr);
// --set-json in the key=json form.
Status SetJson(std::string_view text, Value& dest, SetBudget* budget = nullptr);
// --set-file: each value is given to `read`, whose result is set.
using SetFileReader = std::function<Result<std::string>(const std::string& path)>;
Status SetFile(std::string_view text, const SetFileReader& read, Value& dest,
               SetBudget* budget = nullptr);
// A JSON text with its numbers as float64, as encoding/json reads into interface{}.
Result<Value> ParseJsonAsGo(std::string_view text);
// --set-literal: one key, the rest verbatim.
Status SetLiteral(std::string_view text, Value& dest, SetBudget* budget = nullptr);

}  // namespace swell::helm
