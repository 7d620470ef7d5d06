#pragma once
// Go's regexp package over RE2: the same syntax and leftmost-first matches, Go's replacement
// templates, ways of iterating, and error texts.

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/core/result.h"

namespace re2 {
class RE2;
}

namespace swell::funcs {

class GoRegexp {
 public:
  // The error's message: "error parsing regexp: missing closing ): `(`". Compiled expressions
  // are kept for a while, each thread its own.
  static Result<std::shared_ptr<const GoRegexp>> Compile(std::string_view pattern);
  ~GoRegexp();

  bool Matches(std::string_view text) const;
  std::string Find(std::string_view text) const;  // "" where there is no match
  // At most `limit` matches; all where it is negative.
  std::vector<std::string> FindAll(std::string_view text, std::int64_t limit) const;
  // `$1`, `${name}` and `$$` are expanded in `replacement`.
  std::string ReplaceAll(std::string_view text, std::string_view replacement) const;
  std::string ReplaceAllLiteral(std::string_view text, std::string_view replacement) const;
  std::vector<std::string> Split(std::string_view text, std::int64_t limit) const;

  static std::string QuoteMeta(std::string_view text);

 private:
  struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool matched = false;
  };
  // The groups of the first match from `position` on; empty for none.
  std::vector<Span> Execute(std::string_view text, std::size_t position, int groups) const;
  std::vector<Span> Matches(std::string_view text, std::int64_t limit) const;
  void Expand(std::string_view text, std::string_view replacement, const std::vector<Span>& match,
              std::string& out) const;
  template <class Replace>
  std::string Rewrite(std::string_view text, int groups, Replace replace) const;

  std::unique_ptr<re2::RE2> regex_;
};

}  // namespace swell::funcs
