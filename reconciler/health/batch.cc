// Job and CronJob.

#include "reconciler/health/rules.h"

namespace swell::health {

Health AssessJob(const Value& object) {
  // The condition's status counts, which gitops-engine leaves out: "Failed=False" is no failure.
  for (const Condition& condition : ConditionsOf(object)) {
    if (condition.type == "Failed" && condition.is_true()) {
      return Degraded(std::string(condition.message));
    }
  }
  for (const Condition& condition : ConditionsOf(object)) {
    if (!condition.is_true()) continue;
    if (condition.type == "Complete") return Healthy(std::string(condition.message));
    if (condition.type == "Suspended") return Suspended(std::string(condition.message));
  }
  return Progressing("Waiting for the Job to complete");
}

// As Argo CD judges CronJobs; a suspended one is as its owner wants it.
Health AssessCronJob(const Value& object) {
  if (object["spec"]["suspend"].as_bool()) return Healthy("CronJob is Suspended");
  const Value& status = object["status"];
  if (!status.is_object()) return Progressing("Waiting for CronJob");
  const std::string_view scheduled = status["lastScheduleTime"].as_string();
  if (scheduled.empty()) return Healthy("CronJob has not been scheduled yet");
  const std::string_view succeeded = status["lastSuccessfulTime"].as_string();
  if (succeeded.empty()) {
    return Healthy("The CronJob never completed successfully. It may not be healthy");
  }
  if (!status["active"].empty()) {
    return Healthy("The job is running. Its last execution may not have been successful");
  }
  // RFC 3339 in UTC: the order of the text is the order of time.
  if (succeeded < scheduled) {
    return Degraded("CronJob has not completed its last execution successfully");
  }
  return Healthy("CronJob has completed its last execution successfully");
}

}  // namespace swell::health
