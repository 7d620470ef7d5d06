// What is known of Kubernetes' own kinds without asking a cluster.

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "renderer/object/object.h"

namespace swell {
namespace {

struct GroupKinds {
  std::string_view group;
  std::vector<std::string_view> kinds;
};

// Kubernetes 1.36, and kinds that older servers still have.
const GroupKinds kClusterScoped[] = {
    {"", {"ComponentStatus", "Namespace", "Node", "PersistentVolume"}},
    {"admissionregistration.k8s.io",
     {"MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "MutatingWebhookConfiguration",
      "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
      "ValidatingWebhookConfiguration"}},
    {"apiextensions.k8s.io", {"CustomResourceDefinition"}},
    {"apiregistration.k8s.io", {"APIService"}},
    {"authentication.k8s.io", {"SelfSubjectReview", "TokenReview"}},
    {"authorization.k8s.io",
     {"SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview"}},
    {"certificates.k8s.io", {"CertificateSigningRequest", "ClusterTrustBundle"}},
    {"flowcontrol.apiserver.k8s.io", {"FlowSchema", "PriorityLevelConfiguration"}},
    {"internal.apiserver.k8s.io", {"StorageVersion"}},
    {"networking.k8s.io", {"IPAddress", "IngressClass", "ServiceCIDR"}},
    {"node.k8s.io", {"RuntimeClass"}},
    {"policy", {"PodSecurityPolicy"}},
    {"rbac.authorization.k8s.io", {"ClusterRole", "ClusterRoleBinding"}},
    {"resource.k8s.io", {"DeviceClass", "DeviceTaintRule", "ResourceClass", "ResourceSlice"}},
    {"scheduling.k8s.io", {"PriorityClass"}},
    {"storage.k8s.io",
     {"CSIDriver", "CSINode", "StorageClass", "VolumeAttachment", "VolumeAttributesClass"}},
    {"storagemigration.k8s.io", {"StorageVersionMigration"}},
};

const GroupKinds kNamespaced[] = {
    {"",
     {"Binding", "ConfigMap", "Endpoints", "Event", "LimitRange", "PersistentVolumeClaim", "Pod",
      "PodTemplate", "ReplicationController", "ResourceQuota", "Secret", "Service",
      "ServiceAccount"}},
    {"apps", {"ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"}},
    {"authorization.k8s.io", {"LocalSubjectAccessReview"}},
    {"autoscaling", {"HorizontalPodAutoscaler"}},
    {"batch", {"CronJob", "Job"}},
    {"certificates.k8s.io", {"PodCertificateRequest"}},
    {"coordination.k8s.io", {"Lease", "LeaseCandidate"}},
    {"discovery.k8s.io", {"EndpointSlice"}},
    {"events.k8s.io", {"Event"}},
    {"extensions", {"DaemonSet", "Deployment", "Ingress", "NetworkPolicy", "ReplicaSet"}},
    {"networking.k8s.io", {"Ingress", "NetworkPolicy"}},
    {"policy", {"Eviction", "PodDisruptionBudget"}},
    {"rbac.authorization.k8s.io", {"Role", "RoleBinding"}},
    {"resource.k8s.io", {"ResourceClaim", "ResourceClaimTemplate"}},
    {"storage.k8s.io", {"CSIStorageCapacity"}},
};

template <std::size_t N>
bool Holds(const GroupKinds (&table)[N], const GroupKind& kind) {
  for (const GroupKinds& row : table) {
    if (row.group == kind.group) return std::ranges::find(row.kinds, kind.kind) != row.kinds.end();
  }
  return false;
}

// helm's kind_sorter.go, InstallOrder; kinds only, whatever the group, as helm compares them.
constexpr std::string_view kInstallOrder[] = {
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
};

}  // namespace

bool IsClusterScopedBuiltin(const GroupKind& kind) { return Holds(kClusterScoped, kind); }

bool IsNamespacedBuiltin(const GroupKind& kind) { return Holds(kNamespaced, kind); }

int InstallRank(std::string_view kind) {
  static const auto ranks = [] {
    std::unordered_map<std::string_view, int> map;
    for (const std::string_view name : kInstallOrder) map.emplace(name, map.size());
    return map;
  }();
  const auto it = ranks.find(kind);
  return it == ranks.end() ? static_cast<int>(std::size(kInstallOrder)) : it->second;
}

// A webhook that is there before the pods behind it run would refuse the custom resources that come
// with it; helm, which applies those last, meets that with every operator's chart.
int ApplyRank(const GroupKind& kind) {
  static const int last = InstallRank("APIService");
  const int rank = InstallRank(kind.kind);
  if (rank < last) return rank;
  return rank == InstallRank("") ? last : rank + 1;
}

}  // namespace swell
