#pragma once
// Applying patches to the resources that they are for.

#include <optional>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "renderer/kustomize/transforms/merge_schema.h"
#include "renderer/kustomize/transforms/resource_map.h"
#include "renderer/kustomize/transforms/selector.h"

namespace swell::kustomize {

// How a patch finds a strategic merge's object where there is no target: by id.
struct Patch {
  // Strategic merge patches (objects with kind and name), or …
  std::vector<Value> merges;
  // … RFC 6902 operations (an array); null where `merges` counts.
  Value operations;
  std::optional<Selector> target;
  bool allow_name_change = false;
  bool allow_kind_change = false;
  std::string source;  // for messages: "[path: \"patch.yaml\"]"
};

// An entry of `patches`. Errors: a target-less merge that matches nothing or several, JSON
// operations without a target or that do not apply, a shape that does not fit.
Status ApplyPatch(ResourceMap& map, const Patch& patch, const MergeSchema& types);

// An entry of patchesStrategicMerge: each document finds its object by id.
Status ApplyMergeById(ResourceMap& map, const Value& patch, const MergeSchema& types);

// An entry of patchesJson6902.
Status ApplyJsonPatchEntry(ResourceMap& map, const Selector& target, const Value& operations);

// RFC 6902 as kustomize's library reads it: numbers become float64, replacing an absent key
// adds it, negative indices count from the end.
Result<Value> ApplyKustomizeJsonPatch(const Value& object, const Value& operations, Budget& budget);

}  // namespace swell::kustomize
