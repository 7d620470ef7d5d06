#pragma once
// The one gatekeeper: every path that writes to a cluster asks it first.

#include <string>
#include <vector>

#include "base/core/clock.h"
#include "reconciler/domain/application.h"
#include "reconciler/domain/ledger.h"
#include "reconciler/domain/plan.h"

namespace swell::gate {

enum class Cause { kAutoSync, kManualSync, kSelfHeal, kRollback, kDeletion };

struct Request {
  Cause cause = Cause::kAutoSync;
  std::string actor;
  const Application* application = nullptr;             // never null
  const Plan* plan = nullptr;                           // never null
  const std::vector<Quarantine>* quarantine = nullptr;  // the application's; never null
  bool rollout_running = false;
};

struct Decision {
  enum class Verdict { kAllow, kHold, kRefuse };
  Verdict verdict = Verdict::kAllow;
  std::string reason;  // of kHold and kRefuse: what it waits for or why never
};

Decision Decide(const Request& request, Timestamp now);

// Whether the application may be deleted at all, whatever becomes of its objects.
Decision DecideDeletion(const Application& application);

}  // namespace swell::gate
