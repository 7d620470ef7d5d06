#pragma once
// Source: where revisions come from, be it a Git repository, a chart repository or a registry.

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "reconciler/domain/application.h"
#include "reconciler/domain/revision.h"
#include "renderer/ambient/remotes.h"
#include "renderer/source/file_tree.h"

namespace swell {

// Threads: one thread at a time may call Resolve; Tree, and the trees it returned, may be used
// from any thread.
class Source {
 public:
  virtual ~Source() = default;

  // What every ref is now, by asking the remote, with what is needed to read it made present
  // here. One result per ref, in order: kNotFound for a ref that the remote does not have;
  // kUnavailable where the remote cannot be reached. Never another revision than the one the
  // remote named in this very call. A ref that names content by its id (a full commit, a
  // digest) and is present already needs no connection.
  virtual std::vector<Result<Revision>> Resolve(const std::vector<std::string>& refs) = 0;

  // The files of a revision that Resolve returned, now or before a restart, by its commit. Asks
  // nobody and does not read the files yet.
  virtual Result<FileTreePtr> Tree(const std::string& commit) = 0;
};

// What is polled as one: a Git repository, or one chart of a chart repository or registry.
struct SourceKey {
  std::string repository;
  std::string chart;  // "" for Git, and where an oci:// URL names the chart itself
  // kFile: `repository` is the URL of one file that kustomizations name.
  enum class Kind : std::uint8_t { kRepository, kFile };
  Kind kind = Kind::kRepository;
  friend auto operator<=>(const SourceKey&, const SourceKey&) = default;
};

SourceKey KeyOf(const SourceSpec& source);
// Where a remote of a kustomization comes from; its ref is the name's.
SourceKey KeyOf(const RemoteName& remote);

// Whether it is a chart of a chart repository or registry, not a folder in Git.
bool IsChart(const SourceKey& key);

// The repository resource whose URL is the longest prefix of `url` on a path boundary, or null.
const Repository* CredentialsFor(const std::vector<Repository>& repositories,
                                 const std::string& url);

}  // namespace swell
