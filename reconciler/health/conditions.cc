#include "reconciler/health/rules.h"

namespace swell::health {

namespace {

// Some controllers write true where the API conventions say "True".
std::string_view StatusOf(const Value& status) {
  if (status.is_bool()) return status.as_bool() ? "True" : "False";
  return status.as_string();
}

}  // namespace

Condition ReadCondition(const Value& item) {
  return {item["type"].as_string(), StatusOf(item["status"]), item["reason"].as_string(),
          item["message"].as_string()};
}

std::vector<Condition> ReadConditions(const Value& list) {
  std::vector<Condition> conditions;
  conditions.reserve(list.items().size());
  for (const Value& item : list.items()) {
    if (!item.is_object()) continue;
    conditions.push_back(ReadCondition(item));
  }
  return conditions;
}

std::vector<Condition> ConditionsOf(const Value& object) {
  return ReadConditions(object["status"]["conditions"]);
}

const Condition* FindCondition(const std::vector<Condition>& conditions, std::string_view type) {
  for (const Condition& condition : conditions) {
    if (condition.type == type) return &condition;
  }
  return nullptr;
}

std::string Describe(const Condition& condition) {
  if (condition.reason.empty() && condition.message.empty()) {
    return std::string(condition.type) + "=" + std::string(condition.status);
  }
  if (condition.reason.empty()) return std::string(condition.message);
  if (condition.message.empty()) return std::string(condition.reason);
  return std::string(condition.reason) + ": " + std::string(condition.message);
}

Health Healthy(std::string message) { return {HealthStatus::kHealthy, std::move(message)}; }
Health Progressing(std::string message) { return {HealthStatus::kProgressing, std::move(message)}; }
Health Degraded(std::string message) { return {HealthStatus::kDegraded, std::move(message)}; }
Health Suspended(std::string message) { return {HealthStatus::kSuspended, std::move(message)}; }

std::int64_t Generation(const Value& object) { return object["metadata"]["generation"].as_int(); }
std::int64_t ObservedGeneration(const Value& object) {
  return object["status"]["observedGeneration"].as_int();
}

}  // namespace swell::health
