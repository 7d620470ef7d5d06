#pragma once
// Where in an apply an object belongs: phases, waves and hooks, by Argo CD's and Helm's
// annotations (facts C, "Phases, waves, hooks"). Argo CD's win where both are there.
//
//   argocd.argoproj.io/hook       PreSync, Sync, PostSync: a hook of that phase; several make
//                                 it run in each. Skip: left out.
//   helm.sh/hook                  pre-install, pre-upgrade: PreSync; post-install,
//                                 post-upgrade: PostSync; test: left out; crd-install: no hook.
//   argocd.argoproj.io/sync-wave  the wave; else helm.sh/hook-weight of a hook; else 0
//
// Hooks of other moments (SyncFail, PreDelete, pre-rollback …) are left out with a warning:
// Swell does not run them.

#include <string>
#include <string_view>
#include <vector>

#include "reconciler/domain/plan.h"
#include "renderer/object/object.h"

namespace swell::plan {

struct Stage {
  Phase phase = Phase::kSync;
  int wave = 0;
  friend auto operator<=>(const Stage&, const Stage&) = default;
};

struct Placement {
  bool hook = false;
  std::vector<Stage> stages;  // sorted, unique; empty: the object is left out
  std::string warning;        // why, where the author may miss it; or a bad annotation
};

Placement PlaceObject(const Object& object);

// When a hook's object is deleted; both annotations, comma-separated. BeforeCreation is the
// default where none is given.
struct DeletePolicy {
  bool before_creation = false;
  bool on_success = false;
  bool on_failure = false;
};
DeletePolicy DeletePolicyOf(const Object& object);

// Whether an annotation of the live object says that it must not be pruned; names it.
// "" where it may.
std::string KeepReason(const Value& live);

}  // namespace swell::plan
