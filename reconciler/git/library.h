#pragma once
// libgit2, loaded when a repository is opened for the first time: it and the libraries that it
// brings along take longer to load than a small build takes, and most calls of `swell` open none.
// Internal to reconciler/git.

#include <git2.h>

#include "base/core/result.h"

namespace swell::git {

// Every function of libgit2 that is used, without its "git_".
// clang-format off
#define SWELL_GIT_FUNCTIONS(F)                                                                \
  F(blob_free) F(blob_lookup) F(blob_rawcontent) F(blob_rawsize)                              \
  F(commit_author) F(commit_free) F(commit_lookup) F(commit_summary) F(commit_time)           \
  F(commit_tree_id) F(credential_ssh_key_new) F(credential_username_new)                      \
  F(credential_userpass_plaintext_new) F(error_last) F(libgit2_init) F(libgit2_opts)          \
  F(object_free) F(odb_free) F(odb_read_header) F(oid_equal) F(oid_fromstr) F(oid_tostr)      \
  F(remote_connect_ext) F(remote_create_anonymous) F(remote_disconnect) F(remote_fetch)       \
  F(remote_free) F(remote_ls) F(repository_free) F(repository_init_ext)                       \
  F(repository_odb) F(repository_open_bare) F(repository_open_ext) F(revparse_single)         \
  F(object_peel) F(object_id) F(tree_entry_byindex) F(tree_entry_byname)                      \
  F(tree_entry_filemode) F(tree_entry_id) F(tree_entry_name) F(tree_entrycount) F(tree_free)  \
  F(tree_lookup)
// clang-format on

struct Library {
#define SWELL_GIT_MEMBER(name) decltype(&::git_##name) name = nullptr;
  SWELL_GIT_FUNCTIONS(SWELL_GIT_MEMBER)
#undef SWELL_GIT_MEMBER
};

// Loads and starts libgit2, once for the process; never unloaded. kFailedPrecondition where it is
// not installed. Thread-safe.
Status InitLibrary();

// Requires that InitLibrary succeeded before.
const Library& Git();

}  // namespace swell::git
