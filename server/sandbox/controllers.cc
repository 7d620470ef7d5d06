#include "server/sandbox/controllers.h"

#include <string_view>
#include <unordered_map>

namespace swell::sandbox {
namespace {

using Function = void (*)(ControllerEnv&, const ObjectPtr&);

Function FunctionOf(const Resource& resource) {
  static const std::unordered_map<std::string_view, Function> table = {
      {"Deployment", controllers::Deployment},
      {"ReplicaSet", controllers::ReplicaSet},
      {"StatefulSet", controllers::StatefulSet},
      {"DaemonSet", controllers::DaemonSet},
      {"Job", controllers::Job},
      {"Pod", controllers::Pod},
      {"Service", controllers::Service},
      {"Ingress", controllers::Ingress},
      {"PersistentVolumeClaim", controllers::Claim},
      {"HorizontalPodAutoscaler", controllers::Autoscaler},
      {"PodDisruptionBudget", controllers::DisruptionBudget},
      {"Namespace", controllers::Namespace},
      {"CustomResourceDefinition", controllers::Definition},
  };
  if (resource.custom) return nullptr;
  const auto found = table.find(resource.kind);
  return found == table.end() ? nullptr : found->second;
}

bool IsAlways(const Resource& resource) {
  return resource.kind == "Namespace" || resource.kind == "CustomResourceDefinition" ||
         resource.kind == "Pod";
}

// Only the status differs: the controller's own writing.
bool StatusOnly(const Change& change) {
  return change.type == ChangeType::kModified &&
         change.object->value.Without("status") == change.previous->value.Without("status");
}

}  // namespace

std::vector<ObjectPtr> ControllerEnv::Controlled(const Stored& owner, const Resource& kind) const {
  std::vector<ObjectPtr> found;
  for (const ObjectRef& ref : owners.Dependents(owner.uid())) {
    if (ref.resource != &kind) continue;
    if (ObjectPtr object = Find(ref)) found.push_back(std::move(object));
  }
  return found;
}

Value ControllerEnv::Now() const {
  return Value(FormatTimestamp(std::chrono::floor<std::chrono::seconds>(objects.clock().Now())));
}

Controllers::Controllers(Objects& objects, Scheduler& scheduler, ControllerOptions options)
    : ControllerEnv(objects, scheduler, std::move(options)),
      self_(std::make_shared<Controllers*>(this)) {
  objects.store().AddObserver([this](const Change& change) { OnChange(change); });
  Seed();
}

Controllers::~Controllers() { *self_ = nullptr; }

void Controllers::Seed() {
  const auto create = [&](const char* kind, const char* name) {
    const Value body = Value::Object({{"apiVersion", Value("v1")},
                                      {"kind", Value(kind)},
                                      {"metadata", Value::Object({{"name", Value(name)}})}});
    return objects.Create(Kind("", kind), "", body, {.manager = "kube-apiserver"});
  };
  for (const char* name : {"default", "kube-system"}) (void)create("Namespace", name);
  const auto node = create("Node", "sandbox-node");
  if (!node) return;
  const Value ready = Value::Object({{"type", Value("Ready")},
                                     {"status", Value("True")},
                                     {"reason", Value("KubeletReady")},
                                     {"lastTransitionTime", Now()}});
  const Value info =
      Value::Object({{"kubeletVersion", Value(options.kubernetes_version + "+swell-sandbox")},
                     {"operatingSystem", Value("linux")},
                     {"architecture", Value("amd64")}});
  objects.SetStatus(Kind("", "Node"), *node->object,
                    Value::Object({{"conditions", Value::Array({ready})}, {"nodeInfo", info}}),
                    "kubelet");
}

void Controllers::Queue(const ObjectRef& ref, Duration delay) {
  const Timestamp due = objects.clock().Now() + delay;
  const auto [entry, fresh] = queued_.try_emplace(ref, due);
  if (!fresh) {
    if (entry->second <= due) return;
    entry->second = due;
  }
  scheduler.After(delay, [self = self_, ref, due] {
    if (*self == nullptr) return;
    Controllers& controllers = **self;
    const auto found = controllers.queued_.find(ref);
    if (found == controllers.queued_.end() || found->second != due) return;
    controllers.queued_.erase(found);
    controllers.Reconcile(ref);
  });
}

void Controllers::OnChange(const Change& change) {
  owners.OnChange(change);
  const Resource& resource = *change.resource;
  const ObjectRef ref = RefOf(resource, *change.object);
  if (change.type == ChangeType::kAdded && resource.kind == "CustomResourceDefinition") {
    // Served at once, as nearly as a real server; Established follows (controllers_misc.cc).
    objects.registry().AddCustom(change.object->value);
  } else if (resource.kind == "CustomResourceDefinition" && !StatusOnly(change)) {
    const Value& spec = change.object->value["spec"];
    if (change.type == ChangeType::kModified) {
      objects.registry().AddCustom(change.object->value);
    } else {
      objects.registry().RemoveCustom(spec["group"].as_string(),
                                      spec.At({"names", "plural"}).as_string());
    }
  }
  const bool deleted = change.type == ChangeType::kDeleted;
  // A pod's binding is the kubelet's own writing too.
  const bool bound = resource.kind == "Pod" && change.type == ChangeType::kModified &&
                     !change.previous->value["spec"].Has("nodeName") && !change.object->deleting();
  const bool event = resource.group.empty() && resource.kind == "Event";  // nobody's concern
  if (!deleted && !bound && !event && !StatusOnly(change)) {
    const bool starts = resource.kind == "Pod" && change.type == ChangeType::kAdded;
    Queue(ref, starts ? options.step_delay : react());
  }
  for (const Value& owner : change.object->metadata()["ownerReferences"].items()) {
    const std::string api_version = owner["apiVersion"].str();
    const auto slash = api_version.find('/');
    const std::string group = slash == std::string::npos ? "" : api_version.substr(0, slash);
    const Resource* kind = objects.registry().FindKind(group, owner["kind"].as_string());
    if (kind == nullptr) continue;
    Queue({kind, kind->namespaced ? ref.ns : "", owner["name"].str()}, react());
  }
  if (deleted) {
    for (const ObjectRef& dependent : owners.Dependents(change.object->uid())) {
      Queue(dependent, react());
    }
    if (resource.custom) {
      const Resource& definitions = Kind("apiextensions.k8s.io", "CustomResourceDefinition");
      const ObjectPtr definition = objects.store().Find(definitions, "", resource.qualified());
      if (definition != nullptr && definition->deleting()) {
        Queue({&definitions, "", resource.qualified()}, react());
      }
    }
    const Resource& spaces = Kind("", "Namespace");
    if (resource.namespaced) {
      const ObjectPtr space = objects.store().Find(spaces, "", ref.ns);
      if (space != nullptr && space->deleting()) Queue({&spaces, "", ref.ns}, react());
    }
  }
}

void Controllers::Reconcile(const ObjectRef& ref) {
  const ObjectPtr object = Find(ref);
  if (object == nullptr) return;
  controllers::Orphaned(*this, ref);
  if (const ObjectPtr now = Find(ref); now != object) return;  // it went, or comes again
  if (object->deleting()) controllers::Finalize(*this, *ref.resource, object);
  const Function function = FunctionOf(*ref.resource);
  if (function == nullptr || (!options.workloads && !IsAlways(*ref.resource))) return;
  if (!options.workloads && ref.resource->kind == "Pod" && !object->deleting()) return;
  const ObjectPtr now = Find(ref);
  if (now != nullptr) function(*this, now);
}

}  // namespace swell::sandbox
