// The deployment controller: one ReplicaSet a template, moved over step by step.

#include <algorithm>

#include "server/sandbox/workload.h"

namespace swell::sandbox::controllers {
namespace {

using workload::FindCondition;
using workload::Resolve;
using workload::Rounding;

constexpr char kManager[] = "kube-controller-manager";
constexpr char kHash[] = "pod-template-hash";
constexpr char kRevision[] = "deployment.kubernetes.io/revision";

std::int64_t Wanted(const Stored& set) { return set.value["spec"]["replicas"].as_int(); }
std::int64_t Count(const Stored& set, const char* field) {
  return set.value["status"][field].as_int();
}
std::int64_t RevisionOf(const Stored& object) {
  const std::string text = object.metadata()["annotations"][kRevision].str();
  return text.empty() ? 0 : std::atoll(text.c_str());
}

// One look at a Deployment and its ReplicaSets.
struct Rollout {
  ControllerEnv& env;
  ObjectPtr deployment;
  const Resource& kind;
  const Resource& sets_kind;
  std::string hash;
  std::vector<ObjectPtr> sets;  // all
  ObjectPtr current;            // the one of the present template; may be null
  bool created = false;

  std::int64_t replicas() const { return deployment->value["spec"]["replicas"].as_int(); }
  std::int64_t Surge() const {
    return Resolve(RollingField("maxSurge"), replicas(), Rounding::kUp);
  }
  std::int64_t Unavailable() const {
    if (Recreates()) return 0;
    const std::int64_t n = Resolve(RollingField("maxUnavailable"), replicas(), Rounding::kDown);
    return n == 0 && Surge() == 0 ? 1 : std::min(n, replicas());
  }
  bool Recreates() const {
    return deployment->value.At({"spec", "strategy", "type"}).as_string() == "Recreate";
  }
  const Value& RollingField(const char* field) const {
    return deployment->value.At({"spec", "strategy", "rollingUpdate", field});
  }
  std::int64_t Sum(const char* field) const {
    std::int64_t sum = 0;
    for (const ObjectPtr& set : sets) sum += Count(*set, field);
    return sum;
  }
  std::int64_t Total() const {
    std::int64_t sum = 0;
    for (const ObjectPtr& set : sets) sum += Wanted(*set);
    return sum;
  }
  bool paused() const { return deployment->value["spec"]["paused"].as_bool(); }

  void Load();
  void EnsureCurrent();
  void ScaleTo(ObjectPtr& set, std::int64_t replicas);
  void ScaleOut();
  void Shrink();
  void CleanUp();
  Value Status() const;
  Value Progress(const Value& conditions, bool complete, bool advanced) const;
};

void Rollout::Load() {
  hash = workload::TemplateHash(deployment->value["spec"]["template"]);
  sets = env.Controlled(*deployment, sets_kind);
  for (const ObjectPtr& set : sets) {
    if (set->metadata()["labels"][kHash].as_string() == hash) current = set;
  }
}

// The set of the present template exists and carries the highest revision.
void Rollout::EnsureCurrent() {
  std::int64_t highest = 0;
  for (const ObjectPtr& set : sets) {
    if (set != current) highest = std::max(highest, RevisionOf(*set));
  }
  const std::int64_t revision =
      current != nullptr && RevisionOf(*current) > highest ? RevisionOf(*current) : highest + 1;
  const Value text(std::to_string(revision));
  if (current == nullptr) {
    const Value& spec = deployment->value["spec"];
    Value pods = spec["template"].WithAt({"metadata", "labels", kHash}, Value(hash));
    Value selector = spec["selector"].WithAt({"matchLabels", kHash}, Value(hash));
    Value metadata = Value::Object(
        {{"name", Value(std::string(deployment->name()) + "-" + hash)},
         {"labels", pods["metadata"]["labels"]},
         {"annotations", Value::Object({{kRevision, text}})},
         {"ownerReferences", Value::Array({workload::OwnerReference(kind, *deployment)})}});
    const Value body = Value::Object({{"apiVersion", Value("apps/v1")},
                                      {"kind", Value("ReplicaSet")},
                                      {"metadata", std::move(metadata)},
                                      {"spec", Value::Object({{"replicas", Value(0)},
                                                              {"selector", std::move(selector)},
                                                              {"template", std::move(pods)}})}});
    const auto made = env.objects.Create(sets_kind, deployment->ns(), body, {});
    if (!made) return;
    current = made->object;
    sets.push_back(current);
    created = true;
  } else if (RevisionOf(*current) != revision) {
    const auto edited =
        env.objects.Edit(sets_kind, *current,
                         current->value.WithAt({"metadata", "annotations", kRevision}, text), "");
    if (edited) {
      std::replace(sets.begin(), sets.end(), current, edited->object);
      current = edited->object;
    }
  }
  if (RevisionOf(*deployment) != revision) {
    const auto edited = env.objects.Edit(
        kind, *deployment, deployment->value.WithAt({"metadata", "annotations", kRevision}, text),
        kManager);
    if (edited) deployment = edited->object;
  }
}

void Rollout::ScaleTo(ObjectPtr& set, std::int64_t wanted) {
  if (Wanted(*set) == wanted) return;
  const ObjectPtr before = set;
  const std::int64_t had = Wanted(*set);
  const auto edited =
      env.objects.Edit(sets_kind, *set, set->value.WithAt({"spec", "replicas"}, Value(wanted)), "");
  if (!edited) return;
  env.events.Record(kind, *deployment, EventType::kNormal, "ScalingReplicaSet",
                    std::string(wanted > had ? "Scaled up" : "Scaled down") + " replica set " +
                        std::string(before->name()) + " from " + std::to_string(had) + " to " +
                        std::to_string(wanted),
                    "deployment-controller");
  for (ObjectPtr& other : sets) {
    if (other == before) other = edited->object;
  }
  if (current == before) current = edited->object;
}

// The new set grows as far as the surge allows.
void Rollout::ScaleOut() {
  if (current == nullptr) return;
  if (Wanted(*current) > replicas()) {
    ScaleTo(current, replicas());
    return;
  }
  if (Recreates()) {
    std::int64_t old_pods = 0;
    for (const ObjectPtr& set : sets) {
      if (set != current) old_pods += Count(*set, "replicas") + Wanted(*set);
    }
    if (old_pods == 0) ScaleTo(current, replicas());
    return;
  }
  const std::int64_t room = replicas() + Surge() - Total();
  const std::int64_t missing = replicas() - Wanted(*current);
  if (room > 0 && missing > 0) ScaleTo(current, Wanted(*current) + std::min(room, missing));
}

// Old sets shrink: pods that never came up first, then ready ones as the new pods are ready.
void Rollout::Shrink() {
  std::vector<ObjectPtr> old;
  for (const ObjectPtr& set : sets) {
    if (set != current && Wanted(*set) > 0) old.push_back(set);
  }
  if (Recreates()) {
    for (ObjectPtr& set : old) ScaleTo(set, 0);
    return;
  }
  if (current == nullptr || old.empty()) return;
  const std::int64_t least = replicas() - Unavailable();
  const std::int64_t coming = Wanted(*current) - Count(*current, "availableReplicas");
  std::int64_t budget = Total() - least - coming;
  for (ObjectPtr& set : old) {
    const std::int64_t unhealthy =
        std::min(budget, Wanted(*set) - Count(*set, "availableReplicas"));
    if (unhealthy <= 0) continue;
    budget -= unhealthy;
    ScaleTo(set, Wanted(*set) - unhealthy);
  }
  std::int64_t spare = std::min(budget, Sum("availableReplicas") - least);
  for (ObjectPtr& set : old) {
    const std::int64_t less = std::min(spare, Wanted(*set));
    if (less <= 0) break;
    spare -= less;
    ScaleTo(set, Wanted(*set) - less);
  }
}

void Rollout::CleanUp() {
  const std::int64_t limit = deployment->value["spec"]["revisionHistoryLimit"].as_int(10);
  std::vector<ObjectPtr> idle;
  for (const ObjectPtr& set : sets) {
    if (set != current && Wanted(*set) == 0 && Count(*set, "replicas") == 0) idle.push_back(set);
  }
  std::sort(idle.begin(), idle.end(),
            [](const ObjectPtr& a, const ObjectPtr& b) { return RevisionOf(*a) < RevisionOf(*b); });
  for (std::size_t i = 0; i + static_cast<std::size_t>(limit) < idle.size(); ++i) {
    (void)env.objects.Delete(sets_kind, idle[i]->ns(), idle[i]->name(), {});
  }
}

Value Rollout::Progress(const Value& conditions, bool complete, bool advanced) const {
  const std::string set = "ReplicaSet \"" + (current ? std::string(current->name()) : "") + "\"";
  const Value& old = FindCondition(Value::Object({{"conditions", conditions}}), "Progressing");
  const auto with = [&](const char* status, const char* reason, const std::string& message) {
    return workload::WithCondition(env, conditions, "Progressing", status, reason, message);
  };
  if (complete)
    return with("True", "NewReplicaSetAvailable", set + " has successfully progressed.");
  if (created)
    return with("True", "NewReplicaSetCreated", "Created new replica set " + set.substr(11));
  const bool was_complete = old["reason"].as_string() == "NewReplicaSetAvailable";
  if (advanced || old.is_null() || was_complete) {
    Value list = conditions;
    if (old["reason"].as_string() == "ReplicaSetUpdated") {
      // Progress moves lastUpdateTime even where the words stay the same.
      for (std::size_t i = 0; i < list.size(); ++i) {
        if (list[i]["type"].as_string() != "Progressing") continue;
        list = list.WithItem(i, list[i].With("lastUpdateTime", env.Now()));
      }
      return list;
    }
    return with("True", "ReplicaSetUpdated", set + " is progressing.");
  }
  const auto since = ParseTimestamp(old["lastUpdateTime"].as_string());
  const Duration deadline =
      std::chrono::seconds(deployment->value["spec"]["progressDeadlineSeconds"].as_int(600));
  if (!paused() && since && env.objects.clock().Now() - *since >= deadline) {
    return with("False", "ProgressDeadlineExceeded", set + " has timed out progressing.");
  }
  return conditions;
}

Value Rollout::Status() const {
  const Value& old = deployment->value["status"];
  const std::int64_t all = Sum("replicas");
  const std::int64_t updated = current == nullptr ? 0 : Count(*current, "replicas");
  const std::int64_t ready = Sum("readyReplicas");
  const std::int64_t available = Sum("availableReplicas");
  std::vector<Member> members{{"observedGeneration", deployment->metadata()["generation"]}};
  workload::AddCount(members, "replicas", all);
  workload::AddCount(members, "updatedReplicas", updated);
  workload::AddCount(members, "readyReplicas", ready);
  workload::AddCount(members, "availableReplicas", available);
  workload::AddCount(members, "unavailableReplicas",
                     std::max<std::int64_t>(0, Total() - available));

  Value conditions = old["conditions"].is_array() ? old["conditions"] : Value::EmptyArray();
  const bool enough = available >= replicas() - Unavailable();
  conditions =
      workload::WithCondition(env, conditions, "Available", enough ? "True" : "False",
                              enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                              enough ? "Deployment has minimum availability."
                                     : "Deployment does not have minimum availability.");
  const bool complete = updated == replicas() && all == replicas() && available == replicas();
  const std::int64_t old_rest = old["replicas"].as_int() - old["updatedReplicas"].as_int();
  const bool advanced = updated > old["updatedReplicas"].as_int() || all - updated < old_rest ||
                        ready > old["readyReplicas"].as_int() ||
                        available > old["availableReplicas"].as_int();
  if (!paused() || complete) conditions = Progress(conditions, complete, advanced);
  members.emplace_back("conditions", std::move(conditions));
  return Value::Object(std::move(members));
}

}  // namespace

void Deployment(ControllerEnv& env, const ObjectPtr& object) {
  if (object->deleting()) return;
  Rollout rollout{env, object, env.Kind("apps", "Deployment"), env.Kind("apps", "ReplicaSet")};
  rollout.Load();
  if (!rollout.paused()) {
    rollout.EnsureCurrent();
    rollout.ScaleOut();
    rollout.Shrink();
    rollout.CleanUp();
  } else if (rollout.current != nullptr && rollout.sets.size() == 1) {
    rollout.ScaleTo(rollout.current, rollout.replicas());
  }
  const Value status = rollout.Status();
  env.objects.SetStatus(rollout.kind, *rollout.deployment, status, kManager);
  const Value& progress = FindCondition(status, "Progressing");
  if (progress["status"].as_string() == "True" &&
      progress["reason"].as_string() != "NewReplicaSetAvailable") {
    const auto since = ParseTimestamp(progress["lastUpdateTime"].as_string());
    const Duration deadline =
        std::chrono::seconds(object->value["spec"]["progressDeadlineSeconds"].as_int(600));
    const Timestamp now = env.objects.clock().Now();
    const Timestamp due = since.value_or(now) + deadline;
    env.Queue(RefOf(rollout.kind, *object), std::max(env.react(), Duration(due - now)));
  }
}

void ReplicaSet(ControllerEnv& env, const ObjectPtr& set) {
  if (set->deleting()) return;
  const Resource& kind = env.Kind("apps", "ReplicaSet");
  std::vector<ObjectPtr> pods;
  for (ObjectPtr& pod : env.Controlled(*set, env.Kind("", "Pod"))) {
    if (!pod->deleting() && !workload::IsFinished(*pod)) pods.push_back(std::move(pod));
  }
  std::int64_t have = static_cast<std::int64_t>(pods.size());
  const std::int64_t wanted = Wanted(*set);
  for (; have < wanted; ++have) {
    if (!workload::CreatePod(env, kind, *set, {.generate_name = std::string(set->name()) + "-"})) {
      break;
    }
  }
  // Pods that are not ready go first.
  std::stable_sort(pods.begin(), pods.end(), [](const ObjectPtr& a, const ObjectPtr& b) {
    return workload::IsReady(*a) > workload::IsReady(*b);
  });
  for (; have > wanted; --have) {
    workload::DeletePod(env, *pods.back());
    pods.pop_back();
  }
  const std::int64_t ready = std::count_if(
      pods.begin(), pods.end(), [](const ObjectPtr& p) { return workload::IsReady(*p); });
  std::vector<Member> members{{"observedGeneration", set->metadata()["generation"]},
                              {"replicas", Value(have)}};
  workload::AddCount(members, "fullyLabeledReplicas", have);
  workload::AddCount(members, "readyReplicas", ready);
  workload::AddCount(members, "availableReplicas", ready);
  env.objects.SetStatus(kind, *set, Value::Object(std::move(members)), "");
}

}  // namespace swell::sandbox::controllers
