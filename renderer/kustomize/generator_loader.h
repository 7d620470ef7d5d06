#pragma once
// ConfigMap and Secret generators with the files that they read.

#include <optional>

#include "base/core/result.h"
#include "renderer/kustomize/accumulate.h"

namespace swell::kustomize {

enum class GeneratorKind : std::uint8_t { kConfigMap, kSecret };

// One generated object. `global` are the generatorOptions of the kustomization.
Result<Resource> Generate(const Loader& loader, GeneratorKind kind, const GeneratorEntry& entry,
                          const GeneratorOptions& global);

// All of the kustomization's, added to or merged into the map: ConfigMaps, then Secrets.
Status AddGenerated(const Target& target, ResourceMap& map);

// What one generator made, into the map. `origin` is the generator's.
Status AbsorbGenerated(ResourceMap generated, const std::optional<Origin>& origin,
                       ResourceMap& map);

// The origin of a built-in generator that the kustomization's own fields configure.
std::optional<Origin> GeneratorOrigin(const Target& target, const char* kind);

}  // namespace swell::kustomize
