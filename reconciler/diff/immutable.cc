#include "reconciler/diff/immutable.h"

#include <algorithm>
#include <array>
#include <span>

#include "renderer/object/object.h"

namespace swell::diff {
namespace {

// As the kinds' Validate…Update of Kubernetes 1.36 has it: what is at or below a path never
// changes.
struct Rule {
  const char* group;
  const char* kind;
  const char* path;
};

constexpr std::array kRules = std::to_array<Rule>({
    {"apps", "Deployment", "/spec/selector"},
    {"apps", "DaemonSet", "/spec/selector"},
    {"apps", "ReplicaSet", "/spec/selector"},
    {"apps", "StatefulSet", "/spec/selector"},
    {"apps", "StatefulSet", "/spec/serviceName"},
    {"apps", "StatefulSet", "/spec/podManagementPolicy"},
    {"apps", "StatefulSet", "/spec/volumeClaimTemplates"},
    {"batch", "Job", "/spec/selector"},
    {"batch", "Job", "/spec/template"},
    {"batch", "Job", "/spec/completionMode"},
    {"batch", "Job", "/spec/podFailurePolicy"},
    {"batch", "Job", "/spec/backoffLimitPerIndex"},
    {"batch", "Job", "/spec/successPolicy"},
    {"batch", "Job", "/spec/managedBy"},
    {"rbac.authorization.k8s.io", "RoleBinding", "/roleRef"},
    {"rbac.authorization.k8s.io", "ClusterRoleBinding", "/roleRef"},
    {"storage.k8s.io", "StorageClass", "/provisioner"},
    {"storage.k8s.io", "StorageClass", "/parameters"},
    {"storage.k8s.io", "StorageClass", "/reclaimPolicy"},
    {"storage.k8s.io", "StorageClass", "/volumeBindingMode"},
    {"scheduling.k8s.io", "PriorityClass", "/value"},
    {"scheduling.k8s.io", "PriorityClass", "/preemptionPolicy"},
    {"node.k8s.io", "RuntimeClass", "/handler"},
    {"networking.k8s.io", "IngressClass", "/spec/controller"},
    {"", "Secret", "/type"},
    {"", "PersistentVolumeClaim", "/spec/accessModes"},
    {"", "PersistentVolumeClaim", "/spec/dataSource"},
    {"", "PersistentVolumeClaim", "/spec/dataSourceRef"},
    {"", "PersistentVolumeClaim", "/spec/selector"},
    {"", "PersistentVolumeClaim", "/spec/storageClassName"},
    {"", "PersistentVolumeClaim", "/spec/volumeMode"},
});

bool IsAtOrBelow(std::string_view path, std::string_view rule) {
  return path.starts_with(rule) && (path.size() == rule.size() || path[rule.size()] == '/');
}

bool IsImmutable(const GroupKind& kind, const Value& live, std::string_view path) {
  for (const Rule& rule : kRules) {
    if (kind.group != rule.group || kind.kind != rule.kind) continue;
    if (IsAtOrBelow(path, rule.path)) return true;
  }
  if (!kind.group.empty()) return false;
  if (kind.kind == "Service") {
    const bool addressed = !live["spec"]["clusterIP"].as_string().empty();
    return addressed && live["spec"]["type"].as_string() != "ExternalName" &&
           (path == "/spec/clusterIP" || IsAtOrBelow(path, "/spec/clusterIPs"));
  }
  if (kind.kind == "ConfigMap" || kind.kind == "Secret") {
    return live["immutable"].as_bool() &&
           (IsAtOrBelow(path, "/data") || IsAtOrBelow(path, "/binaryData") || path == "/immutable");
  }
  return false;
}

}  // namespace

std::vector<std::string> ImmutableChanges(const Value& live,
                                          const std::vector<FieldChange>& changes) {
  const GroupKind kind =
      ParseGroupVersionKind(live["apiVersion"].as_string(), live["kind"].as_string()).group_kind();
  std::vector<std::string> paths;
  for (const FieldChange& change : changes) {
    if (IsImmutable(kind, live, change.path)) paths.push_back(change.path);
  }
  return paths;
}

bool IsNeverRecreated(const GroupKind& kind) {
  if (kind.group == "apiextensions.k8s.io") return kind.kind == "CustomResourceDefinition";
  return kind.group.empty() && (kind.kind == "Namespace" || kind.kind == "PersistentVolume" ||
                                kind.kind == "PersistentVolumeClaim");
}

}  // namespace swell::diff
