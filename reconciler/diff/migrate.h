#pragma once
// Migration of field ownership: what another tool set becomes ours, so that a field that leaves
// Git leaves the cluster as well. Pure; thread-safe.
//
// A server-side apply removes only what its own manager applied before. What kubectl apply, Helm,
// Argo CD or Flux wrote stays theirs in metadata.managedFields, and would stay in the object for
// ever. As Kubernetes' own csaupgrade does, the entries are joined into ours before the first
// apply (facts: engine.md C, "Server-side apply").

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/value/value.h"
#include "reconciler/domain/application.h"

namespace swell::diff {

struct Migration {
  std::string manager = kFieldManager;  // becomes the owner
  std::string api_version;              // that we apply in: "apps/v1"
  std::vector<Adoption> adopt;          // tools whose entries are taken over as well
  // Entries that only the first apply takes over: kubectl's and those of `adopt`. Off for objects
  // that say argocd.argoproj.io/sync-options: ClientSideApplyMigration=false.
  bool first_apply = true;
  // Whether an apiVersion of the object's group is served. Entries in one that is not are
  // rewritten: the server forgets those, and with them whose the fields are. Empty: all are.
  std::function<bool(std::string_view)> is_served;
};

// The live object as the migration leaves it, or nothing where there is nothing to migrate.
//
// Taken over: always the Update entries of `manager` itself and of before-first-apply; while
// `manager` has applied nothing yet also those of kubectl (kubectl, kubectl-client-side-apply,
// kubectl-edit, …, and what "kubectl apply --server-side" applied) and of `adopt`. Entries of
// subresources (status, scale) never are. Together with kubectl's entries goes its last-applied
// annotation. `live` must hold its managedFields.
std::optional<Value> MigrateOwnership(const Value& live, const Migration& migration);

// The JSON patch from `live` to what MigrateOwnership returned. It names live's resourceVersion:
// where the object has changed since, the server refuses it (409), and nothing is lost. One
// request, so an object is never left without an owner; repeated, it changes nothing.
Value MigrationPatch(const Value& live, const Value& migrated);

}  // namespace swell::diff
