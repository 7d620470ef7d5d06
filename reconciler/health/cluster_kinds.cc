// Kinds that are neither workloads nor batch: claims, services, autoscalers, definitions.

#include <algorithm>
#include <array>

#include "base/value/json.h"
#include "reconciler/health/rules.h"

namespace swell::health {
namespace {

Health AssessScaling(const std::vector<Condition>& conditions) {
  constexpr std::array<std::string_view, 6> kBadActive = {
      "FailedGetResourceMetric", "FailedGetObjectMetric",        "FailedGetPodsMetric",
      "FailedGetExternalMetric", "FailedComputeMetricsReplicas", "InvalidSelector"};
  for (const Condition& c : conditions) {
    const bool bad_target = c.type == "AbleToScale" &&
                            (c.reason == "FailedGetScale" || c.reason == "FailedUpdateScale");
    const bool bad_metric =
        c.type == "ScalingActive" && std::ranges::find(kBadActive, c.reason) != kBadActive.end();
    if (bad_target || bad_metric) return Degraded(std::string(c.message));
  }
  for (const Condition& c : conditions) {
    if ((c.type == "AbleToScale" || c.type == "ScalingLimited") && c.is_true()) {
      return Healthy(std::string(c.message));
    }
  }
  return Progressing("Waiting to Autoscale");
}

bool HasLoadBalancer(const Value& object) {
  return !object["status"]["loadBalancer"]["ingress"].empty();
}

}  // namespace

Health AssessClaim(const Value& object) {
  const std::string_view phase = object["status"]["phase"].as_string();
  if (phase == "Bound") return Healthy();
  if (phase == "Lost") return Degraded("the volume that the claim was bound to is lost");
  if (phase.empty() || phase == "Pending") return Progressing("Waiting for the claim to be bound");
  return {HealthStatus::kUnknown, "claim phase " + std::string(phase)};
}

Health AssessService(const Value& object) {
  if (object["spec"]["type"].as_string() != "LoadBalancer" || HasLoadBalancer(object)) {
    return Healthy();
  }
  return Progressing("Waiting for the load balancer to get an address");
}

Health AssessIngress(const Value& object) {
  if (HasLoadBalancer(object)) return Healthy();
  return Progressing("Waiting for an ingress controller to give the Ingress an address");
}

Health AssessApiService(const Value& object) {
  const auto conditions = ConditionsOf(object);
  const Condition* available = FindCondition(conditions, "Available");
  if (!available) return Progressing("Waiting to be processed");
  std::string message = std::string(available->reason) + ": " + std::string(available->message);
  return available->is_true() ? Healthy(std::move(message)) : Progressing(std::move(message));
}

Health AssessAutoscaler(const Value& object) {
  if (object["apiVersion"].as_string() != "autoscaling/v1") {
    return AssessScaling(ConditionsOf(object));
  }
  // v1 has no conditions in its status; the server keeps them in an annotation.
  const Value& text =
      object["metadata"]["annotations"]["autoscaling.alpha.kubernetes.io/conditions"];
  if (!text.is_string()) return Progressing("Waiting to Autoscale");
  const Result<Value> list = json::Parse(text.as_string());
  if (!list) {
    return {HealthStatus::kUnknown,
            "the annotation autoscaling.alpha.kubernetes.io/conditions "
            "is not JSON: " +
                list.error().ToString()};
  }
  return AssessScaling(ReadConditions(*list));
}

Health AssessDisruptionBudget(const Value& object) {
  Health health = Progressing("Waiting for status");
  for (const Condition& condition : ConditionsOf(object)) {
    std::string message = "PodDisruptionBudget has " + std::string(condition.reason);
    // A budget that cannot be met now is doing its work.
    if (condition.is_false() && condition.reason != "InsufficientPods") {
      return Degraded(std::move(message));
    }
    health = Healthy(std::move(message));
  }
  return health;
}

Health AssessDefinition(const Value& object) {
  const auto conditions = ConditionsOf(object);
  if (conditions.empty()) return Progressing("Status conditions not found");
  const Condition* established = nullptr;
  for (const Condition& c : conditions) {
    const std::string message(c.message);
    if (c.type == "Terminating" && c.is_true()) {
      return Progressing("CRD is terminating: " + message);
    }
    if (c.type == "NamesAccepted" && c.is_false()) {
      return Degraded("CRD names have not been accepted: " + message);
    }
    if (c.type == "NonStructuralSchema" && c.is_true()) {
      return Degraded("Schema violations found: " + message);
    }
    if (c.type == "Established") established = &c;
  }
  if (established && established->is_true()) return Healthy("CRD is healthy");
  if (established && established->reason == "Installing") {
    return Progressing("CRD is being installed");
  }
  return Degraded("CRD is not established");
}

}  // namespace swell::health
