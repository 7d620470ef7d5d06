#pragma once
// An application's ignoreDifferences, ready for use.

#include <string>
#include <string_view>
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
  // What is ignored of the object in the cluster: the rules that match it, together.
  IgnoreRules For(const ObjectId& id, std::string_view cluster) const;
  bool empty() const { return rules_.empty(); }

 private:
  struct Rule {
    ObjectMatch objects;
    std::string cluster;  // "" is every one
    IgnoreRules rules;
  };
  std::vector<Rule> rules_;
};

}  // namespace swell::diff
