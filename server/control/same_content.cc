// Controller: commits that hold for an application what another one held. What was found out of
// that one holds for them, too, a quarantine above all: in a repository of many applications the
// next commit is seldom about the one that was rolled back.

#include <algorithm>

#include "server/control/controller.h"

namespace swell::control {
namespace {

constexpr char kSameContent[] = "the same content as ";

// Rollouts that are looked at for what a quarantined commit brought, the newest first.
constexpr int kLookBack = 50;

// Whether the plan brings every cluster exactly what the rollout brought it.
bool BringsTheSame(const Planned& planned, const RolloutState& rollout) {
  const auto same = [&](const auto& entry) {
    const auto then = rollout.clusters.find(entry.first);
    return then != rollout.clusters.end() && then->second.manifest == entry.second.plan.manifest;
  };
  return !planned.clusters.empty() && std::ranges::all_of(planned.clusters, same);
}

}  // namespace

const Quarantine* Controller::FindQuarantine(const Entry& entry, const std::string& commit) {
  const auto it = std::ranges::find(entry.quarantine, commit, &Quarantine::commit);
  return it == entry.quarantine.end() ? nullptr : &*it;
}

// Whether it is being found out if the commit changes anything that the last plan's renders read;
// Evaluate comes again with the answer.
bool Controller::CompareContent(Entry& entry, const PlannedFor& wanted) {
  const bool commit_alone = !entry.planned_for.commit.empty() &&
                            entry.planned_for.generation == wanted.generation &&
                            entry.planned_for.fleet == wanted.fleet;
  if (!commit_alone || entry.reads_digest.empty()) return false;
  auto tree = poller_.Tree(KeyOf(entry.spec.source), wanted.commit);
  if (!tree) return false;
  entry.comparing = true;
  const MountedRemotes mounted =
      MountRemotes(poller_, PolicyOf(entry), entry.state.remotes, std::move(*tree));
  auto job = [this, name = entry.spec.name, wanted, tree = mounted.tree,
              folders = ChartFolders(entry.spec, [&] { return Selected(entry.spec); }),
              reads = entry.reads, before = entry.reads_digest] {
    // With the dependencies that the plan saw, too; those that are not at hand are not the same.
    const auto completed = dependencies_.FromCache(tree, folders);
    bool same = false;
    if (completed && completed->missing.empty()) {
      const auto now = DigestReads(*completed->tree, reads);
      same = now && *now == before;
    }
    control_.Post([this, name, wanted, same] {
      const auto it = entries_.find(name);
      if (it == entries_.end()) return;
      Entry& entry = *it->second;
      entry.comparing = false;
      if (same) {
        entry.planned_for.remotes = wanted.remotes;
        AdoptCommit(entry, wanted.commit);
      } else {
        entry.reads_digest = {};  // it will be planned: do not ask again
      }
      Evaluate(entry);
    });
  };
  if (workers_.Post(std::move(job))) return true;
  entry.comparing = false;
  return false;
}

// The commit holds for this application exactly what was planned before it: all that was found
// out then still holds, a quarantine included.
void Controller::AdoptCommit(Entry& entry, const std::string& commit) {
  const std::string before = std::exchange(entry.planned_for.commit, commit);
  if (before == commit) return;  // what is remote moved, and nothing that is used of it
  entry.adopted.push_back(commit);
  if (const Quarantine* bad = FindQuarantine(entry, before)) {
    const std::string reason = bad->reason;
    (void)Commit(QuarantineOf(entry, commit, bad->rollout,
                              kSameContent + before.substr(0, 7) + ": " + reason));
  }
}

// Whether the commit was condemned by this: what it brings is what a commit in quarantine brought,
// whichever files say so. What is asked for by hand is done.
bool Controller::Condemn(Entry& entry, const Intent& intent, const Planned& planned) {
  const std::string& commit = intent.revision.commit;
  const bool by_itself = planned.plan.kind == PlanKind::kSync && !gate::IsByHand(intent.cause);
  if (!by_itself || entry.quarantine.empty() || FindQuarantine(entry, commit)) return false;
  const auto rollouts = ledger_.ListRollouts(entry.spec.name, 0, kLookBack);
  if (!rollouts) return false;  // what cannot be read condemns nothing
  for (const RolloutState& rollout : *rollouts) {
    if (rollout.kind != PlanKind::kSync || !BringsTheSame(planned, rollout)) continue;
    // The last one that brought it decides: it may have been tried again since.
    const Quarantine* bad = FindQuarantine(entry, rollout.revision.commit);
    if (!bad) return false;
    const std::string reason = kSameContent + bad->commit.substr(0, 7) + ": " + bad->reason;
    return !!Commit(QuarantineOf(entry, commit, bad->rollout, reason));
  }
  return false;
}

// Whoever lets a commit out of quarantine lets out what came in because its content is the same:
// else the next look would condemn it again.
std::vector<Mutation> Controller::Release(Entry& entry, const std::string& commit) {
  const Quarantine* found = FindQuarantine(entry, commit);
  if (!found) return {};
  const Quarantine released = *found;
  const auto copied = [](const Quarantine& q) { return q.reason.starts_with(kSameContent); };
  std::vector<Mutation> out;
  std::erase_if(entry.quarantine, [&](const Quarantine& q) {
    const bool same = q.rollout == released.rollout && (copied(q) || copied(released));
    if (!same && q.commit != commit) return false;
    out.push_back(DeleteQuarantine{entry.spec.name, q.commit});
    return true;
  });
  return out;
}

}  // namespace swell::control
