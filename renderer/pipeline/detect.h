#pragma once
// What a folder holds.

#include <string_view>

#include "base/core/result.h"
#include "renderer/pipeline/render.h"

namespace swell {

// Chart.yaml: helm; kustomization.yaml, kustomization.yml or Kustomization: kustomize; anything
// else is a directory of manifests. kNotFound where there is no such folder. Never kDetect.
Result<SourceType> DetectSourceType(const FileTree& tree, std::string_view path);

// "helm", as resources and the ledger spell it.
std::string_view SourceTypeName(SourceType type);

}  // namespace swell
