#pragma once
// ConfigMap and Secret generators with the files that they read.

#include "base/core/result.h"
#include "renderer/kustomize/kustomization.h"
#include "renderer/kustomize/loader.h"
#include "renderer/kustomize/transforms/resource_map.h"

namespace swell::kustomize {

enum class GeneratorKind : std::uint8_t { kConfigMap, kSecret };

// One generated object. `global` are the generatorOptions of the kustomization.
Result<Resource> Generate(const Loader& loader, GeneratorKind kind, const GeneratorEntry& entry,
                          const GeneratorOptions& global);

// All of the kustomization's, added to or merged into the map: ConfigMaps, then Secrets.
Status AddGenerated(const Loader& loader, const Kustomization& kustomization, ResourceMap& map);

}  // namespace swell::kustomize
