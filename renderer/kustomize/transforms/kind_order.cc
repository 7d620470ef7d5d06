#include "renderer/kustomize/transforms/kind_order.h"

namespace swell::kustomize {
namespace {

std::string OrElse(const std::string& text, const char* none) { return text.empty() ? none : text; }

}  // namespace

const std::vector<std::string>& KindsFirst() {
  static const std::vector<std::string> kinds = {
      "Namespace",
      "ResourceQuota",
      "StorageClass",
      "CustomResourceDefinition",
      "ServiceAccount",
      "PodSecurityPolicy",
      "Role",
      "ClusterRole",
      "RoleBinding",
      "ClusterRoleBinding",
      "ConfigMap",
      "Secret",
      "Endpoints",
      "Service",
      "LimitRange",
      "PriorityClass",
      "PersistentVolume",
      "PersistentVolumeClaim",
      "Deployment",
      "StatefulSet",
      "CronJob",
      "PodDisruptionBudget",
  };
  return kinds;
}

const std::vector<std::string>& KindsLast() {
  static const std::vector<std::string> kinds = {"MutatingWebhookConfiguration",
                                                 "ValidatingWebhookConfiguration"};
  return kinds;
}

KindRanks::KindRanks(const std::vector<std::string>& first, const std::vector<std::string>& last) {
  for (std::size_t i = 0; i < first.size(); ++i) {
    ranks_[first[i]] = static_cast<int>(i) - static_cast<int>(first.size());
  }
  for (std::size_t i = 0; i < last.size(); ++i) ranks_[last[i]] = static_cast<int>(i) + 1;
}

int KindRanks::Of(const std::string& kind) const {
  auto rank = ranks_.find(kind);
  return rank == ranks_.end() ? 0 : rank->second;
}

std::string StableGvkText(const GroupVersionKind& gvk) {
  return OrElse(gvk.group, "~G") + "_" + OrElse(gvk.version, "~V") + "_" + OrElse(gvk.kind, "~K");
}

bool GvkLess(const GroupVersionKind& a, const GroupVersionKind& b) {
  static const KindRanks ranks(KindsFirst(), KindsLast());
  const int x = ranks.Of(a.kind);
  const int y = ranks.Of(b.kind);
  return x != y ? x < y : StableGvkText(a) < StableGvkText(b);
}

}  // namespace swell::kustomize
