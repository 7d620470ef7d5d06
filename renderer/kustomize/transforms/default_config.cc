#include <string>
#include <utility>

#include "base/core/check.h"
#include "base/core/strings.h"
#include "renderer/kustomize/transforms/config.h"

namespace swell::kustomize {
namespace {

// Rows of "PATH… : KIND…". A kind is "Kind", "group/Kind" or "v1/Kind" ("*" is every kind);
// a leading '+' of a path means that it is made where absent; POD/ stands for the pod spec of
// the kind. A row "> KIND" starts the references to that kind.
constexpr std::string_view kCommonLabels = R"(
+spec/selector : v1/Service v1/ReplicationController
+spec/selector/matchLabels : Deployment ReplicaSet DaemonSet apps/StatefulSet
spec/template/spec/affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels : apps/Deployment apps/StatefulSet
spec/template/spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels : apps/Deployment apps/StatefulSet
spec/template/spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels : apps/Deployment apps/StatefulSet
spec/template/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels : apps/Deployment apps/StatefulSet
spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels : apps/Deployment apps/StatefulSet
spec/selector/matchLabels : batch/Job policy/PodDisruptionBudget
spec/jobTemplate/spec/selector/matchLabels : batch/CronJob
spec/podSelector/matchLabels : networking.k8s.io/NetworkPolicy
spec/ingress/from/podSelector/matchLabels : networking.k8s.io/NetworkPolicy
spec/egress/to/podSelector/matchLabels : networking.k8s.io/NetworkPolicy
)";

constexpr std::string_view kTemplateLabels = R"(
+metadata/labels : *
+spec/template/metadata/labels : v1/ReplicationController Deployment ReplicaSet DaemonSet apps/StatefulSet batch/Job
+spec/jobTemplate/metadata/labels +spec/jobTemplate/spec/template/metadata/labels : batch/CronJob
+spec/volumeClaimTemplates[]/metadata/labels : apps/StatefulSet
)";

constexpr std::string_view kCommonAnnotations = R"(
+metadata/annotations : *
+spec/template/metadata/annotations : v1/ReplicationController Deployment ReplicaSet DaemonSet StatefulSet batch/Job
+spec/jobTemplate/metadata/annotations +spec/jobTemplate/spec/template/metadata/annotations : batch/CronJob
)";

constexpr std::string_view kNamespace = R"(
+metadata/name : Namespace
+spec/service/namespace : apiregistration.k8s.io/APIService
spec/conversion/webhook/clientConfig/service/namespace : apiextensions.k8s.io/CustomResourceDefinition
)";

constexpr std::string_view kImages = R"(
+spec/containers[]/image +spec/initContainers[]/image +spec/volumes[]/image/reference : *
+spec/template/spec/containers[]/image +spec/template/spec/initContainers[]/image : *
+spec/template/spec/volumes[]/image/reference : *
)";

constexpr std::string_view kReplicas = R"(
+spec/replicas : Deployment ReplicationController ReplicaSet StatefulSet
)";

constexpr std::string_view kVarReferences = R"(
POD/containers/args POD/containers/command POD/containers/env/value POD/containers/volumeMounts/mountPath : CronJob DaemonSet Deployment Job Pod ReplicaSet StatefulSet
POD/initContainers/args POD/initContainers/command POD/initContainers/env/value POD/initContainers/volumeMounts/mountPath : CronJob DaemonSet Deployment Job Pod ReplicaSet StatefulSet
spec/jobTemplate/spec/template/volumes/nfs/server : CronJob
POD/volumes/nfs/server : DaemonSet Deployment Job Pod ReplicaSet
spec/template/metadata/annotations : Deployment
spec/rules/host spec/tls/hosts spec/tls/secretName : Ingress
spec/ports/port spec/ports/targetPort : Service
spec/volumeClaimTemplates/spec/nfs/server : StatefulSet
spec/nfs/server : PersistentVolume
metadata/labels metadata/annotations : *
)";

constexpr std::string_view kNameReferences = R"(
> Deployment
spec/scaleTargetRef/name : HorizontalPodAutoscaler
> ReplicationController
spec/scaleTargetRef/name : HorizontalPodAutoscaler
> ReplicaSet
spec/scaleTargetRef/name : HorizontalPodAutoscaler
> StatefulSet
spec/scaleTargetRef/name : HorizontalPodAutoscaler
> v1/ConfigMap
POD/volumes/configMap/name POD/containers/env/valueFrom/configMapKeyRef/name POD/initContainers/env/valueFrom/configMapKeyRef/name POD/containers/envFrom/configMapRef/name POD/initContainers/envFrom/configMapRef/name POD/volumes/projected/sources/configMap/name : v1/Pod PodTemplate Deployment ReplicaSet DaemonSet StatefulSet Job CronJob
spec/configSource/configMap : Node
rules/resourceNames : Role ClusterRole
metadata/annotations/nginx.ingress.kubernetes.io\/fastcgi-params-configmap : Ingress
> v1/Secret
POD/volumes/secret/secretName POD/containers/env/valueFrom/secretKeyRef/name POD/initContainers/env/valueFrom/secretKeyRef/name POD/containers/envFrom/secretRef/name POD/initContainers/envFrom/secretRef/name POD/imagePullSecrets/name POD/volumes/projected/sources/secret/name : v1/Pod PodTemplate Deployment ReplicaSet DaemonSet StatefulSet Job CronJob
imagePullSecrets/name : ServiceAccount
parameters/secretName parameters/adminSecretName parameters/userSecretName parameters/secretRef : StorageClass
rules/resourceNames : Role ClusterRole
spec/template/spec/containers/env/valueFrom/secretKeyRef/name : serving.knative.dev/v1/Service
spec/azureFile/secretName : PersistentVolume
spec/tls/secretName metadata/annotations/ingress.kubernetes.io\/auth-secret metadata/annotations/nginx.ingress.kubernetes.io\/auth-secret metadata/annotations/nginx.ingress.kubernetes.io\/auth-tls-secret : Ingress
> v1/Service
spec/serviceName : apps/StatefulSet
spec/rules/http/paths/backend/serviceName spec/backend/serviceName spec/rules/http/paths/backend/service/name spec/defaultBackend/service/name : Ingress
spec/service/name : apiregistration.k8s.io/APIService
webhooks/clientConfig/service : admissionregistration.k8s.io/ValidatingWebhookConfiguration admissionregistration.k8s.io/MutatingWebhookConfiguration
> rbac.authorization.k8s.io/Role
roleRef/name : rbac.authorization.k8s.io/RoleBinding
> rbac.authorization.k8s.io/ClusterRole
roleRef/name : rbac.authorization.k8s.io/RoleBinding rbac.authorization.k8s.io/ClusterRoleBinding
> v1/ServiceAccount
subjects : rbac.authorization.k8s.io/RoleBinding rbac.authorization.k8s.io/ClusterRoleBinding
POD/serviceAccountName : Pod StatefulSet Deployment ReplicationController CronJob Job DaemonSet
> v1/PersistentVolumeClaim
POD/volumes/persistentVolumeClaim/claimName : Pod StatefulSet Deployment ReplicationController CronJob Job DaemonSet
> v1/PersistentVolume
spec/volumeName : PersistentVolumeClaim
rules/resourceNames : ClusterRole
> storage.k8s.io/v1/StorageClass
spec/storageClassName : PersistentVolume PersistentVolumeClaim
spec/volumeClaimTemplates/spec/storageClassName : StatefulSet
> scheduling.k8s.io/v1/PriorityClass
POD/priorityClassName : Pod StatefulSet Deployment ReplicationController CronJob Job DaemonSet
> admissionregistration.k8s.io/ValidatingAdmissionPolicy
spec/policyName : admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding
)";
// The reference to IngressClass is left out: kustomize's entry has a group that no object has.

GroupVersionKind KindFromText(std::string_view text) {
  GroupVersionKind gvk;
  std::vector<std::string_view> parts = Split(text, '/');
  gvk.kind = parts.back() == "*" ? "" : parts.back();
  parts.pop_back();
  for (std::string_view part : parts) {
    (part == "v1" ? gvk.version : gvk.group) = part;
  }
  return gvk;
}

std::string ExpandPodPath(std::string_view path, std::string_view kind) {
  constexpr std::string_view kPod = "POD/";
  if (!path.starts_with(kPod)) return std::string(path);
  std::string_view prefix = "spec/template/spec/";
  if (kind == "Pod") prefix = "spec/";
  if (kind == "PodTemplate") prefix = "template/spec/";
  if (kind == "CronJob") prefix = "spec/jobTemplate/spec/template/spec/";
  return std::string(prefix) + std::string(path.substr(kPod.size()));
}

void AddRow(std::string_view row, std::vector<FieldSpec>& specs) {
  const std::size_t colon = row.find(" : ");
  SWELL_CHECK(colon != row.npos);
  for (std::string_view path : Split(row.substr(0, colon), ' ')) {
    const bool create = path.starts_with('+');
    if (create) path.remove_prefix(1);
    for (std::string_view kind : Split(row.substr(colon + 3), ' ')) {
      FieldSpec spec;
      spec.gvk = KindFromText(kind);
      spec.path = ExpandPodPath(path, spec.gvk.kind);
      spec.create = create;
      specs.push_back(std::move(spec));
    }
  }
}

std::vector<FieldSpec> Specs(std::string_view table) {
  std::vector<FieldSpec> specs;
  for (std::string_view row : Split(table, '\n')) {
    if (!row.empty()) AddRow(row, specs);
  }
  return specs;
}

std::vector<NameReference> References(std::string_view table) {
  std::vector<NameReference> references;
  for (std::string_view row : Split(table, '\n')) {
    if (row.empty()) continue;
    if (row.starts_with("> ")) {
      references.push_back({KindFromText(row.substr(2)), {}});
    } else {
      AddRow(row, references.back().referrers);
    }
  }
  return references;
}

TransformerConfig MakeDefaultConfig() {
  TransformerConfig config;
  config.name_prefix = {{{}, "metadata/name", false}};
  config.name_suffix = config.name_prefix;
  config.ns = Specs(kNamespace);
  config.template_labels = Specs(kTemplateLabels);
  config.common_labels = Specs(kCommonLabels);
  Budget budget{Limits()};
  SWELL_CHECK(MergeFieldSpecs(config.common_labels, config.template_labels, budget).has_value());
  config.common_annotations = Specs(kCommonAnnotations);
  config.name_references = References(kNameReferences);
  config.var_references = Specs(kVarReferences);
  config.images = Specs(kImages);
  config.replicas = Specs(kReplicas);
  return config;
}

}  // namespace

const TransformerConfig& DefaultConfig() {
  static const TransformerConfig config = MakeDefaultConfig();
  return config;
}

}  // namespace swell::kustomize
