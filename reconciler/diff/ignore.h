#pragma once
// Ignore rules: differences that somebody else is in charge of.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/value/pointer.h"
#include "base/value/value.h"
#include "reconciler/domain/application.h"

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

// What is left alone for a while. Without tokens it is the whole object: a comparison then tells its
// fields as ever, and Explain that they are tolerated.
struct ToleratedPlace {
  PointerTokens pointer;
  Toleration toleration;
};

struct IgnoreRules {
  // What is at or below is ignored; "*" is any one token, "[name=web]" the item with these keys.
  std::vector<PointerTokens> pointers;
  std::vector<PathExpression> expressions;
  std::vector<std::string> managers;  // fields that these own in live's managedFields
  std::vector<ToleratedPlace> tolerated;
  bool empty() const {
    return pointers.empty() && expressions.empty() && managers.empty() && tolerated.empty();
  }
};

}  // namespace swell::diff
