// Which rule judges an object.

#include <algorithm>
#include <array>

#include "base/core/check.h"
#include "reconciler/health/custom.h"
#include "reconciler/health/health.h"
#include "reconciler/health/rules.h"
#include "renderer/object/object.h"

namespace swell::health {
namespace {

using Rule = Health (*)(const Value&);

struct Builtin {
  std::string_view group;
  std::string_view kind;
  Rule rule;
  bool observes_itself;  // the rule looks at status.observedGeneration
};

constexpr std::array kBuiltins = {
    Builtin{"apps", "Deployment", AssessDeployment, true},
    Builtin{"extensions", "Deployment", AssessDeployment, true},
    Builtin{"apps", "StatefulSet", AssessStatefulSet, true},
    Builtin{"apps", "DaemonSet", AssessDaemonSet, true},
    Builtin{"extensions", "DaemonSet", AssessDaemonSet, true},
    Builtin{"apps", "ReplicaSet", AssessReplicaSet, true},
    Builtin{"extensions", "ReplicaSet", AssessReplicaSet, true},
    Builtin{"", "Pod", AssessPod, true},
    Builtin{"", "PersistentVolumeClaim", AssessClaim, false},
    Builtin{"", "Service", AssessService, false},
    Builtin{"batch", "Job", AssessJob, false},
    Builtin{"batch", "CronJob", AssessCronJob, false},
    Builtin{"networking.k8s.io", "Ingress", AssessIngress, false},
    Builtin{"extensions", "Ingress", AssessIngress, false},
    Builtin{"apiregistration.k8s.io", "APIService", AssessApiService, false},
    Builtin{"autoscaling", "HorizontalPodAutoscaler", AssessAutoscaler, false},
    Builtin{"policy", "PodDisruptionBudget", AssessDisruptionBudget, false},
    Builtin{"apiextensions.k8s.io", "CustomResourceDefinition", AssessDefinition, false},
};

const Builtin* FindBuiltin(const GroupVersionKind& gvk) {
  const auto* found = std::ranges::find_if(kBuiltins, [&](const Builtin& builtin) {
    return builtin.group == gvk.group && builtin.kind == gvk.kind;
  });
  return found == kBuiltins.end() ? nullptr : found;
}

// A hook that waits for its finalizer to go is judged by its outcome.
bool IsPendingDeletion(const Value& object) {
  const Value& metadata = object["metadata"];
  if (metadata["deletionTimestamp"].is_null()) return false;
  const auto finalizers = metadata["finalizers"].items();
  return std::ranges::none_of(finalizers, [](const Value& finalizer) {
    return finalizer.as_string() == "argocd.argoproj.io/hook-finalizer";
  });
}

}  // namespace

Health Assess(const Value& object, const AssessOptions& options) {
  if (object.is_null()) return {HealthStatus::kMissing, "the object does not exist"};
  const std::string_view kind = object["kind"].as_string();
  if (!object["apiVersion"].is_string() || kind.empty()) {
    return {HealthStatus::kUnknown, "not a Kubernetes object: apiVersion or kind is missing"};
  }
  if (IsPendingDeletion(object)) return Progressing("Pending deletion");
  if (options.checks != nullptr && !options.checks->empty()) {
    SWELL_CHECK(options.budget != nullptr);
    // What was read before the apply is nobody's to judge.
    if (Generation(object) < options.applied_generation) {
      return *GenerationLag(object, options.applied_generation);
    }
    if (auto health = options.checks->Assess(object, options.now, *options.budget)) return *health;
  }
  const GroupVersionKind gvk = ParseGroupVersionKind(object["apiVersion"].as_string(), kind);
  const Builtin* builtin = FindBuiltin(gvk);
  const CustomVerdict custom = builtin ? CustomVerdict() : AssessCustom(object);
  const bool looks_itself = custom.no_lag || (builtin && builtin->observes_itself);
  if (!looks_itself || Generation(object) < options.applied_generation) {
    if (auto lag = GenerationLag(object, options.applied_generation)) return *lag;
  }
  if (builtin) return builtin->rule(object);
  return custom.health ? *custom.health : AssessGeneric(object);
}

}  // namespace swell::health
