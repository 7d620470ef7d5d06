// StatefulSets, in order of their ordinals, and DaemonSets on the cluster's one node.

#include <algorithm>

#include "server/sandbox/workload.h"

namespace swell::sandbox::controllers {
namespace {

constexpr char kManager[] = "kube-controller-manager";
constexpr char kRevision[] = "controller-revision-hash";

std::string_view RevisionOf(const Stored& pod) {
  return pod.metadata()["labels"][kRevision].as_string();
}

// The claims of one ordinal, from volumeClaimTemplates.
void CreateClaims(ControllerEnv& env, const Stored& set, const std::string& pod) {
  const Resource& claims = env.Kind("", "PersistentVolumeClaim");
  for (const Value& pattern : set.value["spec"]["volumeClaimTemplates"].items()) {
    const std::string name = pattern["metadata"]["name"].str() + "-" + pod;
    if (env.objects.store().Find(claims, set.ns(), name) != nullptr) continue;
    const Value body = Value::Object(
        {{"apiVersion", Value("v1")},
         {"kind", Value("PersistentVolumeClaim")},
         {"metadata",
          Value::Object({{"name", Value(name)},
                         {"labels", set.value.At({"spec", "selector", "matchLabels"})}})},
         {"spec", pattern["spec"]}});
    (void)env.objects.Create(claims, set.ns(), body, {.manager = kManager});
  }
}

struct Ordinals {
  ControllerEnv& env;
  const Stored& set;
  const Resource& kind;
  std::string revision;
  std::vector<ObjectPtr> pods;   // by ordinal; null where missing
  std::vector<ObjectPtr> extra;  // beyond replicas, highest last

  bool Parallel() const {
    return set.value["spec"]["podManagementPolicy"].as_string() == "Parallel";
  }

  // Creates what is missing; false while an ordinal is not there and ready.
  bool Fill() {
    bool complete = true;
    for (std::size_t i = 0; i < pods.size(); ++i) {
      const ObjectPtr& pod = pods[i];
      if (pod == nullptr) {
        const std::string name = std::string(set.name()) + "-" + std::to_string(i);
        CreateClaims(env, set, name);
        workload::CreatePod(
            env, kind, set,
            {.name = name,
             .extra_labels = Value::Object({{kRevision, Value(revision)},
                                            {"statefulset.kubernetes.io/pod-name", Value(name)}})});
        complete = false;
      } else if (pod->deleting() || !workload::IsReady(*pod)) {
        complete = false;
      }
      if (!complete && !Parallel()) return false;
    }
    return complete;
  }

  // One pod of an old revision goes, the highest first, down to the partition.
  void Update() {
    if (set.value.At({"spec", "updateStrategy", "type"}).as_string() == "OnDelete") return;
    const auto partition = static_cast<std::size_t>(
        set.value.At({"spec", "updateStrategy", "rollingUpdate", "partition"}).as_int());
    for (std::size_t i = pods.size(); i-- > partition;) {
      if (RevisionOf(*pods[i]) == revision) continue;
      workload::DeletePod(env, *pods[i]);
      return;
    }
  }
};

}  // namespace

void StatefulSet(ControllerEnv& env, const ObjectPtr& object) {
  if (object->deleting()) return;
  const Stored& set = *object;
  const Resource& kind = env.Kind("apps", "StatefulSet");
  const std::string hash = workload::TemplateHash(set.value["spec"]["template"]);
  Ordinals ordinals{env, set, kind, std::string(set.name()) + "-" + hash, {}, {}};
  ordinals.pods.resize(
      static_cast<std::size_t>(std::max<std::int64_t>(0, set.value["spec"]["replicas"].as_int())));
  const std::string prefix = std::string(set.name()) + "-";
  std::int64_t total = 0, ready = 0, updated = 0;
  for (const ObjectPtr& pod : env.Controlled(set, env.Kind("", "Pod"))) {
    const std::string ordinal(pod->name().substr(std::min(prefix.size(), pod->name().size())));
    const auto index = static_cast<std::size_t>(std::atoll(ordinal.c_str()));
    if (index < ordinals.pods.size()) {
      ordinals.pods[index] = pod;
    } else {
      ordinals.extra.push_back(pod);
    }
    ++total;
    if (workload::IsReady(*pod) && !pod->deleting()) ++ready;
    if (RevisionOf(*pod) == ordinals.revision) ++updated;
  }
  const bool complete = ordinals.Fill();
  if (complete && !ordinals.extra.empty()) {
    if (!ordinals.extra.back()->deleting()) workload::DeletePod(env, *ordinals.extra.back());
  } else if (complete) {
    ordinals.Update();
  }
  const Value& old = set.value["status"];
  const bool done = complete && ordinals.extra.empty() && updated == total;
  Value current =
      done || !old.Has("currentRevision") ? Value(ordinals.revision) : old["currentRevision"];
  std::vector<Member> members{{"observedGeneration", set.metadata()["generation"]},
                              {"replicas", Value(total)},
                              {"collisionCount", Value(0)},
                              {"currentRevision", current},
                              {"updateRevision", Value(ordinals.revision)},
                              {"availableReplicas", Value(ready)}};
  workload::AddCount(members, "readyReplicas", ready);
  workload::AddCount(members, "updatedReplicas", updated);
  workload::AddCount(members, "currentReplicas", done ? total : total - updated);
  env.objects.SetStatus(kind, set, Value::Object(std::move(members)), kManager);
}

void DaemonSet(ControllerEnv& env, const ObjectPtr& object) {
  if (object->deleting()) return;
  const Stored& set = *object;
  const Resource& kind = env.Kind("apps", "DaemonSet");
  const std::string hash = workload::TemplateHash(set.value["spec"]["template"]);
  const bool on_delete = set.value.At({"spec", "updateStrategy", "type"}).as_string() == "OnDelete";
  const std::vector<ObjectPtr> pods = env.Controlled(set, env.Kind("", "Pod"));
  ObjectPtr pod = pods.empty() ? nullptr : pods.front();
  bool present = pod != nullptr;
  if (pod == nullptr) {
    present = workload::CreatePod(env, kind, set,
                                  {.generate_name = std::string(set.name()) + "-",
                                   .extra_labels = Value::Object({{kRevision, Value(hash)}})});
  } else if (!pod->deleting() && RevisionOf(*pod) != hash && !on_delete) {
    workload::DeletePod(env, *pod);
  }
  const bool ready = pod != nullptr && !pod->deleting() && workload::IsReady(*pod);
  const bool updated = pod == nullptr ? present : RevisionOf(*pod) == hash;
  std::vector<Member> members{{"observedGeneration", set.metadata()["generation"]},
                              {"currentNumberScheduled", Value(present ? 1 : 0)},
                              {"desiredNumberScheduled", Value(1)},
                              {"numberMisscheduled", Value(0)},
                              {"numberReady", Value(ready ? 1 : 0)}};
  workload::AddCount(members, "numberAvailable", ready ? 1 : 0);
  workload::AddCount(members, "numberUnavailable", ready ? 0 : 1);
  workload::AddCount(members, "updatedNumberScheduled", updated ? 1 : 0);
  env.objects.SetStatus(kind, set, Value::Object(std::move(members)), kManager);
}

}  // namespace swell::sandbox::controllers
