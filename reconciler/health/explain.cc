#include "reconciler/health/explain.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/core/strings.h"
#include "reconciler/health/rules.h"
#include "renderer/object/object.h"

namespace swell::health {
namespace {

constexpr std::size_t kMaxEventMessage = 300;
constexpr std::size_t kMaxEventsShown = 2;

std::string_view Uid(const Value& object) { return object["metadata"]["uid"].as_string(); }

bool IsOwnedBy(const Value& object, std::string_view uid) {
  return std::ranges::any_of(object["metadata"]["ownerReferences"].items(),
                             [&](const Value& owner) { return owner["uid"].as_string() == uid; });
}

std::int64_t Revision(const Value& replica_set) {
  const std::string_view text =
      replica_set["metadata"]["annotations"]["deployment.kubernetes.io/revision"].as_string();
  std::int64_t revision = 0;
  std::from_chars(text.data(), text.data() + text.size(), revision);
  return revision;
}

std::string Shortened(std::string text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t cut = most - 3;
  // Not within a UTF-8 sequence.
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80) --cut;
  text.resize(cut);
  return text + "...";
}

std::string_view FirstOf(std::initializer_list<std::string_view> texts) {
  for (std::string_view text : texts) {
    if (!text.empty()) return text;
  }
  return "";
}

// RFC 3339 in UTC: the order of the text is the order of time, to the second.
std::string_view LastSeen(const Value& event) {
  return FirstOf({event["series"]["lastObservedTime"].as_string(),
                  event["lastTimestamp"].as_string(), event["eventTime"].as_string(),
                  event["metadata"]["creationTimestamp"].as_string()});
}

std::string_view FirstSeen(const Value& event) {
  return FirstOf({event["firstTimestamp"].as_string(), event["eventTime"].as_string(),
                  event["metadata"]["creationTimestamp"].as_string()});
}

// Of two or more: "2+", "5+", "10+", "20+", …
std::string Times(std::int64_t count) {
  std::int64_t step = 1;
  while (step <= count / 10) step *= 10;
  for (const std::int64_t factor : {5, 2}) {
    if (count >= factor * step) return std::to_string(factor * step) + "+";
  }
  return std::to_string(step) + "+";
}

std::string Describe(const Value& event) {
  const std::int64_t count = std::max(event["count"].as_int(), event["series"]["count"].as_int());
  std::string out = "event " + event["reason"].str();
  const Value& about = event["involvedObject"];
  if (!about["name"].as_string().empty()) {
    out += " on " + about["kind"].str() + " " + about["name"].str();
  }
  out += " (";
  out += count > 1 ? Times(count) + " times since " : "at ";
  out += std::string(count > 1 ? FirstSeen(event) : LastSeen(event)) + ")";
  const std::string message = Shortened(event["message"].str(), kMaxEventMessage);
  if (!message.empty()) out += ": " + message;
  return out;
}

// What the container's own state has told already in other words.
bool IsTold(std::string_view reason, std::string_view said) {
  if (said.empty()) return false;
  if (said.find(reason) != std::string_view::npos) return true;
  if (reason == "BackOff" || reason == "Failed") {
    return said.find("BackOff") != std::string_view::npos ||
           said.find("ErrImage") != std::string_view::npos;
  }
  return reason == "FailedScheduling" && said.find("Unschedulable") != std::string_view::npos;
}

}  // namespace

bool HasPods(const Value& object) {
  const GroupVersionKind gvk =
      ParseGroupVersionKind(object["apiVersion"].as_string(), object["kind"].as_string());
  constexpr std::array<std::string_view, 5> kKinds = {"Deployment", "StatefulSet", "DaemonSet",
                                                      "ReplicaSet", "Job"};
  const bool known = gvk.group == "apps" || gvk.group == "batch" || gvk.group == "extensions";
  return known && std::ranges::find(kKinds, gvk.kind) != kKinds.end() &&
         object["spec"]["selector"]["matchLabels"].is_object();
}

bool HasReplicaSets(const Value& object) {
  return HasPods(object) && object["kind"].as_string() == "Deployment";
}

const Value* NewestReplicaSet(const Value& deployment, std::span<const Value> replica_sets) {
  const Value* newest = nullptr;
  for (const Value& set : replica_sets) {
    if (!IsOwnedBy(set, Uid(deployment))) continue;
    if (newest == nullptr || Revision(set) > Revision(*newest)) newest = &set;
  }
  return newest;
}

std::vector<Value> PodsOfNewest(const Value& workload, const Value* replica_set,
                                std::span<const Value> pods) {
  // Without its ReplicaSets nobody knows which pods are a Deployment's.
  if (HasReplicaSets(workload) && replica_set == nullptr) return {pods.begin(), pods.end()};
  const std::string_view owner = replica_set != nullptr ? Uid(*replica_set) : Uid(workload);
  std::vector<Value> own;
  for (const Value& pod : pods) {
    // A selector may match pods of others.
    if (IsOwnedBy(pod, owner) || pod["metadata"]["ownerReferences"].empty()) own.push_back(pod);
  }
  const std::string_view update = workload["status"]["updateRevision"].as_string();
  if (workload["kind"].as_string() != "StatefulSet" || update.empty()) return own;
  std::vector<Value> updated;
  for (const Value& pod : own) {
    const Value& hash = pod["metadata"]["labels"]["controller-revision-hash"];
    if (hash.as_string() == update) updated.push_back(pod);
  }
  // Before the first pod is replaced the old ones may be what keeps it from being so.
  return updated.empty() ? own : updated;
}

const Value* WaitingPod(std::span<const Value> pods) {
  const Value* longest = nullptr;
  for (const Value& pod : pods) {
    if (!pod["metadata"]["deletionTimestamp"].is_null()) continue;
    const std::string_view phase = pod["status"]["phase"].as_string();
    if (phase == "Succeeded") continue;
    const auto conditions = ConditionsOf(pod);
    const Condition* ready = FindCondition(conditions, "Ready");
    if (ready != nullptr && ready->is_true()) continue;
    const auto created = [](const Value& p) {
      return p["metadata"]["creationTimestamp"].as_string();
    };
    if (longest == nullptr || created(pod) < created(*longest)) longest = &pod;
  }
  return longest;
}

std::string ExplainReplicaSet(const Value& replica_set) {
  const auto conditions = ConditionsOf(replica_set);
  const Condition* failure = FindCondition(conditions, "ReplicaFailure");
  if (failure == nullptr || !failure->is_true()) return "";
  return "ReplicaSet " + replica_set["metadata"]["name"].str() + ": " + Describe(*failure);
}

std::string ExplainPods(std::span<const Value> pods) {
  return Shortened(WorstPod(pods).text, kMaxExplanation);
}

std::string ExplainEvents(std::span<const Value> events, std::span<const std::string> uids,
                          std::string_view said) {
  std::vector<std::string> shown;
  std::vector<std::string_view> reasons;
  for (const std::string& uid : uids) {
    std::vector<const Value*> own;
    for (const Value& event : events) {
      const bool about = event["involvedObject"]["uid"].as_string() == uid;
      if (about && event["type"].as_string() == "Warning") own.push_back(&event);
    }
    std::ranges::stable_sort(
        own, [](const Value* a, const Value* b) { return LastSeen(*a) > LastSeen(*b); });
    for (const Value* event : own) {
      const std::string_view reason = (*event)["reason"].as_string();
      if (IsTold(reason, said) || std::ranges::find(reasons, reason) != reasons.end()) continue;
      reasons.push_back(reason);
      shown.push_back(Describe(*event));
      if (shown.size() == kMaxEventsShown) return Join(shown, "; ");
    }
  }
  return Join(shown, "; ");
}

std::string JoinExplanations(std::span<const std::string> parts) {
  std::string out;
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    out += (out.empty() ? "" : "; ") + Shortened(part, kMaxExplanation);
  }
  return Shortened(std::move(out), 2 * kMaxExplanation);
}

}  // namespace swell::health
