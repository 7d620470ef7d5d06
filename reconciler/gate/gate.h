#pragma once
// The one gatekeeper: every path that writes to a cluster asks it first. Pure: state and time are
// given. What it weighs, and in which order: docs/safety.md.

#include <optional>
#include <string>
#include <vector>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "reconciler/domain/application.h"
#include "reconciler/domain/ledger.h"
#include "reconciler/domain/plan.h"
#include "reconciler/domain/rollout.h"
#include "reconciler/gate/freeze.h"
#include "reconciler/gate/windows.h"

namespace swell::gate {

enum class Cause { kAutoSync, kManualSync, kSelfHeal, kRollback, kDeletion, kUndelete };

// Whether somebody asked for it: windows may let it pass, and an override does.
bool IsByHand(Cause cause);
// The same of a rollout that was begun.
bool IsByHand(const RolloutState& rollout);

// What stands in the way of changes, whoever makes them.
struct Safeguards {
  std::vector<Window> windows;
  std::vector<Freeze> freezes;
  std::vector<Override> overrides;
  std::vector<Team> teams;
};

struct Request {
  Cause cause = Cause::kAutoSync;
  std::string actor;
  const Application* application = nullptr;  // never null
  // Null where it is asked before there is a plan: what depends on it is then not looked at.
  const Plan* plan = nullptr;
  const std::vector<Quarantine>* quarantine = nullptr;  // the application's; never null
  const Safeguards* safeguards = nullptr;               // never null
  bool rollout_running = false;
  // What the rollout begins with: those of its first wave that change. Later waves wait for
  // their windows when they come (HoldFor).
  std::vector<Cluster> first;
  std::int64_t held_objects = 0;  // by the application in the whole fleet
  bool confirmed = false;         // deletions beyond the budget
  std::int64_t rollback_to = 0;   // of kRollback, for messages
};

struct Decision {
  // kHold: what was asked for may pass later, or when something else changes. kRefuse: never, for
  // this actor or this application as it is.
  enum class Verdict { kAllow, kHold, kRefuse };
  Verdict verdict = Verdict::kAllow;
  std::string reason;  // of kHold and kRefuse: what it waits for or why never
  // Of kHold: when to ask again; nothing: when somebody does something.
  std::optional<Timestamp> until;
  ErrorCode code = ErrorCode::kFailedPrecondition;
  // Of kAllow: what an override let pass, "" where none was needed.
  std::string overridden;
};

Decision Decide(const Request& request, Timestamp now);
// Of what is not allowed.
Error AsError(const Decision& decision);

// Whether the application may be deleted at all, whatever becomes of its objects.
Decision DecideDeletion(const Application& application);

// What a rollout that is under way must not begin now. It judges the clusters that are to be begun
// next: of the current wave, and of the one after it. Those that were open when the rollout or
// their wave began are held by their window's overrun policy; those that were not wait, whatever
// it says. Nothing for a rollout that goes back or has ended. `fleet`: every declared cluster.
Hold HoldFor(const Application& application, const RolloutState& rollout,
             const Safeguards& safeguards, const std::vector<Cluster>& fleet, Timestamp now);

// What would keep a change of these clusters from being made now, for people to read: freezes
// and windows, each with its end. Empty where nothing does.
std::vector<std::string> Barriers(const Application& application, const Safeguards& safeguards,
                                  const std::vector<Cluster>& clusters, Timestamp now);

}  // namespace swell::gate
