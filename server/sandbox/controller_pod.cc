// The kubelet of a cluster that runs nothing: pods start, fail and stop as their images and
// annotations say.
//
// An image tag that contains "broken" is never pulled; one that contains "crash" starts and dies
// over and over; a pod that may end (restartPolicy not Always) succeeds after one step, or fails
// where its tag contains "fail". The annotation sandbox.swell.dev/start-delay, or the variable
// SANDBOX_START_DELAY of any container, keeps the pod unready for that long.

#include <algorithm>

#include "server/sandbox/workload.h"

namespace swell::sandbox::controllers {
namespace {

std::string_view TagOf(std::string_view image) {
  const std::string_view last = image.substr(image.rfind('/') + 1);
  const auto colon = last.find_first_of(":@");
  return colon == std::string_view::npos ? std::string_view() : last.substr(colon + 1);
}

bool TagSays(const Value& container, std::string_view word) {
  return TagOf(container["image"].as_string()).find(word) != std::string_view::npos;
}

Duration StartDelay(const Stored& pod) {
  std::string_view text =
      pod.metadata()["annotations"]["sandbox.swell.dev/start-delay"].as_string();
  for (const Value& container : pod.value.At({"spec", "containers"}).items()) {
    for (const Value& variable : container["env"].items()) {
      if (variable["name"].as_string() == "SANDBOX_START_DELAY") {
        text = variable["value"].as_string();
      }
    }
  }
  if (text.empty()) return Duration(0);
  return ParseDuration(text).value_or(Duration(0));
}

struct Kubelet {
  ControllerEnv& env;
  const Stored& pod;
  bool started = false;   // the start delay is over
  bool finished = false;  // a pod that may end has ended

  Value State(const char* state, std::vector<Member> members) const {
    return Value::Object({{state, Value::Object(std::move(members))}});
  }

  Value Ended(const char* reason, int code) const {
    return State("terminated",
                 {{"exitCode", Value(code)}, {"reason", Value(reason)}, {"finishedAt", env.Now()}});
  }

  // The status of one container; says whether it is ready.
  Value Container(const Value& container) const {
    const std::string image = container["image"].str();
    Value state;
    Value last = Value::EmptyObject();
    bool ready = false;
    int restarts = 0;
    if (TagSays(container, "broken")) {
      state = State("waiting", {{"reason", Value("ImagePullBackOff")},
                                {"message", Value("Back-off pulling image \"" + image + "\"")}});
    } else if (TagSays(container, "crash")) {
      state = State("waiting", {{"reason", Value("CrashLoopBackOff")},
                                {"message", Value("back-off 10s restarting failed container=" +
                                                  container["name"].str())}});
      last = Ended("Error", 1);
      restarts = 2;
    } else if (finished) {
      state = TagSays(container, "fail") ? Ended("Error", 1) : Ended("Completed", 0);
    } else {
      state = State("running", {{"startedAt", env.Now()}});
      ready = started;
    }
    return Value::Object({{"name", container["name"]},
                          {"image", Value(image)},
                          {"imageID", Value("")},
                          {"ready", Value(ready)},
                          {"started", Value(ready)},
                          {"restartCount", Value(restarts)},
                          {"state", std::move(state)},
                          {"lastState", std::move(last)}});
  }

  Value Condition(const char* type, bool holds) const {
    const Value& old = workload::FindCondition(pod.value["status"], type);
    const char* status = holds ? "True" : "False";
    if (old["status"].as_string() == status) return old;
    Value condition = Value::Object(
        {{"type", Value(type)}, {"status", Value(status)}, {"lastTransitionTime", env.Now()}});
    if (!holds) condition = condition.With("reason", Value("ContainersNotReady"));
    return condition;
  }

  Value Status() const {
    std::vector<Value> containers;
    bool ready = true;
    bool pulled = true;
    bool failed = false;
    for (const Value& container : pod.value.At({"spec", "containers"}).items()) {
      containers.push_back(Container(container));
      ready = ready && containers.back()["ready"].as_bool();
      pulled = pulled && !TagSays(container, "broken");
      failed = failed || TagSays(container, "fail");
    }
    const char* phase = !pulled              ? "Pending"
                        : finished && failed ? "Failed"
                        : finished           ? "Succeeded"
                                             : "Running";
    const Value& old = pod.value["status"];
    const Value address =
        old.Has("podIP") ? old["podIP"] : Value(env.objects.allocator().PodAddress());
    return Value::Object(
        {{"phase", Value(phase)},
         {"podIP", address},
         {"hostIP", Value("192.0.2.1")},
         {"startTime", old.Has("startTime") ? old["startTime"] : env.Now()},
         {"qosClass", Value("BestEffort")},
         {"conditions",
          Value::Array({Condition("PodScheduled", true), Condition("Initialized", true),
                        Condition("ContainersReady", ready), Condition("Ready", ready)})},
         {"containerStatuses", Value::Array(std::move(containers))}});
  }
};

// What scheduler and kubelet say of a pod that begins.
void TellOfStart(ControllerEnv& env, const Stored& pod) {
  const Resource& kind = env.Kind("", "Pod");
  const std::string name(pod.name());
  const std::string ns(pod.ns());
  env.events.Record(kind, pod, EventType::kNormal, "Scheduled",
                    "Successfully assigned " + ns + "/" + name + " to sandbox-node",
                    "default-scheduler");
  for (const Value& container : pod.value.At({"spec", "containers"}).items()) {
    const std::string image = "\"" + container["image"].str() + "\"";
    const std::string field = "spec.containers{" + container["name"].str() + "}";
    const auto tell = [&](EventType type, const char* reason, const std::string& message) {
      env.events.Record(kind, pod, type, reason, message, "kubelet", field);
    };
    if (TagSays(container, "broken")) {
      tell(EventType::kNormal, "Pulling", "Pulling image " + image);
      tell(EventType::kWarning, "Failed",
           "Failed to pull image " + image + ": the image's tag says broken");
      tell(EventType::kWarning, "Failed", "Error: ErrImagePull");
      tell(EventType::kNormal, "BackOff", "Back-off pulling image " + image);
      tell(EventType::kWarning, "Failed", "Error: ImagePullBackOff");
      continue;
    }
    tell(EventType::kNormal, "Pulled", "Container image " + image + " already present on machine");
    tell(EventType::kNormal, "Created", "Container created");
    tell(EventType::kNormal, "Started", "Container started");
    if (TagSays(container, "crash")) {
      tell(EventType::kWarning, "BackOff",
           "Back-off restarting failed container " + container["name"].str() + " in pod " + name +
               "_" + ns + "(" + std::string(pod.uid()) + ")");
    }
  }
}

bool MayEnd(const Stored& pod) {
  return pod.value["spec"]["restartPolicy"].as_string() != "Always";
}

bool Stuck(const Stored& pod) {
  const auto containers = pod.value.At({"spec", "containers"}).items();
  return std::any_of(containers.begin(), containers.end(), [](const Value& container) {
    return TagSays(container, "broken") || TagSays(container, "crash");
  });
}

}  // namespace

void Pod(ControllerEnv& env, const ObjectPtr& pod) {
  const Resource& kind = env.Kind("", "Pod");
  const ObjectRef ref = RefOf(kind, *pod);
  if (pod->deleting()) {
    if (pod->metadata()["finalizers"].empty()) env.objects.store().Remove(kind, ref.ns, ref.name);
    return;
  }
  if (workload::IsFinished(*pod)) return;
  const Duration delay = StartDelay(*pod);
  const bool fresh = !pod->value["status"].Has("startTime");
  bool started = delay.count() == 0;
  if (!started && !fresh) {
    const auto since = ParseTimestamp(pod->value.At({"status", "startTime"}).as_string());
    const Timestamp due = since.value_or(Timestamp{}) + delay;
    started = env.objects.clock().Now() >= due;
  }
  const bool ends = MayEnd(*pod) && !fresh && started && !Stuck(*pod);
  const Kubelet kubelet{env, *pod, started, ends};
  Value running = pod->value.With("status", kubelet.Status());
  if (fresh) running = running.WithAt({"spec", "nodeName"}, Value("sandbox-node"));
  // Containers that run on keep the time of their start.
  const Value& before = pod->value.At({"status", "containerStatuses"});
  const Value& after = running.At({"status", "containerStatuses"});
  const bool steady = !fresh && workload::IsReady(*pod) && !ends && before.size() == after.size() &&
                      std::equal(before.items().begin(), before.items().end(),
                                 after.items().begin(), [](const Value& a, const Value& b) {
                                   return a["image"] == b["image"] && a["ready"] == b["ready"];
                                 });
  const bool waits = !fresh && Stuck(*pod) && before[0]["image"] == after[0]["image"] &&
                     before[0]["state"]["waiting"] == after[0]["state"]["waiting"];
  if (!steady && !waits) env.objects.store().Put(kind, running, pod->managed);
  if (fresh) TellOfStart(env, *pod);
  if (!started) {
    env.Queue(ref, delay);
  } else if (MayEnd(*pod) && !ends && !Stuck(*pod)) {
    env.Queue(ref, env.options.step_delay);
  }
}

}  // namespace swell::sandbox::controllers
