#pragma once
// Loading files for one kustomization: its root folder, what it may read, and the chain of
// kustomizations that led to it (against cycles).

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/core/result.h"
#include "renderer/kustomize/git_url.h"
#include "renderer/kustomize/kustomize.h"
#include "renderer/kustomize/transforms/budget.h"
#include "renderer/source/file_tree.h"

namespace swell::kustomize {

class Loader {
 public:
  // `folder` is a clean path in the tree. kNotFound where it is no folder.
  // What is read counts against the budget, which must outlive all loaders that come of this one.
  static Result<Loader> Open(FileTreePtr tree, std::string_view folder, const Options& options,
                             Budget& budget);

  const std::string& root() const { return root_; }
  const FileTreePtr& tree() const { return tree_; }
  Budget& budget() const { return *budget_; }
  // How many kustomizations led here; 0 for the outermost.
  std::size_t depth() const { return depth_; }
  // A path as messages show it; of a remote base as its URL.
  std::string Show(std::string_view path) const;

  // The text of a file, which may be an http URL. Files must lie in or below the root (unless the
  // restrictor allows more): kPermissionDenied otherwise. kUnavailable where it is remote and not
  // at hand; it is noted then.
  Result<std::string> Load(const std::string& path) const;
  // The same for an entry of `resources`, of which the URL may not tell whether it is a file.
  Result<std::string> LoadResource(const std::string& path) const;
  // Where the file is in the tree.
  Result<std::string> Locate(const std::string& path) const;
  // What an object of the file is said to come from: its path in the tree, or its URL.
  Result<std::string> Origin(const std::string& path) const;
  // The origin as messages show it.
  std::string ShowOrigin(const std::string& origin) const;
  // A loader for the folder or Git repository that a kustomization names. Errors: not a folder, a
  // cycle, a base outside the repository that names it; kUnavailable as Load.
  Result<Loader> Enter(const std::string& path) const;
  // Whether the path names a folder of the tree.
  bool IsFolder(const std::string& path) const;
  // Whether an entry of `resources` names a kustomization: a folder of the tree, or a Git
  // repository.
  bool IsBase(const std::string& path) const;
  // The folder of the tree that holds a chart of a chart repository (or, by its URL with the name
  // at the end, of a registry). kUnavailable as Load.
  Result<std::string> ChartFolder(const std::string& repository, const std::string& chart,
                                  const std::string& version) const;
  // A file in such a folder.
  Result<std::string> LoadFetched(const std::string& file) const { return ReadWithin(file); }
  // How much was noted as remote and not at hand, in all of the build.
  std::size_t Wanted() const;

 private:
  // The remote repository whose commit holds a kustomization.
  struct Clone {
    RemoteName name;
    std::string folder;  // in the tree
  };

  Loader() = default;
  Result<std::string> Real(std::string path) const;
  Result<Loader> EnterClone(const GitUrl& url) const;
  Result<std::string> ReadWithin(const std::string& file) const;
  Result<std::string> LoadRemote(const std::string& url, std::optional<RemoteName> git) const;
  Status CheckCycle(const std::string& folder) const;
  bool AtHand(const RemoteName& name) const;
  // Notes it, and says so.
  Error NotAtHand(WantedRemote wanted) const;

  FileTreePtr tree_;
  std::string root_;
  LoadRestrictor restrictor_ = LoadRestrictor::kRootOnly;
  RealPath real_path_;
  std::shared_ptr<const Remotes> remotes_;
  std::shared_ptr<const Clone> clone_;  // null in the build's own files
  std::string url_;                     // as written, where this is the kustomization it names
  std::shared_ptr<const Loader> referrer_;
  Budget* budget_ = nullptr;
  std::size_t depth_ = 0;
};

}  // namespace swell::kustomize
