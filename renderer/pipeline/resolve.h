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

// What a fact may consist of. A text that is read as YAML, or as an image or a selector, once facts
// are in it takes plain ones, so that none changes what the text is: what Kubernetes allows as a
// label's value (letters, digits, '-', '_', '.', the ends letters or digits; or nothing).
enum class FactText { kAny, kPlain };

// Errors name the action, and where a label lacks, or is not plain, also label and cluster.
Result<std::string> SubstituteCluster(std::string_view text, const ClusterFacts& cluster,
                                      OtherActions others, FactText facts = FactText::kAny);

// The request with path, value files, values and kustomize's parameters substituted and the path
// clean. Facts in kustomize's parameters are plain; keys of maps are left as they are.
Result<RenderRequest> ResolveRequest(const RenderRequest& request);

// Whether any of the substituted texts speaks of the cluster.
bool UsesClusterTemplates(const RenderRequest& request);

}  // namespace swell
