#pragma once
// Other tools that say, by a mark on a live object, that the object is theirs. Such an object is
// never taken over by itself: SyncSpec.adopt must list the tool.

#include <optional>
#include <string>
#include <vector>

#include "base/value/value.h"
#include "reconciler/domain/application.h"

namespace swell::plan {

struct Manager {
  std::string name;              // "Argo CD"
  std::string key;               // "argocd.argoproj.io/tracking-id"
  std::string value;             // "shop:apps/Deployment:web/w"
  std::optional<Adoption> tool;  // nothing: Swell has no adoption for it
  std::string word;              // the tool in spec.sync.adopt: "argocd"
};

//   Helm               annotation meta.helm.sh/release-name
//   Argo CD            annotation argocd.argoproj.io/tracking-id, where it names this very object:
//                      one that was copied with the rest of an object means nothing
//   Flux               labels kustomize.toolkit.fluxcd.io/name, helm.toolkit.fluxcd.io/name
//   cli-utils          annotation config.k8s.io/owning-inventory
//   kubectl ApplySets  label applyset.kubernetes.io/part-of
std::vector<Manager> ManagersOf(const Value& live);

// Those whose objects the application may not take over.
std::vector<Manager> ForeignManagers(const Value& live, const SyncSpec& sync);

// "is managed by Helm (meta.helm.sh/release-name: web): …" with the way to go on.
std::string WhyNotAdopted(const Manager& manager);

}  // namespace swell::plan
