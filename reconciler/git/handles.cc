#include "reconciler/git/handles.h"

#include <csignal>

namespace swell::git {

Error GitError(ErrorCode code, std::string_view doing) {
  const git_error* last = git_error_last();
  return Error(code, last && last->message ? last->message : "libgit2 gives no reason")
      .Wrap(std::string(doing));
}

std::string Hex(const git_oid& id) {
  char text[GIT_OID_HEXSZ + 1];
  return git_oid_tostr(text, sizeof text, &id);
}

void InitLibrary() {
  static const int once = [] {
    // A remote that closes its end must not end this process.
    std::signal(SIGPIPE, SIG_IGN);
    return git_libgit2_init();
  }();
  (void)once;
}

}  // namespace swell::git
