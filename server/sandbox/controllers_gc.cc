// Owners and finalizers, namespaces and definitions: how things go.

#include <algorithm>
#include <map>
#include <string>

#include "server/sandbox/controllers.h"

namespace swell::sandbox::controllers {
namespace {

bool HasFinalizer(const Stored& object, std::string_view name) {
  const auto held = object.metadata()["finalizers"].items();
  return std::any_of(held.begin(), held.end(),
                     [&](const Value& item) { return item.as_string() == name; });
}

enum class OwnerState { kLives, kGone, kUnknown };

OwnerState StateOf(const ControllerEnv& env, const Value& reference, const std::string& ns) {
  const std::string api_version = reference["apiVersion"].str();
  const auto slash = api_version.find('/');
  const std::string group = slash == std::string::npos ? "" : api_version.substr(0, slash);
  const Resource* kind = env.objects.registry().FindKind(group, reference["kind"].as_string());
  if (kind == nullptr) return OwnerState::kUnknown;  // never collect what cannot be resolved
  const ObjectPtr owner =
      env.objects.store().Find(*kind, kind->namespaced ? ns : "", reference["name"].as_string());
  return owner != nullptr && owner->uid() == reference["uid"].as_string() ? OwnerState::kLives
                                                                          : OwnerState::kGone;
}

Value WithoutOwner(const Value& references, std::string_view uid) {
  std::vector<Value> rest;
  for (const Value& reference : references.items()) {
    if (reference["uid"].as_string() != uid) rest.push_back(reference);
  }
  return Value::Array(std::move(rest));
}

void SetOwners(ControllerEnv& env, const ObjectRef& ref, const Stored& object, Value references) {
  Value metadata = references.empty()
                       ? object.metadata().Without("ownerReferences")
                       : object.metadata().With("ownerReferences", std::move(references));
  env.objects.store().Put(*ref.resource, object.value.With("metadata", std::move(metadata)),
                          object.managed);
}

// Deletes the dependents; true when none is left that holds the owner back.
bool DependentsGone(ControllerEnv& env, const Stored& owner) {
  bool gone = true;
  for (const ObjectRef& ref : env.owners.Dependents(owner.uid())) {
    const ObjectPtr dependent = env.Find(ref);
    if (dependent == nullptr) continue;
    for (const Value& reference : dependent->metadata()["ownerReferences"].items()) {
      if (reference["uid"].as_string() == owner.uid() &&
          reference["blockOwnerDeletion"].as_bool()) {
        gone = false;
      }
    }
    if (dependent->deleting()) continue;
    DeleteOptions options;
    options.propagation = Propagation::kForeground;
    options.uid = dependent->uid();
    (void)env.objects.Delete(*ref.resource, ref.ns, ref.name, options);
  }
  return gone;
}

// "Some resources are remaining: widgets.e.com has 3 resource instances": the words of
// Kubernetes' namespace controller, which tools read.
Value LeftCondition(const ControllerEnv& env, const char* type, const char* reason,
                    const std::string& prefix, const std::string& middle,
                    const std::map<std::string, int>& counts, const char* nothing_reason,
                    const char* nothing) {
  std::string message;
  for (const auto& [what, count] : counts) {
    message += (message.empty() ? prefix : ", ") + what + middle + std::to_string(count) +
               " resource instances";
  }
  const bool left = !counts.empty();
  return Value::Object({{"type", Value(type)},
                        {"status", Value(left ? "True" : "False")},
                        {"reason", Value(left ? reason : nothing_reason)},
                        {"message", Value(left ? message : nothing)},
                        {"lastTransitionTime", env.Now()}});
}

void SayWhatIsLeft(ControllerEnv& env, const Stored& space,
                   const std::map<std::string, int>& remaining,
                   const std::map<std::string, int>& finalizers) {
  const Value conditions = Value::Array(
      {LeftCondition(env, "NamespaceContentRemaining", "SomeResourcesRemain",
                     "Some resources are remaining: ", " has ", remaining, "ContentRemoved",
                     "All content successfully removed"),
       LeftCondition(env, "NamespaceFinalizersRemaining", "SomeFinalizersRemain",
                     "Some content in the namespace has finalizers remaining: ", " in ", finalizers,
                     "ContentHasNoFinalizers", "All content-preserving finalizers finished")});
  const Value& known = space.value["status"]["conditions"];
  bool news = known.size() != conditions.size();
  for (std::size_t i = 0; i < conditions.size() && !news; ++i) {
    news = known[i]["message"] != conditions[i]["message"];
  }
  if (!news) return;
  env.objects.SetStatus(env.Kind("", "Namespace"), space,
                        space.value["status"].With("conditions", conditions),
                        "kube-controller-manager");
}

}  // namespace

void Finalize(ControllerEnv& env, const Resource& resource, const ObjectPtr& object) {
  const std::string ns(object->ns());
  const std::string name(object->name());
  if (HasFinalizer(*object, "orphan")) {
    for (const ObjectRef& ref : env.owners.Dependents(object->uid())) {
      const ObjectPtr dependent = env.Find(ref);
      if (dependent == nullptr) continue;
      SetOwners(env, ref, *dependent,
                WithoutOwner(dependent->metadata()["ownerReferences"], object->uid()));
    }
    env.objects.RemoveFinalizer(resource, ns, name, "orphan");
  }
  if (HasFinalizer(*object, "foregroundDeletion") && DependentsGone(env, *object)) {
    env.objects.RemoveFinalizer(resource, ns, name, "foregroundDeletion");
  }
}

void Orphaned(ControllerEnv& env, const ObjectRef& ref) {
  const ObjectPtr object = env.Find(ref);
  if (object == nullptr || object->deleting()) return;
  const Value& references = object->metadata()["ownerReferences"];
  if (references.empty()) return;
  std::vector<Value> kept;
  for (const Value& reference : references.items()) {
    if (StateOf(env, reference, ref.ns) != OwnerState::kGone) kept.push_back(reference);
  }
  if (kept.size() == references.size()) return;
  if (!kept.empty()) {
    SetOwners(env, ref, *object, Value::Array(std::move(kept)));
    return;
  }
  DeleteOptions options;
  options.uid = object->uid();
  (void)env.objects.Delete(*ref.resource, ref.ns, ref.name, options);
}

void Namespace(ControllerEnv& env, const ObjectPtr& space) {
  const std::string name(space->name());
  if (!space->deleting()) {
    const auto ensure = [&](const char* kind, const char* object_name, Value extra) {
      const Resource& resource = env.Kind("", kind);
      if (env.objects.store().Find(resource, name, object_name) != nullptr) return;
      Value body = std::move(extra);
      body = body.With("apiVersion", Value("v1")).With("kind", Value(kind));
      body = body.WithAt({"metadata", "name"}, Value(object_name));
      (void)env.objects.Create(resource, name, body, {.manager = "kube-controller-manager"});
    };
    ensure("ServiceAccount", "default", Value::EmptyObject());
    ensure("ConfigMap", "kube-root-ca.crt",
           Value::Object({{"data", Value::Object({{"ca.crt", Value("simulated")}})}}));
    return;
  }
  bool empty = true;
  std::map<std::string, int> remaining;   // "widgets.e.com" -> objects
  std::map<std::string, int> finalizers;  // by name -> objects
  for (const Resource* resource : env.objects.registry().all()) {
    if (!resource->namespaced) continue;
    const auto& objects = env.objects.store().All(*resource);
    std::vector<ObjectPtr> inside;
    for (auto it = objects.lower_bound({name, ""}); it != objects.end() && it->first.first == name;
         ++it) {
      inside.push_back(it->second);
    }
    for (const ObjectPtr& object : inside) {
      if (!object->deleting()) {
        DeleteOptions options;
        options.uid = object->uid();
        (void)env.objects.Delete(*resource, name, object->name(), options);
      }
      const ObjectPtr left = env.objects.store().Find(*resource, name, object->name());
      if (left == nullptr) continue;
      empty = false;
      ++remaining[resource->plural + "." + resource->group];
      for (const Value& held : left->metadata()["finalizers"].items()) ++finalizers[held.str()];
    }
  }
  SayWhatIsLeft(env, *space, remaining, finalizers);
  if (empty && space->metadata()["finalizers"].empty()) {
    env.objects.store().Remove(env.Kind("", "Namespace"), "", name);
  }
}

}  // namespace swell::sandbox::controllers
