// Small controllers: addresses, bound claims, autoscalers, budgets, definitions.

#include "base/core/strings.h"
#include "server/sandbox/controllers.h"
#include "server/sandbox/selector.h"

namespace swell::sandbox::controllers {
namespace {

constexpr char kManager[] = "kube-controller-manager";

Value Condition(const ControllerEnv& env, const char* type, const char* reason,
                const char* message) {
  return Value::Object({{"type", Value(type)},
                        {"status", Value("True")},
                        {"reason", Value(reason)},
                        {"message", Value(message)},
                        {"lastTransitionTime", env.Now()}});
}

// Deletes every object of the kind; true when none is left.
bool RemoveAll(ControllerEnv& env, const Resource& kind) {
  std::vector<ObjectPtr> objects;
  for (const auto& [key, object] : env.objects.store().All(kind)) objects.push_back(object);
  for (const ObjectPtr& object : objects) {
    if (!object->deleting()) {
      (void)env.objects.Delete(kind, object->ns(), object->name(), {});
    }
  }
  return env.objects.store().All(kind).empty();
}

Value Balanced(const std::string& address) {
  const Value ingress = Value::Object({{"ip", Value(address)}, {"ipMode", Value("VIP")}});
  return Value::Object({{"loadBalancer", Value::Object({{"ingress", Value::Array({ingress})}})}});
}

}  // namespace

void Service(ControllerEnv& env, const ObjectPtr& object) {
  const bool balanced = object->value["spec"]["type"].as_string() == "LoadBalancer";
  const bool has = !object->value.At({"status", "loadBalancer", "ingress"}).empty();
  if (object->deleting() || balanced == has) return;
  const Resource& kind = env.Kind("", "Service");
  const Value none = Value::Object({{"loadBalancer", Value::EmptyObject()}});
  env.objects.SetStatus(
      kind, *object, balanced ? Balanced(env.objects.allocator().PublicAddress()) : none, kManager);
}

void Ingress(ControllerEnv& env, const ObjectPtr& object) {
  if (object->deleting() || !object->value.At({"status", "loadBalancer", "ingress"}).empty()) {
    return;
  }
  const Value address = Value::Object({{"ip", Value(env.objects.allocator().PublicAddress())}});
  env.objects.SetStatus(
      env.Kind("networking.k8s.io", "Ingress"), *object,
      Value::Object({{"loadBalancer", Value::Object({{"ingress", Value::Array({address})}})}}),
      "ingress-controller");
}

void Claim(ControllerEnv& env, const ObjectPtr& object) {
  if (object->deleting() || object->value["status"]["phase"].as_string() == "Bound") return;
  const Resource& kind = env.Kind("", "PersistentVolumeClaim");
  const Value& spec = object->value["spec"];
  if (!spec.Has("volumeName")) {
    const Value named =
        object->value.WithAt({"spec", "volumeName"}, Value("pvc-" + std::string(object->uid())));
    (void)env.objects.Edit(kind, *object, named, kManager);
  }
  const ObjectPtr now = env.objects.store().Find(kind, object->ns(), object->name());
  if (now == nullptr) return;
  env.objects.SetStatus(kind, *now,
                        Value::Object({{"phase", Value("Bound")},
                                       {"accessModes", spec["accessModes"]},
                                       {"capacity", spec["resources"]["requests"]}}),
                        kManager);
}

void Autoscaler(ControllerEnv& env, const ObjectPtr& object) {
  if (object->deleting()) return;
  const Value& target = object->value.At({"spec", "scaleTargetRef"});
  const std::string api_version = target["apiVersion"].str();
  const Resource* kind = env.objects.registry().FindKind(
      api_version.substr(0, api_version.find('/')), target["kind"].as_string());
  const ObjectPtr scaled =
      kind == nullptr ? nullptr
                      : env.objects.store().Find(*kind, object->ns(), target["name"].as_string());
  Value able = Condition(env, "AbleToScale", "SucceededGetScale",
                         "the HPA controller was able to get the target's current scale");
  Value status = Value::Object({{"currentReplicas", Value(0)}, {"desiredReplicas", Value(0)}});
  if (scaled == nullptr) {
    able = able.With("status", Value("False")).With("reason", Value("FailedGetScale"));
    able = able.With("message",
                     Value("the target " + Quote(target["name"].as_string()) + " was not found"));
    env.Queue(RefOf(env.Kind("autoscaling", "HorizontalPodAutoscaler"), *object),
              std::chrono::seconds(15));
  } else {
    const std::int64_t replicas = scaled->value["spec"]["replicas"].as_int();
    status = status.With("currentReplicas", Value(replicas));
    status = status.With("desiredReplicas", Value(replicas));
  }
  const Value& old = object->value["status"]["conditions"][0];
  if (old["status"] == able["status"]) able = old;
  env.objects.SetStatus(env.Kind("autoscaling", "HorizontalPodAutoscaler"), *object,
                        status.With("conditions", Value::Array({able})), kManager);
}

void DisruptionBudget(ControllerEnv& env, const ObjectPtr& object) {
  if (object->deleting()) return;
  const Value& generation = object->metadata()["generation"];
  if (object->value["status"]["observedGeneration"] == generation) return;
  const LabelSelector selector = LabelSelector::FromObject(object->value["spec"]["selector"]);
  std::int64_t pods = 0;
  for (const auto& [key, pod] : env.objects.store().All(env.Kind("", "Pod"))) {
    if (pod->ns() == object->ns() && selector.Matches(pod->metadata()["labels"])) ++pods;
  }
  env.objects.SetStatus(
      env.Kind("policy", "PodDisruptionBudget"), *object,
      Value::Object({{"observedGeneration", generation},
                     {"currentHealthy", Value(pods)},
                     {"desiredHealthy", Value(std::max<std::int64_t>(pods - 1, 0))},
                     {"expectedPods", Value(pods)},
                     {"disruptionsAllowed", Value(std::min<std::int64_t>(pods, 1))},
                     {"conditions",
                      Value::Array({Condition(env, "DisruptionAllowed", "SufficientPods", "")})}}),
      kManager);
}

void Definition(ControllerEnv& env, const ObjectPtr& object) {
  const Resource& kind = env.Kind("apiextensions.k8s.io", "CustomResourceDefinition");
  const Value& spec = object->value["spec"];
  if (object->deleting()) {
    const Resource* custom = env.objects.registry().FindKind(
        spec["group"].as_string(), spec.At({"names", "kind"}).as_string());
    if (custom == nullptr || RemoveAll(env, *custom)) {
      env.objects.RemoveFinalizer(kind, "", object->name(), kDefinitionFinalizer);
    }
    return;
  }
  if (!object->value["status"]["conditions"].empty()) return;
  std::vector<Value> stored;
  for (const Value& version : spec["versions"].items()) {
    if (version["storage"].as_bool()) stored.push_back(version["name"]);
  }
  env.objects.SetStatus(
      kind, *object,
      Value::Object(
          {{"acceptedNames", spec["names"]},
           {"storedVersions", Value::Array(std::move(stored))},
           {"conditions",
            Value::Array({Condition(env, "NamesAccepted", "NoConflicts", "no conflicts found"),
                          Condition(env, "Established", "InitialNamesAccepted",
                                    "the initial names have been accepted")})}}),
      "kube-apiserver");
}

}  // namespace swell::sandbox::controllers
