#pragma once
// URLs of Git repositories as kustomize reads them (its api/internal/git/repospec.go, 5.8.1).

#include <string>
#include <string_view>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "renderer/ambient/remotes.h"

namespace swell::kustomize {

struct GitUrl {
  std::string raw;        // as written
  std::string host;       // "https://github.com/", "git@github.com:", "file://"
  std::string repo_path;  // "kubernetes-sigs/kustomize"
  std::string folder;     // in the repository; may end with '/'
  std::string ref;        // "" is the remote's HEAD
  Duration timeout = std::chrono::seconds(27);  // what the URL asks for; the fetcher has its own
  bool submodules = true;
  // Where the repository ends is written out ("//", ".git", "_git/"), not guessed.
  bool marked = false;

  // What is handed to git.
  std::string CloneSpec() const { return host + repo_path; }
};

// kInvalidArgument, in kustomize's words, where the text is no such URL: it is then a path.
Result<GitUrl> ParseGitUrl(std::string_view text);

// The remote that the URL leads to: scheme and host in lower case, and for https without a user
// name, which says nothing of what is fetched.
RemoteName NameOf(const GitUrl& url);

// Whether kustomize fetches the text as a file: an http or https URL.
bool IsHttpUrl(std::string_view text);
// The file's name as a remote; requires IsHttpUrl.
RemoteName FileName(std::string_view url);
// Whether an http URL is meant as a file rather than as a repository: its path ends as manifests
// do.
bool EndsAsFile(std::string_view url);

}  // namespace swell::kustomize
