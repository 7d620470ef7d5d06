#pragma once
// An application's ignoreDifferences, ready for use.

#include <vector>

#include "base/core/result.h"
#include "reconciler/diff/ignore.h"
#include "reconciler/domain/application.h"

namespace swell::diff {

// Immutable, cheap to copy, thread-safe.
class RuleBook {
 public:
  // Errors begin with the field: "spec.ignoreDifferences[0].jqPathExpressions[1]: …".
  static Result<RuleBook> Compile(const std::vector<IgnoreDifference>& rules);
  // What is ignored of the object: the rules that match it, together.
  IgnoreRules For(const ObjectId& id) const;
  bool empty() const { return rules_.empty(); }

 private:
  struct Rule {
    ObjectMatch objects;
    IgnoreRules rules;
  };
  std::vector<Rule> rules_;
};

}  // namespace swell::diff
