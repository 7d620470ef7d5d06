// Deployment, StatefulSet, DaemonSet, ReplicaSet. The order of the checks and their messages
// are gitops-engine's; the checks after them are kstatus', which waits for more.

#include "base/core/strings.h"
#include "reconciler/health/rules.h"

namespace swell::health {
namespace {

std::string N(std::int64_t number) { return std::to_string(number); }

std::int64_t Status(const Value& object, std::string_view field) {
  return object["status"][field].as_int();
}

std::string Name(const Value& object) { return Quote(object["metadata"]["name"].as_string()); }

bool IsOnDelete(const Value& object) {
  return object["spec"]["updateStrategy"]["type"].as_string() == "OnDelete";
}

constexpr char kLaggingDeployment[] =
    "Waiting for rollout to finish: observed deployment generation less than desired generation";

Health DeploymentConditions(const Value& object) {
  const auto conditions = ConditionsOf(object);
  const Condition* progressing = FindCondition(conditions, "Progressing");
  if (progressing && progressing->is_false()) return Progressing(Describe(*progressing));
  const Condition* available = FindCondition(conditions, "Available");
  if (available && !available->is_true()) return Progressing(Describe(*available));
  if (!available) return Progressing("Waiting for the Deployment to report that it is available");
  return Healthy();
}

Health PartitionedRollout(const Value& object, std::int64_t replicas, const Value& partition) {
  const std::int64_t updated = Status(object, "updatedReplicas");
  const std::int64_t wanted = replicas - partition.as_int();
  if (updated < wanted) {
    return Progressing("Waiting for partitioned roll out to finish: " + N(updated) + " out of " +
                       N(wanted) + " new pods have been updated...");
  }
  return Healthy("partitioned roll out complete: " + N(updated) + " new pods have been updated...");
}

}  // namespace

Health AssessDeployment(const Value& object) {
  if (object["spec"]["paused"].as_bool()) return Suspended("Deployment is paused");
  if (Generation(object) > ObservedGeneration(object)) return Progressing(kLaggingDeployment);
  const auto conditions = ConditionsOf(object);
  const Condition* progressing = FindCondition(conditions, "Progressing");
  if (progressing && progressing->reason == "ProgressDeadlineExceeded") {
    return Degraded("Deployment " + Name(object) + " exceeded its progress deadline");
  }
  const Value* replicas = object["spec"].Find("replicas");
  const std::int64_t updated = Status(object, "updatedReplicas");
  if (replicas && replicas->is_int() && updated < replicas->as_int()) {
    return Progressing("Waiting for rollout to finish: " + N(updated) + " out of " +
                       N(replicas->as_int()) + " new replicas have been updated...");
  }
  if (Status(object, "replicas") > updated) {
    return Progressing("Waiting for rollout to finish: " + N(Status(object, "replicas") - updated) +
                       " old replicas are pending termination...");
  }
  if (Status(object, "availableReplicas") < updated) {
    return Progressing("Waiting for rollout to finish: " + N(Status(object, "availableReplicas")) +
                       " of " + N(updated) + " updated replicas are available...");
  }
  return DeploymentConditions(object);
}

Health AssessStatefulSet(const Value& object) {
  const std::int64_t observed = ObservedGeneration(object);
  if (observed == 0 || Generation(object) > observed) {
    return Progressing("Waiting for statefulset spec update to be observed...");
  }
  const std::int64_t replicas = object["spec"]["replicas"].as_int(1);
  const std::int64_t ready = Status(object, "readyReplicas");
  if (ready < replicas) {
    return Progressing("Waiting for " + N(replicas - ready) + " pods to be ready...");
  }
  if (IsOnDelete(object)) return Healthy("statefulset has " + N(ready) + " ready pods");
  const Value& partition = object["spec"]["updateStrategy"]["rollingUpdate"]["partition"];
  if (partition.is_int() && partition.as_int() > 0) {
    return PartitionedRollout(object, replicas, partition);
  }
  const Value& status = object["status"];
  if (status["updateRevision"].as_string() != status["currentRevision"].as_string()) {
    return Progressing("waiting for statefulset rolling update to complete " +
                       N(Status(object, "updatedReplicas")) + " pods at revision " +
                       status["updateRevision"].str() + "...");
  }
  const std::int64_t current = Status(object, "currentReplicas");
  if (status.Has("currentReplicas") && current < replicas) {
    return Progressing("Waiting for statefulset rolling update: " + N(current) + " of " +
                       N(replicas) + " pods are at the current revision...");
  }
  if (Status(object, "replicas") > replicas) {
    return Progressing("Waiting for " + N(Status(object, "replicas") - replicas) +
                       " surplus pods to terminate...");
  }
  return Healthy("statefulset rolling update complete " + N(current) + " pods at revision " +
                 status["currentRevision"].str() + "...");
}

Health AssessDaemonSet(const Value& object) {
  if (Generation(object) > ObservedGeneration(object)) {
    return Progressing(
        "Waiting for rollout to finish: observed daemon set generation less than desired "
        "generation");
  }
  const std::int64_t desired = Status(object, "desiredNumberScheduled");
  const std::int64_t updated = Status(object, "updatedNumberScheduled");
  if (IsOnDelete(object)) {
    return Healthy("daemon set " + N(updated) + " out of " + N(desired) +
                   " new pods have been updated");
  }
  const std::string waiting = "Waiting for daemon set " + Name(object) + " rollout to finish: ";
  if (!object["status"].Has("desiredNumberScheduled")) {
    return Progressing(waiting + "no pod has been scheduled yet...");
  }
  if (updated < desired) {
    return Progressing(waiting + N(updated) + " out of " + N(desired) +
                       " new pods have been updated...");
  }
  const std::int64_t available = Status(object, "numberAvailable");
  if (available < desired) {
    return Progressing(waiting + N(available) + " of " + N(desired) +
                       " updated pods are available...");
  }
  const std::int64_t ready = Status(object, "numberReady");
  if (ready < desired) {
    return Progressing(waiting + N(ready) + " of " + N(desired) + " updated pods are ready...");
  }
  return Healthy();
}

Health AssessReplicaSet(const Value& object) {
  if (Generation(object) > ObservedGeneration(object)) {
    return Progressing(
        "Waiting for rollout to finish: observed replica set generation less than desired "
        "generation");
  }
  const auto conditions = ConditionsOf(object);
  const Condition* failure = FindCondition(conditions, "ReplicaFailure");
  if (failure && failure->is_true()) return Degraded(std::string(failure->message));
  const std::int64_t replicas = object["spec"]["replicas"].as_int(1);
  const std::int64_t available = Status(object, "availableReplicas");
  if (available < replicas) {
    return Progressing("Waiting for rollout to finish: " + N(available) + " out of " + N(replicas) +
                       " new replicas are available...");
  }
  const std::int64_t ready = Status(object, "readyReplicas");
  if (ready < replicas) {
    return Progressing("Waiting for rollout to finish: " + N(ready) + " out of " + N(replicas) +
                       " new replicas are ready...");
  }
  if (Status(object, "replicas") > replicas) {
    return Progressing(
        "Waiting for rollout to finish: " + N(Status(object, "replicas") - replicas) +
        " old replicas are pending termination...");
  }
  return Healthy();
}

}  // namespace swell::health
