// Jobs: pods that end, counted until enough did or too many failed.

#include <algorithm>

#include "server/sandbox/workload.h"

namespace swell::sandbox::controllers {
namespace {

constexpr char kManager[] = "kube-controller-manager";

Value Outcome(const ControllerEnv& env, const char* type, const char* reason, const char* message) {
  return Value::Object({{"type", Value(type)},
                        {"status", Value("True")},
                        {"reason", Value(reason)},
                        {"message", Value(message)},
                        {"lastProbeTime", env.Now()},
                        {"lastTransitionTime", env.Now()}});
}

bool Holds(const Value& status, std::string_view type) {
  return workload::FindCondition(status, type)["status"].as_string() == "True";
}

}  // namespace

void Job(ControllerEnv& env, const ObjectPtr& job) {
  const Resource& kind = env.Kind("batch", "Job");
  const Value& spec = job->value["spec"];
  const Value& old = job->value["status"];
  if (job->deleting() || Holds(old, "Complete") || Holds(old, "Failed")) return;
  std::int64_t active = 0, ready = 0, succeeded = 0, failed = 0;
  std::vector<ObjectPtr> running;
  for (const ObjectPtr& pod : env.Controlled(*job, env.Kind("", "Pod"))) {
    const std::string_view phase = pod->value["status"]["phase"].as_string();
    if (phase == "Succeeded") {
      ++succeeded;
    } else if (phase == "Failed") {
      ++failed;
    } else if (!pod->deleting()) {
      ++active;
      ready += workload::IsReady(*pod) ? 1 : 0;
      running.push_back(pod);
    }
  }
  Value conditions = old["conditions"].is_array() ? old["conditions"] : Value::EmptyArray();
  const std::int64_t completions = spec["completions"].as_int(1);
  Value completed;
  if (spec["suspend"].as_bool()) {
    for (const ObjectPtr& pod : running) workload::DeletePod(env, *pod);
    active = ready = 0;
    conditions = workload::WithCondition(env, conditions, "Suspended", "True", "JobSuspended",
                                         "Job suspended");
  } else if (succeeded >= completions) {
    conditions = conditions.WithItem(conditions.size(),
                                     Outcome(env, "SuccessCriteriaMet", "CompletionsReached",
                                             "Reached expected number of succeeded pods"));
    conditions = conditions.WithItem(conditions.size(),
                                     Outcome(env, "Complete", "CompletionsReached",
                                             "Reached expected number of succeeded pods"));
    completed = env.Now();
    env.events.Record(kind, *job, EventType::kNormal, "Completed", "Job completed",
                      "job-controller");
  } else if (failed > spec["backoffLimit"].as_int(6)) {
    conditions = conditions.WithItem(conditions.size(),
                                     Outcome(env, "Failed", "BackoffLimitExceeded",
                                             "Job has reached the specified backoff limit"));
    env.events.Record(kind, *job, EventType::kWarning, "BackoffLimitExceeded",
                      "Job has reached the specified backoff limit", "job-controller");
  } else {
    if (Holds(old, "Suspended")) {
      conditions = workload::WithCondition(env, conditions, "Suspended", "False", "JobResumed",
                                           "Job resumed");
    }
    const std::int64_t wanted = std::min(spec["parallelism"].as_int(1), completions - succeeded);
    for (; active < wanted; ++active) {
      if (!workload::CreatePod(env, kind, *job,
                               {.generate_name = std::string(job->name()) + "-"})) {
        break;
      }
    }
  }
  std::vector<Member> members;
  if (!spec["suspend"].as_bool()) {
    members.emplace_back("startTime", old.Has("startTime") ? old["startTime"] : env.Now());
  }
  if (!completed.is_null()) members.emplace_back("completionTime", completed);
  members.emplace_back("ready", Value(ready));
  workload::AddCount(members, "active", active);
  workload::AddCount(members, "succeeded", succeeded);
  workload::AddCount(members, "failed", failed);
  if (!conditions.empty()) members.emplace_back("conditions", std::move(conditions));
  env.objects.SetStatus(kind, *job, Value::Object(std::move(members)), kManager);
}

}  // namespace swell::sandbox::controllers
