#pragma once
// The part of jq's language that ignore rules are written in: paths and conditions. Internal to the
// room; users of it see PathExpression.
//
//   places      .a  ."a"  .["a"]  .[0]  .[-1]  .[]  ..  and "?" after any of them; f | g; f, g;
//               f // g; select(f), first(f), recurse, empty; if f then g elif h then i else j end
//   conditions  == != < <= > >=, and, or, not, literals; has(k), startswith(s), endswith(s),
//               contains(v), test(re), test(re; flags), any, any(f), all, all(f), length, keys,
//               type, tostring, ascii_downcase
//
// Semantics are jq's, but for two things: what has no such field, or is no list, names nothing
// where jq would fail; and test() takes RE2's regular expressions (no back references, no
// look-around).

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/text/regex.h"
#include "base/value/pointer.h"
#include "base/value/value.h"

namespace swell::diff::jq {

struct Node;
using NodePtr = std::unique_ptr<const Node>;

struct Node {
  enum class Kind {
    kIdentity,
    kField,     // text
    kIndex,     // index
    kEach,      // .[]
    kDescent,   // ..
    kPipe,      // a | b
    kComma,     // a, b
    kDefault,   // a // b
    kLiteral,   // value
    kCompare,   // a TEXT b
    kAnd,       // a and b
    kOr,        // a or b
    kIf,        // if a then b else c; without else: c is kIdentity
    kFunction,  // text, a and b are its arguments
  };
  Kind kind = Kind::kIdentity;
  std::string text;
  std::int64_t index = 0;
  Value value;
  NodePtr a, b, c;
  std::shared_ptr<const Regex> regex;  // of test() with a literal
};

// kInvalidArgument for what is no expression, kUnimplemented for the rest of jq, named; both with
// the column. The expression must name places: `.a | length` is refused.
Result<NodePtr> Parse(std::string_view text);

// The places in `document` that the expression names, of those that exist. kResourceExhausted where
// that takes more than kMaxSteps.
inline constexpr std::size_t kMaxSteps = 200'000;
Result<std::vector<PointerTokens>> FindPlaces(const Node& expression, const Value& document);

}  // namespace swell::diff::jq
