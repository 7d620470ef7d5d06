#pragma once
// Discovery: which groups, versions and kinds a simulated cluster serves; its version.

#include <string>
#include <string_view>

#include "base/value/value.h"
#include "server/sandbox/message.h"
#include "server/sandbox/resource.h"
#include "server/sandbox/route.h"

namespace swell::sandbox::discovery {

// "v1.36.0" -> what /version says; gitVersion ends in "+swell-sandbox".
Value Version(std::string_view kubernetes_version);

// /api, /apis, /apis/GROUP and /api(s)/…/VERSION. Aggregated (v2) where Accept asks for it.
// Answers 304 where the client holds the current ETag.
Response Answer(const Route& route, const Request& request, const Registry& registry);

// /openapi/v3 and below; /openapi/v2. Paths with their verbs, no schemas: what kubectl needs to
// learn that the server validates fields and dry-runs.
Response OpenApi(const Request& request, const Registry& registry);

}  // namespace swell::sandbox::discovery
