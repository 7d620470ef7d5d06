#pragma once
// libgit2's handles with their destructors, and its errors as ours.

#include <git2.h>

#include <memory>
#include <string>

#include "base/core/result.h"

namespace swell::git {

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* t) const {
    Free(t);
  }
};

using RepositoryPtr = std::unique_ptr<git_repository, Freer<git_repository_free>>;
using RemotePtr = std::unique_ptr<git_remote, Freer<git_remote_free>>;
using CommitPtr = std::unique_ptr<git_commit, Freer<git_commit_free>>;
using TreePtr = std::unique_ptr<git_tree, Freer<git_tree_free>>;
using BlobPtr = std::unique_ptr<git_blob, Freer<git_blob_free>>;
using ObjectPtr = std::unique_ptr<git_object, Freer<git_object_free>>;

// libgit2's last error on this thread, as `code`. Its texts never hold credentials.
Error GitError(ErrorCode code, std::string_view doing);

std::string Hex(const git_oid& id);

// Starts libgit2 once for the process.
void InitLibrary();

}  // namespace swell::git
