#pragma once
// A request's {{ .cluster… }} replaced by one cluster's facts.
//
// A small language of its own rather than Go's templates: values of charts are full of
// templates that `tpl` evaluates later ("{{ .Release.Name }}"), which must pass untouched, and a
// missing label must be an error whatever the form it is asked for in.

#include <string>
#include <string_view>

#include "base/core/result.h"
#include "renderer/pipeline/render.h"

namespace swell {

// What to do with {{ … }} that does not speak of .cluster.
enum class OtherActions { kRefuse, kKeep };

// Errors name the action, and where a label lacks also label and cluster.
Result<std::string> SubstituteCluster(std::string_view text, const ClusterFacts& cluster,
                                      OtherActions others);

// The request with path, value files and values substituted and the path clean.
Result<RenderRequest> ResolveRequest(const RenderRequest& request);

// Whether any of the substituted texts speaks of the cluster.
bool UsesClusterTemplates(const RenderRequest& request);

}  // namespace swell
