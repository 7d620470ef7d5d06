#include "reconciler/diff/ignore.h"

#include "base/core/strings.h"
#include "reconciler/diff/jq.h"

namespace swell::diff {

Result<PathExpression> PathExpression::Parse(std::string_view text) {
  PathExpression expression;
  expression.text_ = std::string(text);
  expression.root_ = TRY(jq::Parse(text));
  return expression;
}

Result<std::vector<PointerTokens>> PathExpression::Find(const Value& document) const {
  return TRY_WRAP(jq::FindPlaces(*root_, document), "path expression " + Quote(text_));
}

}  // namespace swell::diff
