#pragma once
// One transformer of a kustomization, configured and ready to run.

#include <functional>
#include <optional>
#include <vector>

#include "base/core/result.h"
#include "renderer/kustomize/transforms/origin.h"
#include "renderer/kustomize/transforms/resource_map.h"

namespace swell::kustomize {

struct Step {
  std::function<Status(ResourceMap&)> run;
  // What the objects are told of it; nothing where the build keeps no such notes.
  std::optional<Origin> origin;
};

}  // namespace swell::kustomize
