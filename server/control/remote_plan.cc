#include "server/control/remote_plan.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reconciler/remotes/http_files.h"
#include "renderer/source/trees.h"

namespace swell::control {
namespace {

// Each round finds what the remotes of the one before name.
constexpr int kMaxRounds = 20;
constexpr std::size_t kMaxRemotes = 200;  // of one plan

bool HoldsWebPage(const Poller& poller, const RemoteName& file, const std::string& content) {
  const auto tree = poller.Tree(KeyOf(file), content);
  if (!tree) return false;
  const auto text = (*tree)->Read(kRemoteFile);
  return text && remotes::IsWebPage(*text);
}

// Used on the control loop alone.
class RemotePlanJob : public std::enable_shared_from_this<RemotePlanJob> {
 public:
  RemotePlanJob(const PlanServices& services, const ChartServices& charts, Poller& poller,
                net::Loop& control, RemotePlanRequest request, RemotePlanDone done)
      : services_(services),
        charts_(charts),
        poller_(poller),
        control_(control),
        request_(std::move(request)),
        done_(std::move(done)) {}

  void Round() {
    auto request = request_.make();
    if (!request) return Finish(Fail(std::move(request).error()));
    if (++rounds_ > kMaxRounds || request_.pins.size() > kMaxRemotes) {
      return Finish(Fail(ResourceExhausted(
          "the remote bases name more and more remote bases: more than " +
          std::to_string(kMaxRounds) + " in a row or " + std::to_string(kMaxRemotes) + " in all")));
    }
    auto remotes = std::make_shared<Remotes>();
    renders_ = request->tree != nullptr;
    if (renders_) {
      MountedRemotes mounted =
          MountRemotes(poller_, request_.policy, request_.pins, std::move(request->tree));
      request->tree = std::move(mounted.tree);
      remotes->pins = std::move(mounted.pins);
    }
    request->remotes = remotes;
    PlanSource(services_, charts_, std::move(*request),
               [self = shared_from_this(), wanted = remotes->wanted](Result<Planned> planned) {
                 self->control_.Post([self, wanted, planned = std::move(planned)]() mutable {
                   self->Judge(std::move(planned), wanted->Take());
                 });
               });
  }

 private:
  // One remote that is looked for, in one way after the other.
  struct Search {
    WantedRemote wanted;
    std::vector<RemoteName> ways;
    std::size_t way = 0;
  };

  void Judge(Result<Planned> planned, std::vector<WantedRemote> wanted) {
    if (planned || wanted.empty()) return Finish(std::move(planned));
    std::vector<Search> searches;
    for (WantedRemote& remote : wanted) {
      auto ways = AllowedWays(remote);
      if (!ways) return Finish(Fail(std::move(ways).error()));
      searches.push_back({std::move(remote), std::move(*ways)});
    }
    searching_ = searches.size();
    failure_.reset();
    for (Search& search : searches) Try(std::move(search));
  }

  Result<std::vector<RemoteName>> AllowedWays(const WantedRemote& wanted) const {
    std::vector<RemoteName> out;
    for (const auto& name : {wanted.file, wanted.git, wanted.chart}) {
      if (name && remotes::IsAllowed(*name, request_.policy)) out.push_back(*name);
    }
    if (out.empty()) {
      const RemoteName& name = wanted.chart ? *wanted.chart
                               : wanted.git ? *wanted.git
                                            : *wanted.file;
      TRY(remotes::CheckAllowed(name, wanted, request_.policy));
    }
    return out;
  }

  void Try(Search search) {
    const RemoteName name = search.ways[search.way];
    poller_.Resolve(KeyOf(name), name.ref,
                    [self = shared_from_this(), name,
                     search = std::move(search)](Result<Revision> revision) mutable {
                      self->Tried(name, std::move(search), std::move(revision));
                    });
  }

  void Tried(const RemoteName& name, Search search, Result<Revision> revision) {
    const bool doubtful = search.wanted.file && search.wanted.git;
    if (revision && doubtful && name.kind == RemoteName::Kind::kFile &&
        HoldsWebPage(poller_, name, revision->commit)) {
      revision = Fail(InvalidArgument(name.ToString() + " is a web page, not a manifest"));
    }
    if (revision) {
      request_.pins[name] = revision->commit;
      return Found();
    }
    // What it was when it was asked last stands while it does not answer.
    const auto known = request_.pins.find(name);
    if (known != request_.pins.end() && poller_.Tree(KeyOf(name), known->second)) return Found();
    if (++search.way < search.ways.size()) return Try(std::move(search));
    if (!failure_) {
      failure_ = std::move(revision).error().Wrap(
          (search.wanted.named_by.empty() ? "" : search.wanted.named_by + ": ") + "remote '" +
          search.wanted.written + "'");
    }
    Found();
  }

  void Found() {
    if (--searching_ > 0) return;
    if (failure_) return Finish(Fail(*std::move(failure_)));
    Round();
  }

  void Finish(Result<Planned> planned) {
    RemotePins pins = planned && renders_ ? UsedPins(*planned) : request_.pins;
    done_(std::move(planned), std::move(pins));
  }

  RemotePins UsedPins(const Planned& planned) const {
    RemotePins out;
    for (const auto& [name, cluster] : planned.clusters) {
      // A cluster that could not be read may use others.
      if (!cluster.manifest) return request_.pins;
      for (const auto& [remote, id] : cluster.manifest->remotes) {
        const auto pin = request_.pins.find(remote);
        if (pin != request_.pins.end()) out.insert(*pin);
      }
    }
    return planned.clusters.empty() ? request_.pins : out;
  }

  const PlanServices services_;
  const ChartServices charts_;
  Poller& poller_;
  net::Loop& control_;
  RemotePlanRequest request_;
  RemotePlanDone done_;
  int rounds_ = 0;
  bool renders_ = false;  // else recorded manifests are planned
  std::size_t searching_ = 0;
  std::optional<Error> failure_;
};

}  // namespace

MountedRemotes MountRemotes(const Poller& poller, const remotes::Policy& policy,
                            const RemotePins& pins, FileTreePtr base) {
  MountedRemotes out;
  std::map<std::string, FileTreePtr> mounts;
  for (const auto& [name, id] : pins) {
    if (!remotes::IsAllowed(name, policy)) continue;
    auto tree = poller.Tree(KeyOf(name), id);
    if (!tree) continue;  // who needs it resolves it anew
    mounts.emplace(RemoteFolder(name), std::move(*tree));
    out.pins.emplace(name, id);
  }
  out.tree = MountTree(std::move(base), std::move(mounts));
  return out;
}

Digest RemotesDigest(const remotes::Policy& policy, const RemotePins& pins) {
  if (policy.globs.empty() && pins.empty()) return {};
  Hasher hasher;
  hasher.Add(policy.resource).Add(static_cast<std::int64_t>(policy.globs.size()));
  for (const std::string& glob : policy.globs) hasher.Add(glob);
  for (const auto& [name, id] : pins) hasher.Add(RemoteFolder(name)).Add(id);
  return hasher.Finish();
}

void PlanWithRemotes(const PlanServices& services, const ChartServices& charts, Poller& poller,
                     net::Loop& control, RemotePlanRequest request, RemotePlanDone done) {
  std::make_shared<RemotePlanJob>(services, charts, poller, control, std::move(request),
                                  std::move(done))
      ->Round();
}

}  // namespace swell::control
