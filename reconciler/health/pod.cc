// Pods, and what pods tell about the workload that owns them.

#include <algorithm>
#include <array>

#include "base/core/strings.h"
#include "reconciler/health/explain.h"
#include "reconciler/health/rules.h"

namespace swell::health {
namespace {

constexpr char kIgnoreRestartPolicy[] = "argocd.argoproj.io/ignore-restart-policy";

bool IsHookPod(const Value& annotations) {
  return annotations.Has("argocd.argoproj.io/hook") || annotations.Has("helm.sh/hook");
}

// A pod that should run for ever: the others end, and are what hooks wait for.
bool RunsForever(const Value& pod) {
  const std::string_view policy = pod["spec"]["restartPolicy"].as_string();
  if (policy.empty() || policy == "Always") return true;
  const Value& annotations = pod["metadata"]["annotations"];
  return annotations[kIgnoreRestartPolicy].as_string() == "true" && !IsHookPod(annotations);
}

bool IsBadWaitingReason(std::string_view reason) {
  return reason.starts_with("Err") || reason.ends_with("Error") || reason.ends_with("BackOff");
}

std::string TerminationMessage(const Value& container) {
  const Value& terminated = container["state"]["terminated"];
  if (!terminated.is_object()) return "";
  if (!terminated["message"].as_string().empty()) return terminated["message"].str();
  if (terminated["reason"].as_string() == "OOMKilled") return "OOMKilled";
  const std::int64_t code = terminated["exitCode"].as_int();
  if (code == 0) return "";
  return "container " + Quote(container["name"].as_string()) + " failed with exit code " +
         std::to_string(code);
}

std::string FailureMessage(const Value& status) {
  if (!status["message"].as_string().empty()) return status["message"].str();
  for (const char* list : {"initContainerStatuses", "containerStatuses"}) {
    for (const Value& container : status[list].items()) {
      std::string message = TerminationMessage(container);
      if (!message.empty()) return message;
    }
  }
  return status["reason"].str();
}

Health AssessRunning(const Value& pod, bool forever) {
  const Value& status = pod["status"];
  std::string message = status["message"].str();
  if (!forever) return Progressing(std::move(message));
  const auto conditions = ConditionsOf(pod);
  const Condition* ready = FindCondition(conditions, "Ready");
  if (ready && ready->is_true()) return Healthy(std::move(message));
  for (const Value& container : status["containerStatuses"].items()) {
    if (container["lastState"]["terminated"].is_object()) return Degraded(std::move(message));
  }
  return Progressing(std::move(message));
}

std::string Explain(const Value& pod, const Value& container, std::string_view kind,
                    std::string_view reason, std::string_view message) {
  std::string text = "pod " + pod["metadata"]["name"].str() + ": " + std::string(kind) + " " +
                     container["name"].str() + ": " + std::string(reason);
  if (!message.empty()) text += ": " + std::string(message);
  return text;
}

Trouble ContainerTrouble(const Value& pod, const Value& container, std::string_view kind) {
  const Value& waiting = container["state"]["waiting"];
  const std::string_view reason = waiting["reason"].as_string();
  if (IsBadWaitingReason(reason) || reason == "InvalidImageName") {
    std::string_view message = waiting["message"].as_string();
    const Value& last = container["lastState"]["terminated"];
    // A crash loop's own message only says how long the back-off is.
    if (reason == "CrashLoopBackOff" && !last["message"].as_string().empty()) {
      message = last["message"].as_string();
    }
    std::string text = Explain(pod, container, kind, reason, message);
    if (reason == "CrashLoopBackOff" && last.is_object()) {
      text += " (last exit code " + std::to_string(last["exitCode"].as_int()) + ")";
    }
    return {4, std::move(text), {}};
  }
  const Value& terminated = container["state"]["terminated"];
  if (terminated.is_object() && terminated["exitCode"].as_int() != 0) {
    const std::string code = "exit code " + std::to_string(terminated["exitCode"].as_int());
    std::string_view word = terminated["reason"].as_string();
    std::string text = Explain(pod, container, kind, word.empty() ? "Error" : word, code);
    if (!terminated["message"].as_string().empty()) text += ": " + terminated["message"].str();
    return {3, std::move(text), {}};
  }
  return {};
}

Trouble PodTrouble(const Value& pod) {
  Trouble worst;
  constexpr std::array<std::pair<const char*, const char*>, 2> kLists = {
      {{"initContainerStatuses", "init container"}, {"containerStatuses", "container"}}};
  for (const auto& [list, kind] : kLists) {
    for (const Value& container : pod["status"][list].items()) {
      Trouble trouble = ContainerTrouble(pod, container, kind);
      if (trouble.weight > worst.weight) worst = std::move(trouble);
    }
  }
  if (worst.weight > 0) return worst;
  const std::string name = "pod " + pod["metadata"]["name"].str() + ": ";
  const auto conditions = ConditionsOf(pod);
  const Condition* scheduled = FindCondition(conditions, "PodScheduled");
  if (scheduled && scheduled->is_false()) return {2, name + Describe(*scheduled), {}};
  const Value& status = pod["status"];
  if (status["phase"].as_string() == "Failed") return {2, name + FailureMessage(status), {}};
  const Condition* ready = FindCondition(conditions, "Ready");
  if (ready && ready->is_false() && status["phase"].as_string() == "Running") {
    return {1, name + "not ready: " + Describe(*ready), {}};
  }
  return {};
}

}  // namespace

Health AssessPod(const Value& pod) {
  const bool forever = RunsForever(pod);
  const Value& status = pod["status"];
  if (forever) {
    std::vector<std::string> messages;
    bool bad = false;
    for (const Value& container : status["containerStatuses"].items()) {
      const Value& waiting = container["state"]["waiting"];
      if (!IsBadWaitingReason(waiting["reason"].as_string())) continue;
      bad = true;
      const bool silent = waiting["message"].as_string().empty();
      messages.push_back(silent ? waiting["reason"].str() : waiting["message"].str());
    }
    if (bad) return Degraded(Join(messages, ", "));
  }
  const std::string_view phase = status["phase"].as_string();
  if (phase == "Pending") return Progressing(status["message"].str());
  if (phase == "Succeeded") return Healthy(status["message"].str());
  if (phase == "Failed") return Degraded(FailureMessage(status));
  if (phase == "Running") return AssessRunning(pod, forever);
  if (phase.empty()) return Progressing("Waiting for the pod to be seen by the scheduler");
  return {HealthStatus::kUnknown, "pod phase " + std::string(phase)};
}

Trouble WorstPod(std::span<const Value> pods) {
  Trouble worst;
  for (const Value& pod : pods) {
    if (!pod["metadata"]["deletionTimestamp"].is_null()) continue;
    Trouble trouble = PodTrouble(pod);
    if (trouble.weight <= worst.weight) continue;
    worst = std::move(trouble);
    worst.uid = pod["metadata"]["uid"].str();
  }
  return worst;
}

}  // namespace swell::health
