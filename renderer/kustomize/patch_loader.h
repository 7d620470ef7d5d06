#pragma once
// Reading patches: from files or in place, strategic merge or RFC 6902.

#include <string>
#include <vector>

#include "base/core/result.h"
#include "renderer/kustomize/kustomization.h"
#include "renderer/kustomize/loader.h"
#include "renderer/kustomize/transforms/patches.h"

namespace swell::kustomize {

// An entry of `patches`: the text must be one of the two kinds.
Result<Patch> LoadPatch(const Loader& loader, const PatchEntry& entry);
// patchesStrategicMerge: each entry is YAML in place or a path.
Result<std::vector<Value>> LoadStrategicMerges(const Loader& loader,
                                               const std::vector<std::string>& entries);
// The operations of an entry of patchesJson6902.
Result<Value> LoadJsonPatch(const Loader& loader, const PatchEntry& entry);

}  // namespace swell::kustomize
