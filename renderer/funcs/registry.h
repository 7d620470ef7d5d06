#pragma once
// Helm 4's whole function map: text/template's built-ins, sprig, and helm's own.

#include <memory>

#include "renderer/gotemplate/function.h"

namespace swell::funcs {

// Made once; may be shared by any number of threads. Requires the session's host to be a
// HelmHost (helm_host.h). Not there, as in helm: env, expandenv.
std::shared_ptr<const gotemplate::FunctionMap> HelmFunctions();

}  // namespace swell::funcs
