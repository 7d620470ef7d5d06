#pragma once
// Names of releases that nobody gave.

#include <string>
#include <string_view>

#include "base/core/result.h"
#include "renderer/helm/helm.h"

namespace swell::helm {

// helm's --name-template: a template over helm's functions, without any data. Errors are the
// template's.
Result<std::string> NameFromTemplate(std::string_view text, const Options& options);

// helm's --generate-name: the chart's name and the clock ("web-1700000000"). Where the render keeps
// values (Options::stable) it is made once for the chart of this folder, so that it does not change
// from render to render.
Result<std::string> GeneratedName(std::string_view chart_folder, const Options& options);

}  // namespace swell::helm
