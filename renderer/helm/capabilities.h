#pragma once
// .Capabilities: what the cluster can do, given or helm 4.1.4's own defaults.

#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"

namespace swell::helm {

struct KubeVersion {
  std::string version;     // "v1.27.3-gke.100+b"
  std::string normalized;  // "v1.27.3": what constraints are checked against
  std::string major;
  std::string minor;
};

// "1.25", "v1.27.3-gke.100". Errors as apimachinery's ParseGeneric.
Result<KubeVersion> ParseKubeVersion(std::string_view text);
// v1.35.0, helm 4.1.4's.
const KubeVersion& DefaultKubeVersion();
// The 57 group versions of client-go 0.35, in helm's order.
const std::vector<std::string>& DefaultApiVersions();

struct Capabilities {
  KubeVersion kube_version = DefaultKubeVersion();
  std::vector<std::string> api_versions = DefaultApiVersions();
};

}  // namespace swell::helm
