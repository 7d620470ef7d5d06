#pragma once
// `crds`: OpenAPI definitions of custom kinds that say which of their fields are names, labels
// or annotations.

#include <string>
#include <string_view>

#include "base/core/result.h"
#include "renderer/kustomize/transforms/config.h"

namespace swell::kustomize {

// Field specs from one file: an object of type name ("com.example.v1.Bee") to {"Schema": …}, JSON
// or YAML; x-kubernetes-annotation, -label-selector, -identity and -object-ref-… count, and $refs
// between the types are followed. Not CustomResourceDefinitions. `file` is for messages.
Result<TransformerConfig> ParseCrdConfig(std::string_view text, const std::string& file,
                                         Budget& budget);

}  // namespace swell::kustomize
