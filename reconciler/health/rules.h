#pragma once
// The rules of single kinds, each from one object to its health. Used by assess.cc alone.
// Every rule may take deletion as already looked at.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/value/value.h"
#include "reconciler/domain/health.h"

namespace swell::health {

// One entry of status.conditions; the views live as long as the object.
struct Condition {
  std::string_view type;
  std::string_view status;  // "True", "False", "Unknown"
  std::string_view reason;
  std::string_view message;
  bool is_true() const { return status == "True"; }
  bool is_false() const { return status == "False"; }
};

Condition ReadCondition(const Value& item);  // of an object
// The entries of a list of conditions that are objects.
std::vector<Condition> ReadConditions(const Value& list);
std::vector<Condition> ConditionsOf(const Value& object);
// nullptr where there is none.
const Condition* FindCondition(const std::vector<Condition>& conditions, std::string_view type);
// "reason: message", or the one of them that is there, or the type and status.
std::string Describe(const Condition& condition);

Health Healthy(std::string message = "");
Health Progressing(std::string message);
Health Degraded(std::string message);
Health Suspended(std::string message);

std::int64_t Generation(const Value& object);
std::int64_t ObservedGeneration(const Value& object);  // 0 where absent

// workloads.cc
Health AssessDeployment(const Value& object);
Health AssessStatefulSet(const Value& object);
Health AssessDaemonSet(const Value& object);
Health AssessReplicaSet(const Value& object);
// pod.cc
Health AssessPod(const Value& object);
// batch.cc
Health AssessJob(const Value& object);
Health AssessCronJob(const Value& object);
// cluster_kinds.cc
Health AssessClaim(const Value& object);
Health AssessService(const Value& object);
Health AssessIngress(const Value& object);
Health AssessApiService(const Value& object);
Health AssessAutoscaler(const Value& object);
Health AssessDisruptionBudget(const Value& object);
Health AssessDefinition(const Value& object);  // CustomResourceDefinition
// generic.cc: kstatus' rules for every kind.
Health AssessGeneric(const Value& object);
// The generation lag of kinds that report status.observedGeneration.
std::optional<Health> GenerationLag(const Value& object, std::int64_t applied_generation);

}  // namespace swell::health
