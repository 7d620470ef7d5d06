#include "reconciler/plan/expect.h"

#include <algorithm>

#include "base/core/strings.h"
#include "reconciler/diff/conflicts.h"
#include "reconciler/diff/immutable.h"
#include "reconciler/plan/apply_options.h"

namespace swell::plan {
namespace {

std::string Owners(const diff::FieldConflict& conflict) {
  std::vector<std::string> quoted;
  for (const std::string& manager : conflict.managers) quoted.push_back(Quote(manager));
  return Join(quoted, ", ");
}

void WarnOfImmutable(const Object& object, const Value& live, const SyncSpec& sync,
                     Expectation& out) {
  const std::vector<std::string> paths = diff::ImmutableChanges(live, out.changes);
  if (paths.empty()) return;
  const std::string what =
      object.id().ToString() + ": Kubernetes never changes " + Join(paths, ", ");
  if (ApplyOptionsOf(object, sync).recreate) {
    out.warnings.push_back(what + ": the object is deleted and created anew");
  } else if (diff::IsNeverRecreated(object.gvk().group_kind())) {
    out.warnings.push_back(what + ": the apply will be refused");
  } else {
    out.warnings.push_back(what + ": the apply will be refused unless the object may be deleted " +
                           "and created anew (sync.recreate, or annotation " + kRecreateAnnotation +
                           ": \"true\")");
  }
}

// What was applied last does not know of fields that only become ours, and go, by the migration.
void AddMigrated(const Object& object, const Basis& basis, Expectation& out) {
  for (FieldChange& change : diff::Compare(object.value, basis.live, Value(), basis.options)) {
    const bool known = std::ranges::any_of(
        out.changes, [&](const FieldChange& other) { return other.path == change.path; });
    if (known || !change.after.empty()) continue;
    change.cause = ChangeCause::kAdopted;
    out.changes.push_back(std::move(change));
  }
}

}  // namespace

Basis BasisOf(const Object& object, const Value& live, const SyncSpec& sync,
              diff::Options options) {
  Basis out{.live = live, .options = std::move(options), .migrated = false, .warnings = {}};
  const bool replaced = ApplyOptionsOf(object, sync).replace;
  const auto migrated =
      replaced ? std::nullopt : diff::MigrateOwnership(live, MigrationFor(object, sync));
  out.migrated = migrated.has_value();
  if (migrated) out.live = *migrated;
  if (!replaced && !diff::TakesAll(sync, object.id())) {
    for (const diff::FieldConflict& conflict :
         diff::FindConflicts(object.value, out.live, out.options.field_manager)) {
      switch (diff::PolicyOf(sync, object.id(), conflict.desired)) {
        case ConflictPolicy::kTake:
          break;
        case ConflictPolicy::kKeep:
          out.options.ignore.pointers.push_back(conflict.live);
          break;
        case ConflictPolicy::kFail:
          out.warnings.push_back(object.id().ToString() + ": " + conflict.path + " belongs to " +
                                 Owners(conflict) +
                                 ": the apply will be refused (sync.conflicts: fail)");
      }
    }
  }
  return out;
}

Expectation ExpectApply(const Object& object, const Value& live, const Value& last_applied,
                        const SyncSpec& sync, diff::Options options) {
  Basis basis = BasisOf(object, live, sync, std::move(options));
  Expectation out{.changes = diff::Compare(object.value, basis.live, last_applied, basis.options),
                  .warnings = std::move(basis.warnings)};
  // What was another tool's is adopted, whatever the migration made of its ownership.
  if (basis.migrated && last_applied.is_null()) {
    for (FieldChange& change : out.changes) change.cause = ChangeCause::kAdopted;
  }
  if (basis.migrated && !last_applied.is_null()) AddMigrated(object, basis, out);
  WarnOfImmutable(object, live, sync, out);
  return out;
}

}  // namespace swell::plan
