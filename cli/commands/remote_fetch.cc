#include "cli/commands/remote_fetch.h"

#include <utility>

#include "reconciler/charts/chart_source.h"
#include "reconciler/git/git.h"
#include "renderer/source/trees.h"

namespace swell::cli {
namespace {

constexpr std::string_view kFileScheme = "file://";
constexpr int kMaxRounds = 20;

bool IsLocal(const RemoteName& name) {
  return name.kind == RemoteName::Kind::kGit && name.url.starts_with(kFileScheme);
}

}  // namespace

FileTreePtr RemoteStore::Mounted(FileTreePtr base) const {
  return MountTree(std::move(base), mounts_);
}

Result<bool> RemoteStore::FetchWanted() {
  const std::vector<WantedRemote> wanted = remotes_->wanted->Take();
  if (wanted.empty()) return false;
  if (++rounds_ > kMaxRounds) {
    return Fail(ResourceExhausted("the remote bases name more and more remote bases: more than " +
                                  std::to_string(kMaxRounds) + " in a row"));
  }
  for (const WantedRemote& remote : wanted) {
    TRY_WRAP(FetchOne(remote), remote.named_by.empty()
                                   ? "remote '" + remote.written + "'"
                                   : remote.named_by + ": remote '" + remote.written + "'");
  }
  return true;
}

Status RemoteStore::FetchOne(const WantedRemote& wanted) {
  const bool local = wanted.git && IsLocal(*wanted.git);
  if (local && !options_.local_repositories) {
    return Fail(Error(ErrorCode::kPermissionDenied,
                      "file:// is never fetched for a kustomization by the server"));
  }
  if (!local && options_.fetching == Fetching::kNever) {
    return Fail(
        FailedPrecondition("it would have to be fetched, which " + options_.flag + " allows"));
  }
  std::optional<Error> failure;
  for (const auto& name : {wanted.file, wanted.git, wanted.chart}) {
    if (!name) continue;
    auto found = Fetch(*name);
    if (found && wanted.git && name->kind == RemoteName::Kind::kFile) {
      const std::string text = TRY(found->tree->Read(kRemoteFile));
      if (remotes::IsWebPage(text)) {
        found = Fail(InvalidArgument(name->ToString() + " is a web page, not a manifest"));
      }
    }
    if (!found) {
      failure = std::move(found).error();
      continue;
    }
    auto next = std::make_shared<Remotes>(*remotes_);
    next->pins[*name] = found->id;
    remotes_ = std::move(next);
    mounts_[RemoteFolder(*name)] = std::move(found->tree);
    return {};
  }
  return Fail(*std::move(failure));
}

Result<RemoteStore::Found> RemoteStore::Resolve(Source& source, const std::string& ref) {
  const Revision revision = TRY(std::move(source.Resolve({ref}).front()));
  return Found{revision.commit, TRY(source.Tree(revision.commit))};
}

Result<RemoteStore::Found> RemoteStore::Fetch(const RemoteName& name) {
  if (IsLocal(name)) {
    FileTreePtr tree = TRY(git::OpenLocal(name.url.substr(kFileScheme.size()), name.ref));
    std::string id = tree->Describe();
    return Found{std::move(id), std::move(tree)};
  }
  std::vector<Repository> repositories = TRY(ReadRepositories(options_.repository_files));
  if (name.kind == RemoteName::Kind::kFile) {
    if (!files_) {
      files_ = std::make_unique<remotes::HttpFiles>(TRY(CacheFolder("remotes")));
      files_->SetRepositories(std::move(repositories));
    }
    sources_.push_back(files_->Open(name.url));
  } else if (name.kind == RemoteName::Kind::kChart) {
    if (!charts_) charts_ = TRY(OpenFetcher(options_.repository_files));
    sources_.push_back(TRY(charts::OpenChart(*charts_, KeyOf(name))));
  } else {
    std::shared_ptr<const Repository> credentials;
    if (const Repository* found = CredentialsFor(repositories, name.url)) {
      credentials = std::make_shared<Repository>(*found);
    }
    sources_.push_back(TRY(git::OpenMirror(TRY(CacheFolder("git")), name.url, credentials)));
  }
  return Resolve(*sources_.back(), name.ref);
}

}  // namespace swell::cli
