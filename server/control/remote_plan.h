#pragma once
// Plans whose kustomizations name what is remote: a plan is made with what is known of it; what a
// render finds missing is resolved by the poller, and the plan is made again.

#include <functional>

#include "base/net/loop.h"
#include "reconciler/remotes/policy.h"
#include "server/control/poller.h"
#include "server/control/source_plan.h"

namespace swell::control {

// `base` with the remotes mounted that are allowed and at hand, and their pins.
struct MountedRemotes {
  FileTreePtr tree;
  RemotePins pins;
};
MountedRemotes MountRemotes(const Poller& poller, const remotes::Policy& policy,
                            const RemotePins& pins, FileTreePtr base);

// Of everything that a plan's remotes depend on; empty where nothing is allowed or used.
Digest RemotesDigest(const remotes::Policy& policy, const RemotePins& pins);

struct RemotePlanRequest {
  remotes::Policy policy;
  RemotePins pins;  // what is known: used where the remote has not been asked, or does not answer
  // The request, once for each time that the plan is made. On the control loop.
  std::function<Result<PlanRequest>()> make;
};

// What came of it; the pins are those that the plan used, or where it failed all that are known.
using RemotePlanDone = std::move_only_function<void(Result<Planned> planned, RemotePins pins)>;

// On the control loop, and so is `done`, once. Fails as PlanSource; kPermissionDenied where a
// remote is not allowed; as Source::Resolve where it was never resolved and cannot be now.
void PlanWithRemotes(const PlanServices& services, const ChartServices& charts, Poller& poller,
                     net::Loop& control, RemotePlanRequest request, RemotePlanDone done);

}  // namespace swell::control
