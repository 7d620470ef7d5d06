#pragma once
// A folder of plain manifests.

#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "renderer/object/object.h"
#include "renderer/pipeline/render.h"

namespace swell {

// The objects of every *.yaml, *.yml and *.json below `path` (directly in it, where recurse is
// false), in the order of paths. Read as kubectl reads them (YAML 1.1), but duplicate keys are
// refused. include and exclude are globs (GlobMatch) on the path below `path`. A document that
// is no Kubernetes object is an error with file and line.
Result<std::vector<Object>> RenderDirectory(const FileTree& tree, std::string_view path,
                                            const DirectoryParameters& parameters,
                                            const RenderLimits& limits);

}  // namespace swell
