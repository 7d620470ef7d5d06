#pragma once
// Declared resources in a file, for commands that work without a server.

#include <string>

#include "base/core/result.h"
#include "reconciler/domain/application.h"
#include "renderer/pipeline/render.h"

namespace swell::cli {

// What the server would render of the one Application in `file` for the cluster, but for the
// cluster's version and API list. A Cluster of that name in the file gives its labels; those of
// `cluster` go before them. Errors: those of reading the file; kInvalidArgument where it does not
// hold one Application; kUnimplemented where its source is a chart of a chart repository.
Result<RenderRequest> DeclaredRequest(const std::string& file, Cluster cluster);

}  // namespace swell::cli
