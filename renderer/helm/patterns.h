#pragma once
// The patterns of .Files.Glob: github.com/gobwas/glob. (.helmignore and --show-only use
// base/text/glob.h's PathMatch.)

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace swell::helm {

// '/' separates: '*' and '?' stop at it, "**" does not; [a-z], [!a], {a,b}, '\'.
class GlobPattern {
 public:
  // Nothing where the pattern does not compile, or has alternatives beyond all measure.
  static std::optional<GlobPattern> Compile(std::string_view pattern);

  bool Matches(std::string_view name) const;
  // Bytes of all alternatives: matching takes up to that many operations for each byte of a name.
  std::size_t size() const { return size_; }

 private:
  std::vector<std::string> alternatives_;
  std::size_t size_ = 0;
};

// Nothing where the pattern does not compile.
std::optional<bool> MatchGlob(std::string_view pattern, std::string_view name);

}  // namespace swell::helm
