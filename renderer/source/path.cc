#include "renderer/source/path.h"

#include <vector>

#include "base/core/strings.h"

namespace swell {

Result<std::string> ResolvePath(std::string_view base, std::string_view relative) {
  if (relative.find('\0') != std::string_view::npos) {
    return Fail(InvalidArgument("path " + Quote(relative) + " holds a NUL"));
  }
  if (relative.starts_with('/')) {
    return Fail(Error(ErrorCode::kPermissionDenied, "path " + Quote(relative) +
                                                        " is absolute; paths are relative to the "
                                                        "repository"));
  }
  std::vector<std::string_view> kept;
  for (const std::string_view text : {base, relative}) {
    for (const std::string_view part : Split(text, '/')) {
      if (part.empty() || part == ".") continue;
      if (part != "..") {
        kept.push_back(part);
        continue;
      }
      if (kept.empty()) {
        return Fail(Error(ErrorCode::kPermissionDenied,
                          "path " + Quote(relative) + (base.empty() ? "" : " from " + Quote(base)) +
                              " leaves the repository"));
      }
      kept.pop_back();
    }
  }
  std::string out;
  for (const std::string_view part : kept) {
    if (!out.empty()) out += '/';
    out += part;
  }
  return out;
}

Result<std::string> CleanPath(std::string_view path) { return ResolvePath("", path); }

bool IsCleanPath(std::string_view path) {
  if (path.empty()) return true;
  if (path.find('\0') != std::string_view::npos) return false;
  for (const std::string_view part : Split(path, '/')) {
    if (part.empty() || part == "." || part == "..") return false;
  }
  return true;
}

std::string_view DirName(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view BaseName(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string JoinPath(std::string_view base, std::string_view name) {
  if (base.empty()) return std::string(name);
  if (name.empty()) return std::string(base);
  return std::string(base) + "/" + std::string(name);
}

}  // namespace swell
