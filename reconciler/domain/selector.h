#pragma once
// Selection by label and name: of clusters, of applications.

#include <map>
#include <string>
#include <vector>

namespace swell {

using Labels = std::map<std::string, std::string>;

// Selects clusters by label and name; everything given must match. Empty selects nothing,
// `all: true` everything: a forgotten selector must not hit the fleet.
struct ClusterSelector {
  struct Expression {
    std::string key;
    std::string op;  // In, NotIn, Exists, DoesNotExist
    std::vector<std::string> values;
    friend bool operator==(const Expression&, const Expression&) = default;
  };
  bool all = false;
  Labels match_labels;
  std::vector<Expression> match_expressions;
  std::vector<std::string> names;
  bool empty() const {
    return !all && match_labels.empty() && match_expressions.empty() && names.empty();
  }
  friend bool operator==(const ClusterSelector&, const ClusterSelector&) = default;
};

// Selects applications; everything given must match. Empty selects all.
struct ApplicationSelector {
  std::vector<std::string> names;     // globs
  std::vector<std::string> projects;  // globs
  Labels match_labels;
  friend bool operator==(const ApplicationSelector&, const ApplicationSelector&) = default;
};

}  // namespace swell
