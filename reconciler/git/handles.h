#pragma once
// libgit2's handles with their destructors, and its errors as ours.

#include <memory>
#include <string>

#include "base/core/result.h"
#include "reconciler/git/library.h"

namespace swell::git {

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* t) const {
    (Git().*Free)(t);
  }
};

using RepositoryPtr = std::unique_ptr<git_repository, Freer<&Library::repository_free>>;
using RemotePtr = std::unique_ptr<git_remote, Freer<&Library::remote_free>>;
using CommitPtr = std::unique_ptr<git_commit, Freer<&Library::commit_free>>;
using TreePtr = std::unique_ptr<git_tree, Freer<&Library::tree_free>>;
using BlobPtr = std::unique_ptr<git_blob, Freer<&Library::blob_free>>;
using ObjectPtr = std::unique_ptr<git_object, Freer<&Library::object_free>>;

// libgit2's last error on this thread, as `code`. Its texts never hold credentials.
Error GitError(ErrorCode code, std::string_view doing);

std::string Hex(const git_oid& id);

}  // namespace swell::git
