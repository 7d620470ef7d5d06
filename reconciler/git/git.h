#pragma once
// Git repositories through libgit2: refs resolved, commits fetched, files read from the object
// database. No checkout, no git program.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "base/core/secret.h"
#include "reconciler/domain/application.h"
#include "reconciler/domain/source.h"

namespace swell::git {

struct Limits {
  Duration timeout = std::chrono::seconds(60);  // of one fetch or ref listing
  std::uint64_t max_file_bytes = 32u << 20;     // of one file read
  std::uint64_t max_fetch_bytes = 2ull << 30;   // received by one fetch
};

// Opens or creates the mirror of `url`, one bare folder of its own below `cache_folder`. As a
// Source: refs are branches, tags (annotated ones are peeled), full commit ids, or "" (the
// remote's HEAD); Resolve lists and fetches on one connection, in one fetch.
// `credentials` may be null. Allowed: file://, https:// and http:// (basic auth), ssh:// and
// scp-like URLs (key file; host key checked against known_hosts, unknown hosts are refused).
// A redirect to another host is not followed: it would get this one's credentials.
Result<std::unique_ptr<Source>> OpenMirror(const std::string& cache_folder, const std::string& url,
                                           std::shared_ptr<const Repository> credentials,
                                           const Limits& limits = {});

// One commit of a repository on this disk, without a mirror: a branch, tag, commit, or "" for HEAD.
// kNotFound where there is no such repository or ref. The tree may be used from any thread.
Result<FileTreePtr> OpenLocal(const std::string& folder, const std::string& ref,
                              const Limits& limits = {});

}  // namespace swell::git
