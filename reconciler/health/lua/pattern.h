#pragma once
// Lua's patterns with a budget. Lua's own matcher backtracks in C, where no instruction is
// counted: `("a"):rep(99):find(("a-"):rep(20) .. "b")` would run for years.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace swell::lua {

// A compiled pattern. Trivial, so that it can live in memory that Lua owns: nothing of it needs
// a destructor when an error leaves the function that uses it.
struct Pattern {
  struct Item;
  int count = 0;
  int captures = 0;
  bool anchored = false;  // began with "^"
};

inline constexpr std::size_t kMaxPattern = 1024;  // bytes of text
inline constexpr int kMaxCaptures = 32;

// What Compile needs for this text, aligned for any type.
std::size_t PatternBytes(std::string_view text);

enum class Anchor { kAllowed, kLiteral };  // what "^" at the start is; gmatch takes it literally

// Compiles into `storage` of PatternBytes(text) bytes. Returns nullptr, or what is wrong with the
// text ("malformed pattern (missing ']')"). All of the text is checked, where Lua itself notices
// only what a match comes across. Requires text.size() <= kMaxPattern.
const char* CompilePattern(std::string_view text, Anchor anchor, void* storage);

// One attempt after the other on one subject.
class Matcher {
 public:
  struct Capture {
    std::size_t begin = 0;
    std::ptrdiff_t length = 0;  // kPosition: "()", which captures where it is
  };
  static constexpr std::ptrdiff_t kPosition = -1;

  // `pattern` is CompilePattern's storage. Each step of a match takes one from `steps`. Both and
  // the subject must outlive the matcher.
  Matcher(const void* pattern, std::string_view subject, std::int64_t& steps)
      : pattern_(static_cast<const Pattern*>(pattern)), subject_(subject), steps_(steps) {}

  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  // The end of the match that begins at `at`, kNone where there is none or `steps` fell below 0.
  std::size_t MatchAt(std::size_t at);
  // The first match that begins at or after `from`: its begin, with its end in `end`.
  std::size_t Find(std::size_t from, std::size_t& end);

  int captures() const { return pattern_->captures; }
  const Capture& capture(int index) const { return found_[index]; }

 private:
  const Pattern::Item* items() const;
  std::size_t Run(std::size_t at, int item);
  std::size_t RunRepeated(std::size_t at, int item);
  std::size_t EndOfBalanced(std::size_t at, const Pattern::Item& item);
  std::size_t EndOfReference(std::size_t at, const Pattern::Item& item);
  bool AtFrontier(std::size_t at, const Pattern::Item& item) const;
  bool Fits(std::size_t at, const Pattern::Item& item) const;

  const Pattern* pattern_;
  std::string_view subject_;
  std::int64_t& steps_;
  Capture found_[kMaxCaptures];
};

}  // namespace swell::lua
