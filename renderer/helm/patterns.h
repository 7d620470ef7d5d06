#pragma once
// The patterns of .Files.Glob: github.com/gobwas/glob. (.helmignore and --show-only use
// base/text/glob.h's PathMatch.)

#include <optional>
#include <string_view>

namespace swell::helm {

// '/' separates: '*' and '?' stop at it, "**" does not; [a-z], [!a], {a,b}, '\'. Nothing where the
// pattern does not compile.
std::optional<bool> MatchGlob(std::string_view pattern, std::string_view name);

}  // namespace swell::helm
