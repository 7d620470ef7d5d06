#include <algorithm>
#include <map>
#include <mutex>

#include "base/core/digest.h"
#include "reconciler/git/credentials.h"
#include "reconciler/git/git.h"
#include "reconciler/git/git_tree.h"
#include "reconciler/git/handles.h"

namespace swell::git {
namespace {

bool IsCommitId(std::string_view ref) {
  return ref.size() == GIT_OID_HEXSZ && ref.find_first_not_of("0123456789abcdef") == ref.npos;
}

// What the remote says it has: ref name -> commit, annotated tags peeled.
struct Advertised {
  std::string ref;
  git_oid commit;
};

class GitMirror final : public Source {
 public:
  GitMirror(RepositoryPtr repository, std::shared_ptr<ObjectStore> store, std::string url,
            std::shared_ptr<const Repository> credentials, Limits limits)
      : repository_(std::move(repository)),
        store_(std::move(store)),
        url_(std::move(url)),
        credentials_(std::move(credentials)),
        limits_(limits) {}

  std::vector<Result<Revision>> Resolve(const std::vector<std::string>& refs) override {
    std::vector<Result<Revision>> out;
    const bool all_here = std::ranges::all_of(
        refs, [this](const std::string& ref) { return IsCommitId(ref) && Describe(ref, ref); });
    std::map<std::string, Result<git_oid>> named;
    if (!all_here) {
      if (auto done = Connect(refs, named); !done) {
        for (std::size_t i = 0; i < refs.size(); ++i) out.push_back(Fail(done.error()));
        return out;
      }
    }
    for (const std::string& ref : refs) {
      const auto it = named.find(ref);
      if (it != named.end() && !it->second) {
        out.push_back(Fail(it->second.error()));
      } else {
        out.push_back(Describe(ref, it == named.end() ? ref : Hex(*it->second)));
      }
    }
    return out;
  }

  Result<FileTreePtr> Tree(const std::string& commit) override {
    return OpenTree(store_, commit, url_ + "@" + commit.substr(0, 7), limits_);
  }

 private:
  // Lists the remote's refs and fetches what is missing, on one connection: what is fetched is
  // what was named.
  Status Connect(const std::vector<std::string>& refs,
                 std::map<std::string, Result<git_oid>>& named) {
    Session session(url_, credentials_, SystemClock().Now() + limits_.timeout,
                    limits_.max_fetch_bytes);
    git_remote* raw = nullptr;
    if (Git().remote_create_anonymous(&raw, repository_.get(), url_.c_str()) != 0) {
      return Fail(GitError(ErrorCode::kInvalidArgument, "use " + url_));
    }
    const RemotePtr remote(raw);
    git_remote_connect_options options = GIT_REMOTE_CONNECT_OPTIONS_INIT;
    options.callbacks = session.Callbacks();
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    if (Git().remote_connect_ext(raw, GIT_DIRECTION_FETCH, &options) != 0) {
      return Fail(ConnectionError(session, "connect to " + url_));
    }
    const auto advertised = TRY(List(raw));
    std::vector<std::string> refspecs;
    for (const std::string& ref : refs) {
      if (IsCommitId(ref)) {
        // Servers may refuse to hand out a bare commit id: fetch every branch and tag instead.
        if (!Describe(ref, ref)) {
          refspecs.push_back("+refs/heads/*:refs/swell/heads/*");
          refspecs.push_back("+refs/tags/*:refs/swell/tags/*");
        }
        continue;
      }
      auto found = Find(advertised, ref);
      if (found && !HasCommit(found->commit)) {
        refspecs.push_back("+" + found->ref + ":refs/swell/" + found->ref);
      }
      named.insert_or_assign(ref, found ? Result<git_oid>(found->commit)
                                        : Result<git_oid>(std::unexpected(found.error())));
    }
    if (!refspecs.empty()) TRY(Fetch(raw, session, std::move(refspecs)));
    Git().remote_disconnect(raw);
    for (auto& [ref, id] : named) {
      if (id && !HasCommit(*id)) {
        id = Fail(
            Unavailable("the remote named " + Hex(*id) + " for " + ref + " but did not send it"));
      }
    }
    return {};
  }

  Status Fetch(git_remote* remote, Session& session, std::vector<std::string> refspecs) {
    std::ranges::sort(refspecs);
    const auto same = std::ranges::unique(refspecs);
    refspecs.erase(same.begin(), same.end());
    std::vector<char*> pointers;
    for (std::string& refspec : refspecs) pointers.push_back(refspec.data());
    const git_strarray list{pointers.data(), pointers.size()};
    git_fetch_options options = GIT_FETCH_OPTIONS_INIT;
    options.callbacks = session.Callbacks();
    options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
    options.update_fetchhead = 0;
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    if (Git().remote_fetch(remote, &list, &options, "swell") != 0) {
      return Fail(ConnectionError(session, "fetch from " + url_));
    }
    return {};
  }

  Result<std::vector<Advertised>> List(git_remote* remote) {
    const git_remote_head** heads = nullptr;
    std::size_t count = 0;
    if (Git().remote_ls(&heads, &count, remote) != 0) {
      return Fail(GitError(ErrorCode::kUnavailable, "list the refs of " + url_));
    }
    std::vector<Advertised> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back({heads[i]->name, heads[i]->oid});
    return out;
  }

  // A branch before a tag of the same name, as Git's own order for remotes; HEAD for "".
  Result<Advertised> Find(const std::vector<Advertised>& advertised, const std::string& ref) {
    std::vector<std::string> names;
    if (ref.empty() || ref == "HEAD") {
      names = {"HEAD"};
    } else if (ref.starts_with("refs/")) {
      names = {ref};
    } else {
      names = {"refs/heads/" + ref, "refs/tags/" + ref};
    }
    for (const std::string& name : names) {
      const auto at = [&](const std::string& wanted) {
        return std::ranges::find(advertised, wanted, &Advertised::ref);
      };
      const auto plain = at(name);
      if (plain == advertised.end()) continue;
      const auto peeled = at(name + "^{}");
      return Advertised{name, peeled == advertised.end() ? plain->commit : peeled->commit};
    }
    return Fail(NotFound(url_ + " has no branch or tag " + (ref.empty() ? "HEAD" : ref)));
  }

  bool HasCommit(const git_oid& id) {
    git_commit* raw = nullptr;
    if (Git().commit_lookup(&raw, repository_.get(), &id) != 0) return false;
    const CommitPtr commit(raw);
    return true;
  }

  Result<Revision> Describe(const std::string& ref, const std::string& commit_id) {
    git_oid id;
    git_commit* raw = nullptr;
    if (Git().oid_fromstr(&id, commit_id.c_str()) != 0 ||
        Git().commit_lookup(&raw, repository_.get(), &id) != 0) {
      return Fail(NotFound(url_ + " has no commit " + commit_id + " on any branch or tag"));
    }
    const CommitPtr commit(raw);
    Revision out;
    out.repository = url_;
    out.ref = ref;
    out.commit = commit_id;
    if (const git_signature* author = Git().commit_author(raw)) {
      out.author = std::string(author->name) + " <" + author->email + ">";
    }
    const char* summary = Git().commit_summary(raw);
    out.message = summary ? summary : "";
    out.time = Timestamp{std::chrono::seconds(Git().commit_time(raw))};
    return out;
  }

  Error ConnectionError(const Session& session, const std::string& doing) {
    if (session.refusal()) {
      Error refusal = *session.refusal();
      return std::move(refusal.Wrap(doing));
    }
    return GitError(ErrorCode::kUnavailable, doing);
  }

  const RepositoryPtr repository_;  // Resolve's own
  const std::shared_ptr<ObjectStore> store_;
  const std::string url_;
  const std::shared_ptr<const Repository> credentials_;
  const Limits limits_;
};

Result<RepositoryPtr> OpenBare(const std::string& folder) {
  git_repository* raw = nullptr;
  if (Git().repository_open_bare(&raw, folder.c_str()) == 0) return RepositoryPtr(raw);
  git_repository_init_options options = GIT_REPOSITORY_INIT_OPTIONS_INIT;
  options.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKPATH;
  if (Git().repository_init_ext(&raw, folder.c_str(), &options) != 0) {
    return Fail(GitError(ErrorCode::kUnavailable, "make the mirror " + folder));
  }
  return RepositoryPtr(raw);
}

// libgit2 1.5 knows one set of trusted certificates for the process.
Status TrustCertificates(const std::string& ca_file) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  if (Git().libgit2_opts(GIT_OPT_SET_SSL_CERT_LOCATIONS, ca_file.c_str(), nullptr) != 0) {
    return Fail(GitError(ErrorCode::kFailedPrecondition, "trust " + ca_file));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Source>> OpenMirror(const std::string& cache_folder, const std::string& url,
                                           std::shared_ptr<const Repository> credentials,
                                           const Limits& limits) {
  TRY(InitLibrary());
  if (credentials && !credentials->ca_file.empty()) TRY(TrustCertificates(credentials->ca_file));
  const std::string folder = cache_folder + "/" + Digest::Of(url).Hex().substr(0, 32) + ".git";
  RepositoryPtr mine = TRY(OpenBare(folder));
  auto store = std::make_shared<ObjectStore>();
  store->repository = TRY(OpenBare(folder));
  return std::make_unique<GitMirror>(std::move(mine), std::move(store), url, std::move(credentials),
                                     limits);
}

}  // namespace swell::git
