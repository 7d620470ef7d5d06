// Every kind without rules of its own: kstatus' reading of conditions.

#include "reconciler/health/rules.h"

namespace swell::health {

std::optional<Health> GenerationLag(const Value& object, std::int64_t applied_generation) {
  const std::int64_t generation = Generation(object);
  const std::string kind = object["kind"].str();
  if (generation < applied_generation) {
    return Progressing("Waiting for the cluster to show generation " +
                       std::to_string(applied_generation) + " of the " + kind + ", which it has " +
                       std::to_string(generation) + " of");
  }
  const Value& observed = object["status"]["observedGeneration"];
  if (generation == 0 || !observed.is_int() || observed.as_int() == generation) return {};
  return Progressing(kind + " generation is " + std::to_string(generation) +
                     ", but latest observed generation is " + std::to_string(observed.as_int()));
}

Health AssessGeneric(const Value& object) {
  const auto conditions = ConditionsOf(object);
  for (const Condition& c : conditions) {
    if (c.type == "Stalled" && c.is_true()) return Degraded(Describe(c));
    if (c.type == "Reconciling" && c.is_true()) return Progressing(Describe(c));
  }
  const Condition* ready = FindCondition(conditions, "Ready");
  if (!ready) return Healthy();
  return ready->is_true() ? Healthy(std::string(ready->message)) : Progressing(Describe(*ready));
}

}  // namespace swell::health
