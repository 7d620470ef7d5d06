// Controller: commits that hold for an application what another one held. What was found out of
// that one holds for them, too, a quarantine above all: in a repository of many applications the
// next commit is seldom about the one that was rolled back.

#include <algorithm>

#include "server/control/controller.h"

namespace swell::control {
namespace {

constexpr char kSameContent[] = "the same content as ";
constexpr std::size_t kShown = 7;  // digits of a commit

// Rollouts that are looked at for what a quarantined commit brought, the newest first.
constexpr int kLookBack = 20;
constexpr int kPage = 5;

// Whether the plan brings every cluster that both know exactly what the rollout brought it.
// Clusters that came since, and those that could not be read, say nothing.
bool BringsTheSame(const Planned& planned, const RolloutState& rollout) {
  bool any = false;
  for (const auto& [name, cluster] : planned.clusters) {
    const auto then = rollout.clusters.find(name);
    if (!cluster.plan.error.empty() || then == rollout.clusters.end()) continue;
    if (then->second.manifest.empty()) continue;
    if (then->second.manifest != cluster.plan.manifest) return false;
    any = true;
  }
  return any;
}

bool IsCopy(const Quarantine& q) { return q.reason.starts_with(kSameContent); }

// The commit that came into quarantine first of those with its content, shortened.
std::string OriginOf(const Quarantine& q) {
  return IsCopy(q) ? q.reason.substr(sizeof(kSameContent) - 1, kShown) : q.commit.substr(0, kShown);
}

std::string ReasonOfCopy(const Quarantine& q) {
  return IsCopy(q) ? q.reason : kSameContent + OriginOf(q) + ": " + q.reason;
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
    (void)Commit(QuarantineOf(entry, commit, bad->rollout, ReasonOfCopy(*bad)));
  }
}

// The quarantine of what the plan brings, if the last rollout that brought it says so: it may have
// been tried again with success, or gone back to, since. What cannot be read condemns nothing.
const Quarantine* Controller::QuarantineOfContent(const Entry& entry,
                                                  const Planned& planned) const {
  std::int64_t before = 0;
  for (int looked = 0; looked < kLookBack; looked += kPage) {
    const auto page = ledger_.ListRollouts(entry.spec.name, before, kPage);
    if (!page || page->empty()) return nullptr;
    for (const RolloutState& rollout : *page) {
      if (!BringsTheSame(planned, rollout)) continue;
      const bool sync = rollout.kind == PlanKind::kSync;
      const Quarantine* bad = sync ? FindQuarantine(entry, rollout.revision.commit) : nullptr;
      if (bad) return bad;
      const bool proven = sync || rollout.kind == PlanKind::kRollback;
      if (proven && rollout.phase == RolloutPhase::kSucceeded) return nullptr;
    }
    before = page->back().number;
  }
  return nullptr;
}

// Whether the commit was condemned by this: what it brings is what a commit in quarantine brought,
// whichever files say so. What is asked for by hand is done, and so is what runs.
bool Controller::Condemn(Entry& entry, const Intent& intent, const Planned& planned) {
  const std::string& commit = intent.revision.commit;
  const bool by_itself = planned.plan.kind == PlanKind::kSync && !gate::IsByHand(intent.cause);
  if (!by_itself || entry.quarantine.empty() || FindQuarantine(entry, commit)) return false;
  if (!planned.plan.HasChanges()) return false;
  const Quarantine* bad = QuarantineOfContent(entry, planned);
  if (!bad) return false;
  const std::vector<Quarantine> before = entry.quarantine;
  if (Commit(QuarantineOf(entry, commit, bad->rollout, ReasonOfCopy(*bad)))) return true;
  entry.quarantine = before;
  return false;
}

// Whoever lets a commit out of quarantine lets out what came in because its content is the same:
// else the next look would condemn it again.
std::vector<Mutation> Controller::Release(Entry& entry, const std::string& commit) {
  const Quarantine* found = FindQuarantine(entry, commit);
  if (!found) return {};
  const std::string origin = OriginOf(*found);
  std::vector<Mutation> out;
  std::erase_if(entry.quarantine, [&](const Quarantine& q) {
    if (OriginOf(q) != origin) return false;
    out.push_back(DeleteQuarantine{entry.spec.name, q.commit});
    return true;
  });
  return out;
}

}  // namespace swell::control
