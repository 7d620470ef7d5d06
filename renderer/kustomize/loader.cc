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

// What an http URL in `resources` may be.
struct HttpEntry {
  std::optional<RemoteName> file;
  std::optional<RemoteName> git;
};

HttpEntry ReadHttpEntry(const std::string& url) {
  const auto git = ParseGitUrl(url);
  if (!git || (EndsAsFile(url) && !git->marked)) return {FileName(url), std::nullopt};
  if (git->marked) return {std::nullopt, NameOf(*git)};
  return {FileName(url), NameOf(*git)};
}

}  // namespace

Result<Loader> Loader::Open(FileTreePtr tree, std::string_view folder, const Options& options,
                            Budget& budget) {
  Loader loader;
  loader.tree_ = std::move(tree);
  loader.root_ = folder;
  loader.restrictor_ = options.load_restrictor;
  loader.real_path_ = options.real_path;
  loader.remotes_ = options.remotes;
  loader.budget_ = &budget;
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
  if (clone_ && IsInOrBelow(path, clone_->folder)) {
    std::string shown = WithoutCredentials(clone_->name.url);
    if (path.size() > clone_->folder.size()) {
      shown += "//" + std::string(path.substr(clone_->folder.size() + 1));
    }
    return clone_->name.ref.empty() ? shown : shown + "?ref=" + clone_->name.ref;
  }
  if (tree_->Describe() == "/") return "/" + std::string(path);
  return path.empty() ? "." : std::string(path);
}

Result<std::string> Loader::Locate(const std::string& path) const {
  if (IsHttpUrl(path)) return JoinPath(RemoteFolder(FileName(path)), kRemoteFile);
  // On a whole disk an absolute path has a meaning; in a repository it has none.
  if (path.starts_with('/') && tree_->Describe() == "/") return CleanPath(path.substr(1));
  return ResolvePath(root_, path);
}

Result<std::string> Loader::Origin(const std::string& path) const {
  if (IsHttpUrl(path)) return FileName(path).ToString();
  const std::string file = TRY(Locate(path));
  return clone_ ? Show(file) : file;
}

std::string Loader::ShowOrigin(const std::string& origin) const {
  return clone_ || IsHttpUrl(origin) ? origin : Show(origin);
}

Result<std::string> Loader::Real(std::string path) const {
  if (!real_path_ || path.empty()) return path;
  return real_path_(path);
}

std::size_t Loader::Wanted() const { return remotes_ ? remotes_->wanted->noted() : 0; }

bool Loader::AtHand(const RemoteName& name) const {
  return remotes_ && remotes_->pins.contains(name);
}

Error Loader::NotAtHand(WantedRemote wanted) const {
  const std::string what = "'" + wanted.written + "' is remote";
  if (!remotes_) return Unavailable(what + ", and nothing is fetched for this build");
  for (const char* name : {"kustomization.yaml", "kustomization.yml", "Kustomization"}) {
    const std::string file = JoinPath(root_, name);
    if (tree_->Stat(file)) wanted.named_by = Show(file);
  }
  remotes_->wanted->Note(std::move(wanted));
  return Unavailable(what + " and has not been fetched yet");
}

Result<std::string> Loader::LoadRemote(const std::string& url,
                                       std::optional<RemoteName> git) const {
  const RemoteName name = FileName(url);
  if (AtHand(name)) return ReadWithin(JoinPath(RemoteFolder(name), kRemoteFile));
  return Fail(
      NotAtHand({.file = name, .git = std::move(git), .written = name.ToString(), .named_by = {}}));
}

Result<std::string> Loader::ChartFolder(const std::string& repository, const std::string& chart,
                                        const std::string& version) const {
  RemoteName name{.kind = RemoteName::Kind::kChart, .url = repository, .ref = version};
  while (name.url.ends_with('/')) name.url.pop_back();
  if (name.url.starts_with("oci://")) {
    name.url += "/" + chart;
  } else {
    name.chart = chart;
  }
  if (AtHand(name)) return RemoteFolder(name);
  return Fail(NotAtHand(
      {.file = {}, .git = {}, .chart = name, .written = name.ToString(), .named_by = {}}));
}

Result<std::string> Loader::ReadWithin(const std::string& file) const {
  const auto entry = tree_->Stat(file);
  const std::uint64_t size = entry ? entry->size : 0;
  TRY(budget_->Read(size, Show(file)));
  std::string text = TRY(tree_->Read(file));
  // A tree that does not know sizes beforehand.
  if (text.size() > size) TRY(budget_->Read(text.size() - size, Show(file)));
  return text;
}

Result<std::string> Loader::LoadResource(const std::string& path) const {
  if (IsHttpUrl(path)) return LoadRemote(path, ReadHttpEntry(path).git);
  return Load(path);
}

Result<std::string> Loader::Load(const std::string& path) const {
  if (IsHttpUrl(path)) return LoadRemote(path, std::nullopt);
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
  return ReadWithin(file);
}

bool Loader::IsFolder(const std::string& path) const {
  if (IsHttpUrl(path)) return false;
  const auto located = Locate(path);
  if (!located) return false;
  if (located->empty()) return true;
  const auto entry = tree_->Stat(*located);
  return entry && entry->kind == FileEntry::Kind::kDirectory;
}

bool Loader::IsBase(const std::string& path) const {
  if (!IsHttpUrl(path)) {
    if (!ParseGitUrl(path)) return IsFolder(path);
    const auto located = Locate(path);  // "team@site/a/b.yaml" may be a file of ours
    const auto entry = located ? tree_->Stat(*located) : Result<FileEntry>(Fail(located.error()));
    return !entry || entry->kind == FileEntry::Kind::kDirectory;
  }
  const HttpEntry entry = ReadHttpEntry(path);
  if (!entry.file) return true;
  return entry.git && !AtHand(*entry.file) && AtHand(*entry.git);
}

Status Loader::CheckCycle(const std::string& folder) const {
  budget_->Note(depth_);
  for (const Loader* visited = this; visited; visited = visited->referrer_.get()) {
    if (IsInOrBelow(visited->root_, folder)) {
      return Fail(InvalidArgument("cycle detected: candidate root '" + Show(folder) +
                                  "' contains visited root '" + visited->Show(visited->root_) +
                                  "'"));
    }
  }
  return {};
}

Result<Loader> Loader::Enter(const std::string& path) const {
  if (path.empty()) return Fail(InvalidArgument("new root cannot be empty"));
  if (const auto url = ParseGitUrl(path)) return EnterClone(*url);
  if (path.starts_with('/')) {
    return Fail(InvalidArgument("new root '" + path + "' cannot be absolute"));
  }
  const std::string folder = TRY(ResolvePath(root_, path));
  if (clone_ && !IsInOrBelow(folder, clone_->folder)) {
    return Fail(Error(ErrorCode::kPermissionDenied,
                      "security; bases in kustomizations found in cloned git repos must be within "
                      "the repo, but base '" +
                          path + "' of '" + Show(root_) + "' is outside '" +
                          clone_->name.ToString() + "'"));
  }
  if (!IsFolder(path)) {
    return Fail(
        NotFound("must build at directory: '" + Show(folder) + "': no such file or directory"));
  }
  TRY(CheckCycle(folder));
  Loader child(*this);
  child.root_ = folder;
  child.url_.clear();
  child.referrer_ = std::make_shared<const Loader>(*this);
  ++child.depth_;
  return child;
}

Result<Loader> Loader::EnterClone(const GitUrl& url) const {
  const RemoteName name = NameOf(url);
  for (const Loader* visited = this; visited; visited = visited->referrer_.get()) {
    if (!visited->url_.empty() && visited->url_.starts_with(url.raw)) {
      return Fail(InvalidArgument("cycle detected: URI '" + url.raw +
                                  "' referenced by previous URI '" + visited->url_ + "'"));
    }
  }
  if (!AtHand(name)) {
    return Fail(NotAtHand(
        {.file = {}, .git = name, .written = WithoutCredentials(url.raw), .named_by = {}}));
  }
  Loader child(*this);
  child.clone_ = std::make_shared<const Clone>(Clone{name, RemoteFolder(name)});
  child.root_ = TRY(ResolvePath(child.clone_->folder, url.folder.empty() ? "." : url.folder));
  child.restrictor_ = LoadRestrictor::kRootOnly;  // a clone's files are never left
  child.url_ = url.raw;
  child.referrer_ = std::make_shared<const Loader>(*this);
  ++child.depth_;
  const std::string shown = child.Show(child.root_);
  const auto entry = tree_->Stat(child.root_);
  if (!entry) return Fail(Error(entry.error()).Wrap("remote base '" + shown + "'"));
  if (entry->kind != FileEntry::Kind::kDirectory) {
    return Fail(InvalidArgument("'" + shown + "' refers to a file; expecting directory"));
  }
  // The same place under another spelling of its URL.
  for (const Loader* visited = this; visited; visited = visited->referrer_.get()) {
    if (visited->root_ != child.root_) continue;
    return Fail(
        InvalidArgument("cycle detected: '" + url.raw + "' is '" + shown + "', which leads to it"));
  }
  return child;
}

}  // namespace swell::kustomize
