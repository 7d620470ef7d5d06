#pragma once
// Regular expressions in RE2's syntax (which is Go's), in time linear to the text.

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"

namespace swell {

// Compiled once, immutable, cheap to copy; all methods may be called from any thread.
class Regex {
 public:
  // Errors give RE2's reason; look-ahead and back-references do not exist. A pattern beyond
  // 1 MB of program is refused.
  static Result<Regex> Compile(std::string_view pattern);

  const std::string& pattern() const;
  // Number of groups, the whole match not counted.
  std::size_t groups() const;

  // Anywhere in the text.
  bool Matches(std::string_view text) const;
  // The whole text.
  bool FullMatch(std::string_view text) const;

  // A group's bytes in the text; npos where it took no part.
  struct Span {
    std::size_t begin = std::string_view::npos;
    std::size_t end = std::string_view::npos;
    bool matched() const { return begin != std::string_view::npos; }
    friend bool operator==(const Span&, const Span&) = default;
  };
  // The first match at or after `from`, leftmost-first: [0] is the whole, then the groups.
  // Empty where nothing matches. "^" still means the start of the whole text.
  std::vector<Span> Find(std::string_view text, std::size_t from = 0) const;
  // Every match from left to right as Go's FindAll has them: no two overlap, and no empty
  // match touches the end of the one before. At most `limit` (0: all).
  std::vector<std::vector<Span>> FindAll(std::string_view text, std::size_t limit = 0) const;
  // The same one after the other, as long as `visit` answers true: for texts whose matches would
  // not fit into memory. Each search may read on to the end of the text before it knows.
  void Visit(std::string_view text,
             const std::function<bool(const std::vector<Span>&)>& visit) const;

  // Group number of a (?P<name>…); 0 where there is none.
  std::size_t GroupNumber(std::string_view name) const;

  // Replaces every match. `replacement` is Go's template: $1, ${1}, ${name}, $$.
  std::string ReplaceAll(std::string_view text, std::string_view replacement) const;
  std::string ReplaceAllLiteral(std::string_view text, std::string_view replacement) const;
  // Appends Go's template filled with one match's groups.
  // Ends early, with a part, once `out` is longer than `most`: one replacement can name a long
  // match a million times.
  void Expand(std::string_view replacement, std::string_view text, const std::vector<Span>& match,
              std::string& out, std::size_t most = SIZE_MAX) const;

  // Instructions of the compiled program: a search takes at most this many operations a byte.
  std::size_t program_size() const;

 private:
  struct Program;
  explicit Regex(std::shared_ptr<const Program> program) : program_(std::move(program)) {}
  std::shared_ptr<const Program> program_;
};

// Backslashes in front of everything that means something in a pattern.
std::string QuoteRegex(std::string_view text);

}  // namespace swell
