#include "server/sandbox/workload.h"

#include <algorithm>

#include "base/core/digest.h"
#include "base/core/strings.h"
#include "base/value/json.h"

namespace swell::sandbox::workload {
namespace {

// "replicaset-controller": who Events are from.
std::string ControllerOf(const Resource& kind) { return ToLower(kind.kind) + "-controller"; }

std::string_view GroupOf(std::string_view api_version) {
  const auto slash = api_version.find('/');
  return slash == api_version.npos ? std::string_view() : api_version.substr(0, slash);
}

}  // namespace

std::string TemplateHash(const Value& pod_template) {
  static constexpr char kLetters[] = "bcdfghjklmnpqrstvwxz2456789";
  const Digest digest = Digest::Of(json::Write(pod_template));
  std::string hash;
  for (std::size_t i = 0; i < 10; ++i) hash += kLetters[digest.bytes()[i] % (sizeof kLetters - 1)];
  return hash;
}

Value OwnerReference(const Resource& resource, const Stored& owner) {
  return Value::Object({{"apiVersion", Value(resource.api_version())},
                        {"kind", Value(resource.kind)},
                        {"name", Value(owner.name())},
                        {"uid", Value(owner.uid())},
                        {"controller", Value(true)},
                        {"blockOwnerDeletion", Value(true)}});
}

bool CreatePod(ControllerEnv& env, const Resource& owner_kind, const Stored& owner,
               const PodPlan& plan) {
  const Value& pattern = owner.value["spec"]["template"];
  Value labels = pattern["metadata"]["labels"];
  for (const Member& label : plan.extra_labels.members()) {
    labels = labels.With(label.name(), label.value);
  }
  Value metadata =
      Value::Object({{"labels", std::move(labels)},
                     {"ownerReferences", Value::Array({OwnerReference(owner_kind, owner)})}});
  if (pattern["metadata"].Has("annotations")) {
    metadata = metadata.With("annotations", pattern["metadata"]["annotations"]);
  }
  metadata = plan.name.empty() ? metadata.With("generateName", Value(plan.generate_name))
                               : metadata.With("name", Value(plan.name));
  const Value pod = Value::Object({{"apiVersion", Value("v1")},
                                   {"kind", Value("Pod")},
                                   {"metadata", std::move(metadata)},
                                   {"spec", pattern["spec"]}});
  const auto made = env.objects.Create(env.Kind("", "Pod"), owner.ns(), pod, {});
  const bool set = owner_kind.kind == "StatefulSet";
  if (made) {
    const std::string name(made->object->name());
    env.events.Record(
        owner_kind, owner, EventType::kNormal, "SuccessfulCreate",
        set ? "create Pod " + name + " in StatefulSet " + std::string(owner.name()) + " successful"
            : "Created pod: " + name,
        ControllerOf(owner_kind));
  } else {
    const std::string& why = made.error().message;
    env.events.Record(owner_kind, owner, EventType::kWarning, "FailedCreate",
                      set ? "create Pod " + plan.name + " in StatefulSet " +
                                std::string(owner.name()) + " failed error: " + why
                          : "Error creating: " + why,
                      ControllerOf(owner_kind));
  }
  return made.has_value();
}

void DeletePod(ControllerEnv& env, const Stored& pod) {
  const Resource& kind = env.Kind("", "Pod");
  DeleteOptions options;
  options.uid = pod.uid();
  if (!env.objects.Delete(kind, pod.ns(), pod.name(), options)) return;
  if (pod.value["status"]["phase"].as_string() == "Running") {
    for (const Value& container : pod.value["spec"]["containers"].items()) {
      const std::string name = container["name"].str();
      env.events.Record(kind, pod, EventType::kNormal, "Killing", "Stopping container " + name,
                        "kubelet", "spec.containers{" + name + "}");
    }
  }
  const Value& reference = pod.metadata()["ownerReferences"][0];
  const Resource* owner_kind = env.objects.registry().FindKind(
      GroupOf(reference["apiVersion"].as_string()), reference["kind"].as_string());
  if (owner_kind == nullptr) return;
  const ObjectPtr owner =
      env.objects.store().Find(*owner_kind, pod.ns(), reference["name"].as_string());
  if (owner == nullptr) return;
  const std::string name(pod.name());
  env.events.Record(
      *owner_kind, *owner, EventType::kNormal, "SuccessfulDelete",
      owner_kind->kind == "StatefulSet"
          ? "delete Pod " + name + " in StatefulSet " + std::string(owner->name()) + " successful"
          : "Deleted pod: " + name,
      ControllerOf(*owner_kind));
}

bool IsReady(const Stored& pod) {
  return FindCondition(pod.value["status"], "Ready")["status"].as_string() == "True";
}

bool IsFinished(const Stored& pod) {
  const std::string_view phase = pod.value["status"]["phase"].as_string();
  return phase == "Succeeded" || phase == "Failed";
}

const Value& FindCondition(const Value& status, std::string_view type) {
  static const Value none;
  for (const Value& condition : status["conditions"].items()) {
    if (condition["type"].as_string() == type) return condition;
  }
  return none;
}

Value WithCondition(const ControllerEnv& env, const Value& conditions, std::string_view type,
                    std::string_view status, std::string_view reason, const std::string& message) {
  Value list = conditions.is_array() ? conditions : Value::EmptyArray();
  std::size_t at = 0;
  while (at < list.size() && list[at]["type"].as_string() != type) ++at;
  const Value& old = list[at];
  const bool same = old["status"].as_string() == status;
  if (same && old["reason"].as_string() == reason && old["message"].as_string() == message) {
    return list;
  }
  Value condition =
      Value::Object({{"type", Value(type)},
                     {"status", Value(status)},
                     {"lastUpdateTime", env.Now()},
                     {"lastTransitionTime", same ? old["lastTransitionTime"] : env.Now()}});
  if (!reason.empty()) condition = condition.With("reason", Value(reason));
  if (!message.empty()) condition = condition.With("message", Value(message));
  return list.WithItem(at, std::move(condition));
}

std::int64_t Resolve(const Value& amount, std::int64_t total, Rounding rounding) {
  if (amount.is_int()) return amount.as_int();
  const std::string text = amount.str();
  if (text.empty() || text.back() != '%') return 0;
  const std::int64_t percent = std::atoll(text.c_str());
  return (percent * total + (rounding == Rounding::kUp ? 99 : 0)) / 100;
}

void AddCount(std::vector<Member>& members, const char* name, std::int64_t count) {
  if (count != 0) members.emplace_back(name, Value(count));
}

}  // namespace swell::sandbox::workload
