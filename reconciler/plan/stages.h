#pragma once
// Where in an apply an object belongs: phases, waves and hooks, by Argo CD's and Helm's
// annotations (facts C, "Phases, waves, hooks"). Argo CD's win where both are there.
//
//   argocd.argoproj.io/hook       PreSync, Sync, PostSync, SyncFail, PreDelete, PostDelete: a hook
//                                 of that phase; several make it run in each. Skip: left out.
//   helm.sh/hook                  pre-install, pre-upgrade: PreSync; post-install,
//                                 post-upgrade: PostSync; pre-delete: PreDelete; post-delete:
//                                 PostDelete; test: left out; crd-install: no hook.
//   argocd.argoproj.io/sync-wave  the wave; else helm.sh/hook-weight of a hook; else 0
//
// Hooks of other moments (pre-rollback, post-rollback) are left out with a warning: Swell does
// not run them. What an object is, is read from what is declared, never from what is live: a
// hook annotation that somebody writes on a live object changes nothing.

#include <string>
#include <string_view>
#include <vector>

#include "reconciler/domain/plan.h"
#include "renderer/object/object.h"

namespace swell::plan {

// Argo CD's finalizer of hooks. Swell never sets it; it takes it away from hooks that it deletes.
inline constexpr char kHookFinalizer[] = "argocd.argoproj.io/hook-finalizer";

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

// For messages: "post-sync".
std::string_view DescribePhase(Phase phase);

// Of the two phases that belong to deleting a whole application.
constexpr bool IsOfDeletion(Phase phase) {
  return phase == Phase::kPreDelete || phase == Phase::kPostDelete;
}

}  // namespace swell::plan
