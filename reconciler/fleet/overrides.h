#pragma once
// What one cluster gets of an application.

#include "reconciler/domain/application.h"

namespace swell::fleet {

// The source with the first of its overrides whose clusters match laid over it, and no overrides
// any more. Its path takes the source's place; value files, and the lists among kustomize's
// parameters, come after the source's; maps are merged key by key; everything else, lists in
// helm's values and null as well, takes the place of what the source says.
SourceSpec SourceFor(const SourceSpec& source, const Cluster& cluster);

// The render of the application for the cluster, but for the revision and for what only the cluster
// itself can tell: its version and API list.
RenderRequest RequestFor(const Application& application, const Cluster& cluster);

}  // namespace swell::fleet
