#pragma once
// What an apply of one object will do to the live one: the diff, with what the application's
// policies about other field managers and immutable fields make of it.

#include <string>
#include <vector>

#include "reconciler/diff/diff.h"
#include "reconciler/domain/application.h"
#include "reconciler/domain/plan.h"

namespace swell::plan {

// How an object is compared: by its policies and with its ownership as the apply makes it.
struct Basis {
  Value live;             // migrated, where the apply will migrate it
  diff::Options options;  // with what is left to other managers ignored
  bool migrated = false;
  std::vector<std::string> warnings;
};
Basis BasisOf(const Object& object, const Value& live, const SyncSpec& sync, diff::Options options);

struct Expectation {
  std::vector<FieldChange> changes;  // empty: an apply would change nothing
  std::vector<std::string> warnings;
};

// `live` with its managedFields where they are known. Fields that sync.conflicts or a rule leaves
// to other managers are no change; fields that another tool set and that the apply's migration
// makes ours are removed where they are not desired. Warns of conflicts that will fail the apply,
// and of changes that Kubernetes never makes. `options` are diff::Compare's.
Expectation ExpectApply(const Object& object, const Value& live, const Value& last_applied,
                        const SyncSpec& sync, diff::Options options);

}  // namespace swell::plan
