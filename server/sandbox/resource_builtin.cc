// The built-in kinds, as `kubectl api-resources` of Kubernetes 1.36 names them.

#include "base/core/strings.h"
#include "server/sandbox/resource.h"

namespace swell::sandbox {
namespace {

struct Row {
  const char* group_version;
  const char* plural;
  const char* kind;
  const char* short_names;  // comma separated
  const char* flags;        // c cluster-scoped, s status, x scale, a category "all", g generation,
                            // p create only
};

constexpr Row kRows[] = {
    {"v1", "bindings", "Binding", "", "p"},
    {"v1", "configmaps", "ConfigMap", "cm", ""},
    {"v1", "endpoints", "Endpoints", "ep", ""},
    {"v1", "events", "Event", "ev", ""},
    {"v1", "limitranges", "LimitRange", "limits", ""},
    {"v1", "namespaces", "Namespace", "ns", "cs"},
    {"v1", "nodes", "Node", "no", "cs"},
    {"v1", "persistentvolumeclaims", "PersistentVolumeClaim", "pvc", "s"},
    {"v1", "persistentvolumes", "PersistentVolume", "pv", "cs"},
    {"v1", "pods", "Pod", "po", "sag"},
    {"v1", "podtemplates", "PodTemplate", "", ""},
    {"v1", "replicationcontrollers", "ReplicationController", "rc", "sxag"},
    {"v1", "resourcequotas", "ResourceQuota", "quota", "s"},
    {"v1", "secrets", "Secret", "", ""},
    {"v1", "serviceaccounts", "ServiceAccount", "sa", ""},
    {"v1", "services", "Service", "svc", "sa"},
    {"admissionregistration.k8s.io/v1", "mutatingwebhookconfigurations",
     "MutatingWebhookConfiguration", "", "cg"},
    {"admissionregistration.k8s.io/v1", "validatingadmissionpolicies", "ValidatingAdmissionPolicy",
     "", "csg"},
    {"admissionregistration.k8s.io/v1", "validatingadmissionpolicybindings",
     "ValidatingAdmissionPolicyBinding", "", "cg"},
    {"admissionregistration.k8s.io/v1", "validatingwebhookconfigurations",
     "ValidatingWebhookConfiguration", "", "cg"},
    {"apiextensions.k8s.io/v1", "customresourcedefinitions", "CustomResourceDefinition", "crd,crds",
     "csg"},
    {"apiregistration.k8s.io/v1", "apiservices", "APIService", "", "cs"},
    {"apps/v1", "controllerrevisions", "ControllerRevision", "", ""},
    {"apps/v1", "daemonsets", "DaemonSet", "ds", "sag"},
    {"apps/v1", "deployments", "Deployment", "deploy", "sxag"},
    {"apps/v1", "replicasets", "ReplicaSet", "rs", "sxag"},
    {"apps/v1", "statefulsets", "StatefulSet", "sts", "sxag"},
    {"authorization.k8s.io/v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", "", "cp"},
    {"autoscaling/v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", "hpa", "sa"},
    {"batch/v1", "cronjobs", "CronJob", "cj", "sag"},
    {"batch/v1", "jobs", "Job", "", "sag"},
    {"coordination.k8s.io/v1", "leases", "Lease", "", ""},
    {"discovery.k8s.io/v1", "endpointslices", "EndpointSlice", "", "g"},
    {"events.k8s.io/v1", "events", "Event", "ev", ""},
    {"networking.k8s.io/v1", "ingressclasses", "IngressClass", "", "cg"},
    {"networking.k8s.io/v1", "ingresses", "Ingress", "ing", "sg"},
    {"networking.k8s.io/v1", "networkpolicies", "NetworkPolicy", "netpol", "g"},
    {"policy/v1", "poddisruptionbudgets", "PodDisruptionBudget", "pdb", "sg"},
    {"rbac.authorization.k8s.io/v1", "clusterrolebindings", "ClusterRoleBinding", "", "c"},
    {"rbac.authorization.k8s.io/v1", "clusterroles", "ClusterRole", "", "c"},
    {"rbac.authorization.k8s.io/v1", "rolebindings", "RoleBinding", "", ""},
    {"rbac.authorization.k8s.io/v1", "roles", "Role", "", ""},
    {"scheduling.k8s.io/v1", "priorityclasses", "PriorityClass", "pc", "cg"},
    {"storage.k8s.io/v1", "csidrivers", "CSIDriver", "", "cg"},
    {"storage.k8s.io/v1", "csinodes", "CSINode", "", "c"},
    {"storage.k8s.io/v1", "storageclasses", "StorageClass", "sc", "c"},
    {"storage.k8s.io/v1", "volumeattachments", "VolumeAttachment", "", "cs"},
};

}  // namespace

std::vector<Resource> BuiltinResources() {
  std::vector<Resource> resources;
  for (const Row& row : kRows) {
    Resource resource;
    const std::string_view group_version = row.group_version;
    const std::size_t slash = group_version.find('/');
    if (slash == std::string_view::npos) {
      resource.version = group_version;
    } else {
      resource.group = group_version.substr(0, slash);
      resource.version = group_version.substr(slash + 1);
    }
    resource.kind = row.kind;
    resource.plural = row.plural;
    resource.singular = ToLower(row.kind);
    for (std::string_view name : Split(row.short_names, ',')) {
      if (!name.empty()) resource.short_names.emplace_back(name);
    }
    const std::string_view flags = row.flags;
    const auto has = [&](char flag) { return flags.find(flag) != std::string_view::npos; };
    resource.namespaced = !has('c');
    resource.has_status = has('s');
    resource.has_scale = has('x');
    resource.tracks_generation = has('g');
    resource.read_write = !has('p');
    if (has('a')) resource.categories = {"all"};
    resource.versions = {resource.version};
    resources.push_back(std::move(resource));
  }
  return resources;
}

}  // namespace swell::sandbox
