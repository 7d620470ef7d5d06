#include "reconciler/git/handles.h"

namespace swell::git {

Error GitError(ErrorCode code, std::string_view doing) {
  const git_error* last = Git().error_last();
  return Error(code, last && last->message ? last->message : "libgit2 gives no reason")
      .Wrap(std::string(doing));
}

std::string Hex(const git_oid& id) {
  char text[GIT_OID_HEXSZ + 1];
  return Git().oid_tostr(text, sizeof text, &id);
}

}  // namespace swell::git
