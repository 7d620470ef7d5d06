#pragma once
// How one object wants to be applied: its annotations, in Argo CD's, Flux's and Swell's spelling,
// together with what the application says (docs/apply.md, "Options of one object").
//
//   argocd.argoproj.io/sync-options       Replace=true, Force=true, Validate=false,
//                                         SkipDryRunOnMissingResource=true,
//                                         ClientSideApplyMigration=false
//   kustomize.toolkit.fluxcd.io/force     enabled
//   swell.dev/recreate                    "true"; "false" says no where the application says yes

#include <string_view>

#include "reconciler/diff/migrate.h"
#include "reconciler/domain/application.h"
#include "renderer/object/object.h"

namespace swell::plan {

inline constexpr char kRecreateAnnotation[] = "swell.dev/recreate";

struct ApplyOptions {
  // An object whose change touches an immutable field is deleted and created anew.
  bool recreate = false;
  // Replaced as a whole (PUT) instead of applied: what others set in it goes.
  bool replace = false;
  // The server complains about unknown and duplicate fields. A server-side apply refuses unknown
  // fields whatever is asked.
  bool validate = true;
  // The kind may be served only later, by something that the same application brings.
  bool skip_missing = false;
  // kubectl's fields become ours at the first apply (diff::MigrateOwnership).
  bool migrate = true;
};

ApplyOptions ApplyOptionsOf(const Object& object, const SyncSpec& sync);

// Whether Argo CD's sync-options on the object name that option: "Replace=true".
bool HasSyncOption(const Object& object, std::string_view option);

// The migration that comes before an apply of the object. `is_served` is left empty.
diff::Migration MigrationFor(const Object& object, const SyncSpec& sync);

}  // namespace swell::plan
