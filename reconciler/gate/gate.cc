#include "reconciler/gate/gate.h"

#include <algorithm>

#include "reconciler/gate/budget.h"
#include "reconciler/gate/permissions.h"

namespace swell::gate {
namespace {

Decision Held(std::string reason, std::optional<Timestamp> until = std::nullopt) {
  return {.verdict = Decision::Verdict::kHold, .reason = std::move(reason), .until = until};
}

bool Allows(const Decision& decision) { return decision.verdict == Decision::Verdict::kAllow; }

// --- what is about the actor and the application alone ---

Decision CheckActor(const Request& request) {
  if (!IsByHand(request.cause)) return {};
  const Deed deed = request.cause == Cause::kRollback   ? Deed::kRollback
                    : request.cause == Cause::kDeletion ? Deed::kRemove
                                                        : Deed::kSync;
  const Status may =
      CheckPermission(*request.application, deed, request.actor, request.safeguards->teams);
  if (may) return {};
  return {.verdict = Decision::Verdict::kRefuse,
          .reason = may.error().ToString(),
          .until = std::nullopt,
          .code = may.error().code()};
}

Decision CheckSyncPolicy(const Request& request) {
  const Application& app = *request.application;
  if (request.rollout_running && request.cause != Cause::kRollback) {
    return Held("a rollout is running");
  }
  if (request.cause == Cause::kAutoSync && !app.sync.auto_sync) {
    return Held("automatic sync is off: run `swell sync " + app.name + "`");
  }
  if (request.cause == Cause::kSelfHeal && !app.sync.self_heal) {
    return Held("self-heal is off: run `swell sync " + app.name + "`");
  }
  if (request.cause != Cause::kAutoSync || request.plan == nullptr) return {};
  const auto bad =
      std::ranges::find(*request.quarantine, request.plan->revision.commit, &Quarantine::commit);
  if (bad == request.quarantine->end()) return {};
  return Held("revision " + bad->commit.substr(0, 7) + " is quarantined since rollout " +
              std::to_string(bad->rollout) + ": " + bad->reason);
}

// --- freezes and windows ---

std::string HowToBreakTheGlass(const Request& request) {
  if (!IsByHand(request.cause)) return "";
  return "; where it cannot wait: `swell override " + request.application->name +
         " --for 1h --reason …`";
}

Decision CheckFreezes(const Request& request, Timestamp now) {
  const auto freezes = FreezesOf(request.safeguards->freezes, request.application->name, now);
  if (freezes.empty()) return {};
  std::string reason;
  std::optional<Timestamp> until = Timestamp{};
  for (const Freeze& freeze : freezes) {
    reason += (reason.empty() ? "" : "; ") + Show(freeze);
    until = freeze.until && until ? std::max(until, freeze.until) : std::nullopt;
  }
  return Held(reason, until);
}

Decision CheckWindows(const Request& request, Timestamp now) {
  std::vector<ClusterVerdict> verdicts =
      Judge(request.safeguards->windows, *request.application, request.first, now);
  std::optional<Timestamp> until;
  for (ClusterVerdict& one : verdicts) {
    Verdict& verdict = one.verdict;
    verdict.allowed = verdict.allowed || (verdict.manual && IsByHand(request.cause));
    // The first change is worth another look; it may not be the last.
    if (!verdict.allowed && verdict.allowed_at && (!until || *verdict.allowed_at < *until)) {
      until = verdict.allowed_at;
    }
  }
  const std::string reason = ShowClosed(verdicts);
  return reason.empty() ? Decision{} : Held(reason, until);
}

// --- deletions ---

std::string HowToConfirm(const Request& request) {
  const std::string& name = request.application->name;
  if (request.cause == Cause::kRollback) {
    return "; if that is meant, run `swell rollback " + name +
           (request.rollback_to > 0 ? " --to " + std::to_string(request.rollback_to) : "") +
           " --confirm-prune`";
  }
  return "; look with `swell diff " + name + "`, then run `swell sync " + name +
         " --confirm-prune`";
}

Decision CheckBudget(const Request& request) {
  // A deletion of the whole application is confirmed object by object on its own way.
  if (request.plan == nullptr || request.cause == Cause::kDeletion) return {};
  const std::string over =
      OverBudget(CountDeletions(*request.plan), *request.application, request.held_objects);
  if (over.empty()) return {};
  if (!request.confirmed) return Held(over + HowToConfirm(request));
  const Status may = CheckPermission(*request.application, Deed::kRemove, request.actor,
                                     request.safeguards->teams);
  if (may) return {};
  return {.verdict = Decision::Verdict::kRefuse,
          .reason = may.error().ToString() + " (" + over + ")",
          .until = std::nullopt,
          .code = may.error().code()};
}

// The override that counts for the application: its maker may still make one.
std::optional<Override> FindOverride(const Safeguards& safeguards, const Application& application,
                                     Timestamp now) {
  for (const Override& one : OverridesOf(safeguards.overrides, application.name, now)) {
    if (CheckPermission(application, Deed::kOverride, one.actor, safeguards.teams)) return one;
  }
  return std::nullopt;
}

// --- of rollouts that are under way ---

struct Next {
  std::vector<Cluster> clusters;  // of a wave, still to be begun
  bool begun = false;             // the wave
  std::vector<Timestamp> since;   // when it and its rollout began
};

Next NextOf(const RolloutState& rollout, std::size_t wave, const std::vector<Cluster>& fleet) {
  Next out;
  const WaveProgress& progress = rollout.waves[wave];
  out.since = {rollout.created_at};
  out.begun = progress.started_at != Timestamp{};
  if (out.begun) out.since.push_back(progress.started_at);
  for (const std::string& name : progress.clusters) {
    const auto mine = rollout.clusters.find(name);
    if (mine == rollout.clusters.end() || mine->second.phase != ClusterPhase::kPending) continue;
    const auto declared = std::ranges::find(fleet, name, &Cluster::name);
    if (declared != fleet.end()) out.clusters.push_back(*declared);
  }
  return out;
}

HoldScope ScopeOf(Overrun overrun) {
  return overrun == Overrun::kFinish ? HoldScope::kNothing
         : overrun == Overrun::kWave ? HoldScope::kWaves
                                     : HoldScope::kClusters;
}

Hold HoldByWindows(const Application& application, const Next& next, bool by_hand,
                   const std::vector<Window>& windows, Timestamp now) {
  std::vector<ClusterVerdict> verdicts = Judge(windows, application, next.clusters, now);
  std::vector<std::vector<ClusterVerdict>> before;
  for (const Timestamp since : next.since) {
    before.push_back(Judge(windows, application, next.clusters, since));
  }
  Hold out;
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    Verdict& verdict = verdicts[i].verdict;
    verdict.allowed = verdict.allowed || (by_hand && verdict.manual);
    if (verdict.allowed) continue;
    const bool was_open =
        std::ranges::any_of(before, [i](const auto& then) { return then[i].verdict.allowed; });
    const HoldScope scope = was_open     ? ScopeOf(verdict.overrun)
                            : next.begun ? HoldScope::kClusters
                                         : HoldScope::kWaves;
    verdict.allowed = scope == HoldScope::kNothing;
    out.scope = std::max(out.scope, scope);
  }
  out.reason = ShowClosed(verdicts);
  return out;
}

}  // namespace

bool IsByHand(Cause cause) {
  return cause == Cause::kManualSync || cause == Cause::kRollback || cause == Cause::kDeletion ||
         cause == Cause::kUndelete;
}

bool IsByHand(const RolloutState& rollout) {
  switch (rollout.kind) {
    case PlanKind::kRollback:
    case PlanKind::kDelete:
      return true;
    case PlanKind::kSync:
      return rollout.actor != "auto";
    case PlanKind::kHeal:
      break;
  }
  return false;
}

Error AsError(const Decision& decision) { return {decision.code, decision.reason}; }

Decision DecideDeletion(const Application& application) {
  if (application.deletion != DeletionPolicy::kRefuse) return {};
  return {.verdict = Decision::Verdict::kRefuse,
          .reason = "spec.deletion of " + application.name +
                    " is refuse: change it to orphan or cascade, apply that, and delete it then"};
}

Decision Decide(const Request& request, Timestamp now) {
  const Application& app = *request.application;
  if (request.cause == Cause::kDeletion) {
    if (Decision may = DecideDeletion(app); !Allows(may)) return may;
  }
  if (Decision may = CheckActor(request); !Allows(may)) return may;
  if (Decision may = CheckSyncPolicy(request); !Allows(may)) return may;

  std::optional<Override> glass;
  if (IsByHand(request.cause)) glass = FindOverride(*request.safeguards, app, now);
  std::string overridden;
  for (Decision may : {CheckFreezes(request, now), CheckWindows(request, now)}) {
    if (Allows(may)) continue;
    if (!glass) {
      may.reason += HowToBreakTheGlass(request);
      return may;
    }
    overridden += (overridden.empty() ? "" : "; ") + may.reason;
  }
  if (Decision may = CheckBudget(request); !Allows(may)) {
    if (!glass || may.verdict == Decision::Verdict::kRefuse) return may;
    overridden += (overridden.empty() ? "" : "; ") + may.reason;
  }
  Decision out;
  if (!overridden.empty()) out.overridden = Show(*glass) + "; it let pass: " + overridden;
  return out;
}

Hold HoldFor(const Application& application, const RolloutState& rollout,
             const Safeguards& safeguards, const std::vector<Cluster>& fleet, Timestamp now) {
  if (IsTerminal(rollout.phase) || rollout.phase == RolloutPhase::kRollingBack) return {};
  const bool by_hand = IsByHand(rollout);
  if (by_hand && FindOverride(safeguards, application, now)) return {};
  Hold out;
  for (const Freeze& freeze : FreezesOf(safeguards.freezes, application.name, now)) {
    out.scope = HoldScope::kClusters;
    out.reason += (out.reason.empty() ? "" : "; ") + Show(freeze);
  }
  if (out.scope != HoldScope::kNothing) return out;
  // The wave after the current one, too: it may begin before this is asked again.
  const auto current = static_cast<std::size_t>(std::max(rollout.current_wave, 0));
  for (std::size_t wave = current; wave < std::min(current + 2, rollout.waves.size()); ++wave) {
    const Next next = NextOf(rollout, wave, fleet);
    Hold mine = HoldByWindows(application, next, by_hand, safeguards.windows, now);
    // A later wave keeps nothing of this one back.
    if (wave > current) mine.scope = std::min(mine.scope, HoldScope::kWaves);
    if (mine.scope > out.scope) out = std::move(mine);
  }
  return out;
}

std::vector<std::string> Barriers(const Application& application, const Safeguards& safeguards,
                                  const std::vector<Cluster>& clusters, Timestamp now) {
  std::vector<std::string> out;
  for (const Freeze& freeze : FreezesOf(safeguards.freezes, application.name, now)) {
    out.push_back(Show(freeze));
  }
  const std::string closed = ShowClosed(Judge(safeguards.windows, application, clusters, now));
  if (!closed.empty()) out.push_back(closed);
  return out;
}

}  // namespace swell::gate
