#pragma once
// Glob patterns on paths.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"

namespace swell {

// A pattern of Go's path.Match, to be matched with many names: '*' and '?' stop at '/', "[a-z]",
// "[^a]", '\' escapes. Cheap to copy; may be used from any thread.
class PathPattern {
 public:
  // A malformed pattern is kInvalidArgument ("syntax error in pattern").
  static Result<PathPattern> Compile(std::string_view pattern);
  // The whole name must match.
  bool Matches(std::string_view name) const;

 private:
  struct Element;
  std::string literal_;  // the pattern, where elements_ is null: nothing in it is special
  std::shared_ptr<const std::vector<Element>> elements_;
};

// The same for one name. A malformed pattern is an error even where the name would not have
// needed its bad part.
Result<bool> PathMatch(std::string_view pattern, std::string_view name);

// As PathMatch, and "**" as a whole component matches any number of components, "{a,b}"
// matches either: "apps/**/*.yaml", "{base,prod}/*". At most 64 braces' combinations.
Result<bool> GlobMatch(std::string_view pattern, std::string_view path);

}  // namespace swell
