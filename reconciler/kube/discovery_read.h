#pragma once
// One reading of what a cluster serves. For reconciler/kube's own sources.

#include "reconciler/kube/discovery.h"

namespace swell::kube {

// Sends a request unless its owner is gone: then it is dropped.
using Sender = std::function<void(Request, Callback<Response>)>;

// Reads /version, /api and /apis, and whatever else they make necessary. `done` is called
// once, unless the sender drops a request.
void ReadApiResources(Sender send, Callback<ApiResourcesPtr> done);

// The two forms of answers, for tests too.
// APIGroupDiscoveryList (aggregated).
void AddAggregated(const Value& list, std::vector<ApiResource>& to,
                   std::vector<ApiResources::Failure>& failures);
// APIResourceList of one group and version.
void AddResourceList(const Value& list, const std::string& group, const std::string& version,
                     std::vector<ApiResource>& to);

}  // namespace swell::kube
