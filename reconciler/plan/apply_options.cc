#include "reconciler/plan/apply_options.h"

#include <algorithm>

#include "base/core/strings.h"
#include "reconciler/diff/immutable.h"

namespace swell::plan {
namespace {

constexpr char kSyncOptions[] = "argocd.argoproj.io/sync-options";
constexpr char kFluxForce[] = "kustomize.toolkit.fluxcd.io/force";

bool MayRecreate(const Object& object, const SyncSpec& sync) {
  if (diff::IsNeverRecreated(object.gvk().group_kind())) return false;
  const std::string_view own = object.annotation(kRecreateAnnotation);
  if (own == "true" || own == "false") return own == "true";
  // Flux takes any spelling of it.
  return sync.recreate || ToLower(object.annotation(kFluxForce)) == "enabled" ||
         HasSyncOption(object, "Force=true");
}

}  // namespace

bool HasSyncOption(const Object& object, std::string_view option) {
  const std::string_view text = object.annotation(kSyncOptions);
  const auto words = Split(text, ',');
  return std::ranges::any_of(words, [&](std::string_view word) { return Trim(word) == option; });
}

ApplyOptions ApplyOptionsOf(const Object& object, const SyncSpec& sync) {
  ApplyOptions options;
  options.recreate = MayRecreate(object, sync);
  options.replace = HasSyncOption(object, "Replace=true");
  options.validate = !HasSyncOption(object, "Validate=false");
  options.skip_missing = HasSyncOption(object, "SkipDryRunOnMissingResource=true");
  options.migrate = !HasSyncOption(object, "ClientSideApplyMigration=false");
  return options;
}

diff::Migration MigrationFor(const Object& object, const SyncSpec& sync) {
  diff::Migration migration;
  migration.api_version = object.gvk().api_version();
  migration.adopt = sync.adopt;
  migration.first_apply = ApplyOptionsOf(object, sync).migrate;
  return migration;
}

}  // namespace swell::plan
