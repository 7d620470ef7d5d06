#pragma once
// Diff: what an apply of the desired state would change in one live object, and why. Pure;
// thread-safe. Rules: facts B of the engine.

#include <string>
#include <string_view>
#include <vector>

#include "base/value/value.h"
#include "reconciler/diff/ignore.h"
#include "reconciler/domain/plan.h"
#include "renderer/schema/custom_types.h"

namespace swell::diff {

// How FieldChange::path names the items of keyed lists.
enum class PathStyle {
  kReadable,  // "/spec/containers/[name=web]/image": the same on every cluster
  kPointer,   // a JSON pointer into the live object: "/spec/containers/0/image", new items "-"
};

struct Options {
  // Where no last applied is known otherwise, what this manager owns by Apply in live's
  // managedFields plays it (fields that others own too would survive an apply and count for
  // nothing). "" turns that off.
  std::string field_manager;
  // Likewise, after field_manager: kubectl's last-applied annotation on the live object.
  bool use_annotation = false;
  IgnoreRules ignore;
  // Gets a line for each ignore rule that had to be given up; may be null.
  std::vector<std::string>* ignore_problems = nullptr;
  // The types of custom resources; null where none are known. Must outlive the call.
  const schema::CustomTypes* custom_types = nullptr;
  PathStyle path_style = PathStyle::kReadable;
};

// The fields that differ, in the order of their paths; empty where the object is in sync.
//
// Only fields that `desired` states, or that were applied last and are not desired any more,
// count; what the server makes (status, uid, managedFields, defaults …) never does. Lists are
// merged as server-side apply merges them: by the keys of built-in types and of the CRDs at hand,
// by the keys that managedFields show for other types, as a whole otherwise. `last_applied` is null
// where none is recorded. Values of Secrets are never in the result. Requires objects of one kind;
// nothing more is checked.
std::vector<FieldChange> Compare(const Value& desired, const Value& live, const Value& last_applied,
                                 const Options& options = {});

}  // namespace swell::diff
