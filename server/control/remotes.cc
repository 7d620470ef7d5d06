// Controller: what kustomizations name on the network, polled as the sources themselves are.

#include <utility>

#include "server/control/controller.h"

namespace swell::control {

std::string ShowSourceError(const std::string& ref_error,
                            const std::map<RemoteName, std::string>& remote_errors) {
  if (!ref_error.empty() || remote_errors.empty()) return ref_error;
  const auto& [name, error] = *remote_errors.begin();
  return "remote " + name.ToString() + ": " + error;
}

remotes::Policy Controller::PolicyOf(const Entry& entry) const {
  return remotes::PolicyFor(repositories_, entry.spec.source.repository);
}

void Controller::OnRemoteResolved(const SourceKey& source, const std::string& ref,
                                  const Result<Revision>& revision) {
  const bool file = source.kind == SourceKey::Kind::kFile;
  const RemoteName remote{.kind = file              ? RemoteName::Kind::kFile
                                  : IsChart(source) ? RemoteName::Kind::kChart
                                                    : RemoteName::Kind::kGit,
                          .url = source.repository,
                          .ref = ref,
                          .chart = source.chart};
  std::vector<Mutation> mutations;
  std::vector<std::pair<Entry*, ApplicationState>> moved;
  for (auto& [name, owned] : entries_) {
    Entry& entry = *owned;
    const auto known = entry.state.remotes.find(remote);
    if (known == entry.state.remotes.end()) continue;
    if (revision) {
      entry.remote_errors.erase(remote);
    } else {
      entry.remote_errors[remote] = revision.error().ToString();
    }
    ApplicationState next = entry.state;
    next.source_error = ShowSourceError(entry.ref_error, entry.remote_errors);
    if (revision) next.remotes[remote] = revision->commit;
    if (next == entry.state) continue;
    mutations.push_back(PutApplicationState{next});
    if (!revision) {
      mutations.push_back(
          AppendEvent{Event(entry, "SourceFailed",
                            "remote " + remote.ToString() + ": " + revision.error().ToString())});
    } else if (known->second != revision->commit) {
      mutations.push_back(AppendEvent{
          Event(entry, "RemoteResolved",
                "remote " + remote.ToString() + " is at " + revision->commit.substr(0, 7))});
    }
    moved.emplace_back(&entry, std::move(next));
  }
  if (mutations.empty() || !Commit(std::move(mutations))) return;  // the next tick tries again
  std::vector<std::string> names;
  for (auto& [entry, next] : moved) {
    entry->state = std::move(next);
    names.push_back(entry->spec.name);
  }
  if (!revision) return;
  for (const std::string& name : names) {
    if (const auto it = entries_.find(name); it != entries_.end()) Evaluate(*it->second);
  }
}

void Controller::AdoptRemotes(Entry& entry, const RemotePins& known, RemotePins used) {
  for (auto& [name, id] : used) {
    // What the poller found meanwhile is newer than what was planned with.
    const auto now = entry.state.remotes.find(name);
    const auto before = known.find(name);
    const bool polled = now != entry.state.remotes.end() &&
                        (before == known.end() || before->second != now->second);
    if (polled) id = now->second;
  }
  if (used == entry.state.remotes) return;
  std::vector<Mutation> mutations;
  for (const auto& [name, id] : used) {
    const auto before = entry.state.remotes.find(name);
    if (before != entry.state.remotes.end() && before->second == id) continue;
    mutations.push_back(AppendEvent{
        Event(entry, "RemoteResolved", "remote " + name.ToString() + " is at " + id.substr(0, 7))});
  }
  std::erase_if(entry.remote_errors, [&](const auto& e) { return !used.contains(e.first); });
  ApplicationState next = entry.state;
  next.remotes = std::move(used);
  next.source_error = ShowSourceError(entry.ref_error, entry.remote_errors);
  mutations.push_back(PutApplicationState{next});
  if (!Commit(std::move(mutations))) return;  // the next plan finds it again
  entry.state = std::move(next);
  RefreshSources();
}

}  // namespace swell::control
