#pragma once
// How rendered objects become a Manifest. Internal to renderer/pipeline; the manifest itself is
// in render.h.

#include <string>
#include <vector>

#include "base/core/result.h"
#include "renderer/pipeline/render.h"

namespace swell {

// Gives built-in namespaced objects their namespace, checks budgets and uniqueness, sorts, and
// digests. No object at all is kFailedPrecondition: an empty render never stands for "delete
// everything".
Result<Manifest> AssembleManifest(std::vector<Object> objects, const std::string& ns,
                                  const RenderLimits& limits);

// Roughly what the manifest occupies in memory.
std::size_t ManifestBytes(const Manifest& manifest);

}  // namespace swell
