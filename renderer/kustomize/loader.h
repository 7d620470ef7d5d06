#pragma once
// Loading files for one kustomization: its root folder, what it may read, and the chain of
// kustomizations that led to it (against cycles).

#include <memory>
#include <string>
#include <string_view>

#include "base/core/result.h"
#include "renderer/kustomize/kustomize.h"
#include "renderer/source/file_tree.h"

namespace swell::kustomize {

class Loader {
 public:
  // `folder` is a clean path in the tree. kNotFound where it is no folder.
  static Result<Loader> Open(FileTreePtr tree, std::string_view folder, const Options& options);

  const std::string& root() const { return root_; }
  const FileTreePtr& tree() const { return tree_; }
  // A path as messages show it.
  std::string Show(std::string_view path) const;

  // The file's text. Files must lie in or below the root (unless the restrictor allows more):
  // kPermissionDenied otherwise. URLs are kUnimplemented.
  Result<std::string> Load(const std::string& path) const;
  // Where the file is in the tree.
  Result<std::string> Locate(const std::string& path) const;
  // A loader for the folder that a kustomization names. Errors: not a folder, a cycle, a
  // remote base (kUnimplemented).
  Result<Loader> Enter(const std::string& path) const;
  // Whether the path names a folder of the tree.
  bool IsFolder(const std::string& path) const;

 private:
  Loader(FileTreePtr tree, std::string root, LoadRestrictor restrictor, RealPath real_path,
         std::shared_ptr<const Loader> referrer);
  Result<std::string> Real(std::string path) const;

  FileTreePtr tree_;
  std::string root_;
  LoadRestrictor restrictor_;
  RealPath real_path_;
  std::shared_ptr<const Loader> referrer_;
};

// Whether the text names something on the network: a URL or a Git repository.
bool IsRemote(std::string_view path);

}  // namespace swell::kustomize
