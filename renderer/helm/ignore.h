#pragma once
// .helmignore: which files of a chart folder are not part of the chart.

#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/text/glob.h"

namespace swell::helm {

// Rules in order; the first that matches decides. Unlike Git's, a rule "!pattern" ignores
// everything that does not match (helm's pkg/ignore).
class IgnoreRules {
 public:
  // `text` is the .helmignore's content; "" for none. helm's own rule "templates/.?*" comes
  // last. Errors: a "**", a malformed pattern, more rules than a budget.
  static Result<IgnoreRules> Parse(std::string_view text);

  // `path` is relative to the chart, '/'-separated.
  bool Ignores(std::string_view path, bool is_directory) const;

 private:
  struct Rule {
    PathPattern pattern;
    bool negate = false;
    bool directories_only = false;
    bool whole_path = false;  // else the last component alone
  };
  Status Add(std::string_view line);

  std::vector<Rule> rules_;
};

}  // namespace swell::helm
