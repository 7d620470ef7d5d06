#pragma once
// Ignore rules: differences that somebody else is in charge of.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/value/pointer.h"
#include "base/value/value.h"

namespace swell::diff {

namespace jq {
struct Node;
}

// An expression of jq that names fields: .spec.replicas, .metadata.annotations["a/b"],
// .webhooks[]?.clientConfig.caBundle, .spec.containers[] | select(.name == "x" and .image) |
// .image. What of jq is understood: jq.h, docs/diff.md. Immutable, cheap to copy, thread-safe.
class PathExpression {
 public:
  // kInvalidArgument for what names no fields; kUnimplemented for other parts of jq, named.
  static Result<PathExpression> Parse(std::string_view text);
  // The places in `document` that the expression names; only those that exist.
  // kResourceExhausted for what takes too long on this document.
  Result<std::vector<PointerTokens>> Find(const Value& document) const;
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::shared_ptr<const jq::Node> root_;
};

struct IgnoreRules {
  std::vector<PointerTokens> pointers;  // what is at or below is ignored; "*" is any one token
  std::vector<PathExpression> expressions;
  std::vector<std::string> managers;  // fields that these own in live's managedFields
  bool empty() const { return pointers.empty() && expressions.empty() && managers.empty(); }
};

}  // namespace swell::diff
