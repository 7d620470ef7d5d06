#include "renderer/helm/capabilities.h"

#include <charconv>

#include "base/core/strings.h"

namespace swell::helm {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Result<KubeVersion> ParseKubeVersion(std::string_view text) {
  const auto malformed = [&] {
    return Fail(InvalidArgument("could not parse " + Quote(text) + " as version"));
  };
  std::string_view rest = Trim(text);
  if (rest.starts_with('v')) rest.remove_prefix(1);
  // Numbers and dots; whatever follows is left out of the version proper.
  std::vector<std::string> parts(1);
  std::size_t i = 0;
  for (; i < rest.size(); ++i) {
    if (IsDigit(rest[i])) {
      parts.back() += rest[i];
    } else if (rest[i] == '.' && i + 1 < rest.size() && IsDigit(rest[i + 1])) {
      parts.emplace_back();
    } else {
      break;
    }
  }
  if (parts.size() < 2) return malformed();
  std::string normalized = "v";
  for (std::string& part : parts) {
    if (part.empty() || (part.size() > 1 && part[0] == '0') || part.size() > 18) return malformed();
    if (normalized.size() > 1) normalized += '.';
    normalized += part;
  }
  KubeVersion out;
  out.version = text.starts_with('v') ? std::string(text) : "v" + std::string(text);
  out.normalized = std::move(normalized);
  out.major = parts[0];
  out.minor = parts[1];
  return out;
}

const KubeVersion& DefaultKubeVersion() {
  static const KubeVersion kVersion{"v1.35.0", "v1.35.0", "1", "35"};
  return kVersion;
}

const std::vector<std::string>& DefaultApiVersions() {
  // Group versions in the order of helm's own list (client-go's scheme).
  static const std::vector<std::string> kVersions = {
      "v1",
      "admissionregistration.k8s.io/v1",
      "admissionregistration.k8s.io/v1alpha1",
      "admissionregistration.k8s.io/v1beta1",
      "internal.apiserver.k8s.io/v1alpha1",
      "apps/v1",
      "apps/v1beta1",
      "apps/v1beta2",
      "authentication.k8s.io/v1",
      "authentication.k8s.io/v1alpha1",
      "authentication.k8s.io/v1beta1",
      "authorization.k8s.io/v1",
      "authorization.k8s.io/v1beta1",
      "autoscaling/v1",
      "autoscaling/v2",
      "autoscaling/v2beta1",
      "autoscaling/v2beta2",
      "batch/v1",
      "batch/v1beta1",
      "certificates.k8s.io/v1",
      "certificates.k8s.io/v1beta1",
      "certificates.k8s.io/v1alpha1",
      "coordination.k8s.io/v1alpha2",
      "coordination.k8s.io/v1beta1",
      "coordination.k8s.io/v1",
      "discovery.k8s.io/v1",
      "discovery.k8s.io/v1beta1",
      "events.k8s.io/v1",
      "events.k8s.io/v1beta1",
      "extensions/v1beta1",
      "flowcontrol.apiserver.k8s.io/v1",
      "flowcontrol.apiserver.k8s.io/v1beta1",
      "flowcontrol.apiserver.k8s.io/v1beta2",
      "flowcontrol.apiserver.k8s.io/v1beta3",
      "networking.k8s.io/v1",
      "networking.k8s.io/v1beta1",
      "node.k8s.io/v1",
      "node.k8s.io/v1alpha1",
      "node.k8s.io/v1beta1",
      "policy/v1",
      "policy/v1beta1",
      "rbac.authorization.k8s.io/v1",
      "rbac.authorization.k8s.io/v1beta1",
      "rbac.authorization.k8s.io/v1alpha1",
      "resource.k8s.io/v1",
      "resource.k8s.io/v1beta2",
      "resource.k8s.io/v1beta1",
      "resource.k8s.io/v1alpha3",
      "scheduling.k8s.io/v1alpha1",
      "scheduling.k8s.io/v1beta1",
      "scheduling.k8s.io/v1",
      "storage.k8s.io/v1beta1",
      "storage.k8s.io/v1",
      "storage.k8s.io/v1alpha1",
      "storagemigration.k8s.io/v1beta1",
      "apiextensions.k8s.io/v1beta1",
      "apiextensions.k8s.io/v1",
  };
  return kVersions;
}

}  // namespace swell::helm
