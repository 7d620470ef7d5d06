#pragma once
// Path safety for everything that names files in a repository.

#include <string>
#include <string_view>

#include "base/core/result.h"

namespace swell {

// Joins `relative` to the folder `base` and removes "." and "..". A path that leaves the
// root ("../../etc/passwd"), is absolute, or holds a NUL is kPermissionDenied or
// kInvalidArgument, and the message shows it.
Result<std::string> ResolvePath(std::string_view base, std::string_view relative);
// ResolvePath from the root.
Result<std::string> CleanPath(std::string_view path);
// Whether a FileTree may be asked for it: relative, without empty, "." or ".." components.
bool IsCleanPath(std::string_view path);
// "a/b/c.yaml" -> "a/b"; "c.yaml" -> "".
std::string_view DirName(std::string_view path);
std::string_view BaseName(std::string_view path);
// "a" + "b" -> "a/b"; either may be empty.
std::string JoinPath(std::string_view base, std::string_view name);

}  // namespace swell
