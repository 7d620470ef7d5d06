#pragma once
// Ignore rules: differences that somebody else is in charge of.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/value/pointer.h"
#include "base/value/value.h"

namespace swell::diff {

// A path expression in the part of jq's language that names fields: paths (.spec.replicas,
// .metadata.annotations["a/b"], .spec.containers[0], .items[]), pipes and
// select(PATH OP LITERAL) with == != < <= > >=, or select(PATH) for truth.
class PathExpression {
 public:
  // kInvalidArgument for what is no path; kUnimplemented for other jq functions, named.
  static Result<PathExpression> Parse(std::string_view text);
  // The places in `document` that the expression names; only those that exist.
  std::vector<PointerTokens> Find(const Value& document) const;

 private:
  struct Step {
    enum class Kind { kField, kIndex, kEach, kSelect };
    Kind kind = Kind::kField;
    std::string field;            // of kField
    std::size_t index = 0;        // of kIndex
    std::vector<Step> condition;  // of kSelect: a path
    std::string op;               // of kSelect; "": truth
    Value literal;
  };
  friend class PathParser;
  static void Walk(const Value& node, std::span<const Step> steps, PointerTokens& at,
                   std::vector<PointerTokens>& found);
  static bool Holds(const Value& node, const Step& select);
  std::vector<Step> steps_;
};

struct IgnoreRules {
  std::vector<PointerTokens> pointers;  // what is at or below is ignored; "*" is any one token
  std::vector<PathExpression> expressions;
  std::vector<std::string> managers;  // fields that these own in live's managedFields
  bool empty() const { return pointers.empty() && expressions.empty() && managers.empty(); }
};

}  // namespace swell::diff
