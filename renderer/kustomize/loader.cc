#include "renderer/kustomize/loader.h"

#include <utility>

#include "renderer/source/path.h"

namespace swell::kustomize {
namespace {

// "a/b" is in "a" and in ""; "ab" is not in "a".
bool IsInOrBelow(std::string_view path, std::string_view folder) {
  if (folder.empty() || path == folder) return true;
  return path.starts_with(folder) && path[folder.size()] == '/';
}

Error RemoteError(std::string_view path) {
  return Unimplemented("'" + std::string(path) +
                       "' is remote: Swell reads a kustomization's files from its own repository "
                       "only; copy what it needs into the repository");
}

}  // namespace

bool IsRemote(std::string_view path) {
  for (std::string_view scheme : {"http://", "https://", "ssh://", "git://", "file://",
                                  "git::", "github.com/", "github.com:", "oci://"}) {
    if (path.starts_with(scheme)) return true;
  }
  // user@host:path
  const std::size_t at = path.find('@');
  const std::size_t colon = path.find(':');
  if (at != path.npos && colon != path.npos && at < colon && path.find('/') > at) return true;
  return path.contains("?ref=") || path.contains(".git/") || path.ends_with(".git") ||
         path.contains(".git?") || path.contains("_git/");
}

Loader::Loader(FileTreePtr tree, std::string root, LoadRestrictor restrictor, RealPath real_path,
               std::shared_ptr<const Loader> referrer)
    : tree_(std::move(tree)),
      root_(std::move(root)),
      restrictor_(restrictor),
      real_path_(std::move(real_path)),
      referrer_(std::move(referrer)) {}

Result<Loader> Loader::Open(FileTreePtr tree, std::string_view folder, const Options& options) {
  Loader loader(std::move(tree), std::string(folder), options.load_restrictor, options.real_path,
                nullptr);
  if (folder.empty() || loader.tree_->Stat(folder)) {
    const auto entry = folder.empty()
                           ? Result<FileEntry>(FileEntry{"", FileEntry::Kind::kDirectory})
                           : loader.tree_->Stat(folder);
    if (entry && entry->kind == FileEntry::Kind::kDirectory) return loader;
  }
  return Fail(
      NotFound("'" + loader.Show(folder) + "' is no directory in " + loader.tree_->Describe()));
}

std::string Loader::Show(std::string_view path) const {
  if (tree_->Describe() == "/") return "/" + std::string(path);
  return path.empty() ? "." : std::string(path);
}

Result<std::string> Loader::Locate(const std::string& path) const {
  if (IsRemote(path) && !path.contains(".git") && !path.contains("_git/")) {
    return Fail(RemoteError(path));
  }
  // On a whole disk an absolute path has a meaning; in a repository it has none.
  if (path.starts_with('/') && tree_->Describe() == "/") return CleanPath(path.substr(1));
  return ResolvePath(root_, path);
}

Result<std::string> Loader::Real(std::string path) const {
  if (!real_path_ || path.empty()) return path;
  return real_path_(path);
}

Result<std::string> Loader::Load(const std::string& path) const {
  const std::string written = TRY(Locate(path));
  // What does not exist has no real path: its error comes from Stat.
  const std::string file = Real(written).value_or(written);
  if (restrictor_ == LoadRestrictor::kRootOnly && !IsInOrBelow(file, root_)) {
    return Fail(
        Error(ErrorCode::kPermissionDenied,
              "security; file '" + Show(file) + "' is not in or below '" + Show(root_) + "'"));
  }
  const auto entry = tree_->Stat(file);
  if (!entry) {
    if (entry.error().code() != ErrorCode::kNotFound) return Fail(entry.error());
    return Fail(NotFound("'" + Show(file) + "' doesn't exist: no such file or directory"));
  }
  if (entry->kind == FileEntry::Kind::kDirectory) {
    return Fail(InvalidArgument("'" + Show(file) + "' must resolve to a file"));
  }
  return tree_->Read(file);
}

bool Loader::IsFolder(const std::string& path) const {
  const auto located = Locate(path);
  if (!located) return false;
  if (located->empty()) return true;
  const auto entry = tree_->Stat(*located);
  return entry && entry->kind == FileEntry::Kind::kDirectory;
}

Result<Loader> Loader::Enter(const std::string& path) const {
  if (path.empty()) return Fail(InvalidArgument("new root cannot be empty"));
  if (IsRemote(path) && !IsFolder(path)) return Fail(RemoteError(path));
  if (path.starts_with('/')) {
    return Fail(InvalidArgument("new root '" + path + "' cannot be absolute"));
  }
  const std::string folder = TRY(ResolvePath(root_, path));
  if (!IsFolder(path)) {
    return Fail(
        NotFound("must build at directory: '" + Show(folder) + "': no such file or directory"));
  }
  for (const Loader* visited = this; visited; visited = visited->referrer_.get()) {
    if (IsInOrBelow(visited->root_, folder)) {
      return Fail(InvalidArgument("cycle detected: candidate root '" + Show(folder) +
                                  "' contains visited root '" + Show(visited->root_) + "'"));
    }
  }
  return Loader(tree_, folder, restrictor_, real_path_, std::make_shared<const Loader>(*this));
}

}  // namespace swell::kustomize
