#pragma once
// The arguments of `swell helm template`: helm's own, as pflag reads them.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "renderer/helm/helm.h"

namespace swell::cli {

extern const std::string_view kHelmTemplateUsage;

struct HelmTemplateRequest {
  std::vector<std::string> positional;
  std::vector<std::string> value_files;
  std::vector<std::string> show_only;
  helm::ValueSources values;  // without the value files, which are not read yet
  helm::Options options;
  bool skip_tests = false;
  bool skip_crds = false;
  bool debug = false;  // print what was rendered even if it is no YAML
  // Of a chart that is fetched.
  std::string repo;
  std::string version;
  bool plain_http = false;
};

// The words after "helm template". Flags are --flag=value, --flag value, -n v or -nv; "--" ends
// them. helm's flags that change nothing in what it prints are taken and change nothing; those
// that Swell cannot do are kUnimplemented with what to do instead, and unknown ones
// kInvalidArgument.
Result<HelmTemplateRequest> ParseHelmTemplate(std::span<const std::string> args);

}  // namespace swell::cli
