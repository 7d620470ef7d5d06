#include "reconciler/plan/managers.h"

#include <algorithm>

#include "base/core/strings.h"
#include "renderer/object/object.h"

namespace swell::plan {
namespace {

struct Known {
  const char* where;  // "annotations", "labels"
  std::string_view key;
  const char* name;
  std::optional<Adoption> tool;
  const char* word;  // in spec.sync.adopt
};

constexpr char kTrackingId[] = "argocd.argoproj.io/tracking-id";

constexpr Known kKnown[] = {
    {"annotations", "meta.helm.sh/release-name", "Helm", Adoption::kHelm, "helm"},
    {"annotations", kTrackingId, "Argo CD", Adoption::kArgoCd, "argocd"},
    {"labels", "kustomize.toolkit.fluxcd.io/name", "Flux", Adoption::kFlux, "flux"},
    {"labels", "helm.toolkit.fluxcd.io/name", "Flux", Adoption::kFlux, "flux"},
    {"annotations", "config.k8s.io/owning-inventory", "cli-utils (kpt)", {}, ""},
    {"labels", "applyset.kubernetes.io/part-of", "a kubectl ApplySet", {}, ""},
};

// "app:group/Kind:namespace/name"; of cluster-scoped objects the namespace is the application's.
bool NamesThisObject(std::string_view tracking_id, const Value& live) {
  const auto parts = Split(tracking_id, ':');
  if (parts.size() < 3) return false;
  const std::string_view kind = parts[parts.size() - 2];
  const std::string_view where = parts.back();
  const ObjectId id = Object{live, "live"}.id();
  if (kind != id.group + "/" + id.kind) return false;
  const auto slash = where.find('/');
  if (slash == std::string_view::npos || where.substr(slash + 1) != id.name) return false;
  return id.ns.empty() || where.substr(0, slash) == id.ns;
}

}  // namespace

std::vector<Manager> ManagersOf(const Value& live) {
  std::vector<Manager> out;
  for (const Known& known : kKnown) {
    const std::string_view value = live["metadata"][known.where][known.key].as_string();
    if (value.empty()) continue;
    if (known.key == kTrackingId && !NamesThisObject(value, live)) continue;
    out.push_back({known.name, std::string(known.key), std::string(value), known.tool, known.word});
  }
  return out;
}

std::vector<Manager> ForeignManagers(const Value& live, const SyncSpec& sync) {
  std::vector<Manager> out = ManagersOf(live);
  std::erase_if(out, [&](const Manager& manager) {
    return manager.tool && std::ranges::find(sync.adopt, *manager.tool) != sync.adopt.end();
  });
  return out;
}

std::string WhyNotAdopted(const Manager& manager) {
  return "is managed by " + manager.name + " (" + manager.key + ": " + manager.value +
         "), and two tools must not apply one object: take it out of " + manager.name +
         " without deleting it" +
         (manager.tool ? " and set spec.sync.adopt: [" + manager.word + "]"
                       : ", and remove " + manager.key);
}

}  // namespace swell::plan
