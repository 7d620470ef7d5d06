// PrepareObjects: from what was rendered to what is applied.

#include <algorithm>
#include <map>
#include <set>

#include "base/core/encoding.h"
#include "base/core/strings.h"
#include "reconciler/diff/list_keys.h"
#include "reconciler/diff/normalize.h"
#include "reconciler/plan/apply_options.h"
#include "reconciler/plan/planner.h"
#include "reconciler/plan/stages.h"

namespace swell::plan {
namespace {

// The kinds that CRDs of the manifest itself bring, and whether they are namespaced.
std::map<GroupKind, bool> DefinedKinds(const std::vector<Object>& objects) {
  std::map<GroupKind, bool> kinds;
  for (const Object& object : objects) {
    const GroupVersionKind gvk = object.gvk();
    if (gvk.group != "apiextensions.k8s.io" || gvk.kind != "CustomResourceDefinition") continue;
    const Value& spec = object.value["spec"];
    kinds[{spec["group"].str(), spec["names"]["kind"].str()}] =
        spec["scope"].as_string() != "Cluster";
  }
  return kinds;
}

Result<Value> FoldStringData(const Object& object) {
  const Value& value = object.value;
  if (!IsSecret(value) || !value.Has("stringData")) return value;
  std::vector<Member> data(value["data"].members().begin(), value["data"].members().end());
  for (const Member& member : value["stringData"].members()) {
    if (!member.value.is_string()) {
      return Fail(InvalidArgument(object.origin + ": " + object.id().ToString() + ": stringData." +
                                  member.key.str() + " is no string (quote it?)"));
    }
    // The last of two members wins: stringData over data, as on the server.
    data.emplace_back(member.key, Value(Base64Encode(member.value.as_string())));
  }
  return value.Without("stringData").With("data", Value::Object(std::move(data)));
}

Result<Value> WithName(const Object& object, const Placement& placement, const Digest& digest) {
  const Value& metadata = object.value["metadata"];
  if (!metadata["name"].as_string().empty()) return object.value;
  if (!placement.hook) {
    return Fail(InvalidArgument(object.origin + ": " + object.gvk().kind + " with generateName " +
                                Quote(metadata["generateName"].as_string()) +
                                ": only hooks may leave their name to be generated; give it a "
                                "name"));
  }
  // The same manifest makes the same name, so that a repeated apply finds its own hook.
  const std::string name = metadata["generateName"].str() + digest.Hex().substr(0, 10);
  return object.value.WithAt({"metadata", "name"}, Value(name))
      .WithoutAt({"metadata", "generateName"});
}

// A hook that is declared with it would never go away.
Value WithoutHookFinalizer(const Value& object) {
  std::vector<Value> rest;
  for (const Value& finalizer : object["metadata"]["finalizers"].items()) {
    if (finalizer.as_string() != kHookFinalizer) rest.push_back(finalizer);
  }
  if (rest.size() == object["metadata"]["finalizers"].size()) return object;
  return rest.empty() ? object.WithoutAt({"metadata", "finalizers"})
                      : object.WithAt({"metadata", "finalizers"}, Value::Array(std::move(rest)));
}

Object NamespaceObject(const std::string& name) {
  Value value = Value::Object({{"apiVersion", Value("v1")},
                               {"kind", Value("Namespace")},
                               {"metadata", Value::Object({{"name", Value(name)}})}});
  return {std::move(value), "destination.createNamespace"};
}

class Preparer {
 public:
  Preparer(const Manifest& manifest, const Application& application, const ScopeOf& scope)
      : manifest_(manifest),
        application_(application),
        scope_(scope),
        defined_(DefinedKinds(manifest.objects)) {}

  Result<std::vector<Object>> Run(std::vector<std::string>* warnings) {
    for (const Object& object : manifest_.objects) {
      const Placement placement = PlaceObject(object);
      if (warnings && !placement.warning.empty()) warnings->push_back(placement.warning);
      if (!placement.stages.empty()) TRY(Add(object, placement));
    }
    if (!unserved_.empty()) {
      return Fail(FailedPrecondition(
          "the cluster does not serve " + Join({unserved_.begin(), unserved_.end()}, ", ") +
          ", and no CustomResourceDefinition of the application brings it"));
    }
    AddNamespace();
    TRY(CheckUnique(objects_));
    SortForApply(objects_);
    return std::move(objects_);
  }

 private:
  std::optional<bool> IsNamespaced(const GroupKind& kind) const {
    const auto defined = defined_.find(kind);
    if (defined != defined_.end()) return defined->second;
    return scope_(kind);
  }

  Status Add(const Object& object, const Placement& placement) {
    const GroupVersionKind gvk = object.gvk();
    std::optional<bool> namespaced = IsNamespaced(gvk.group_kind());
    // Its author says that the kind comes later; where it lives only the object itself can tell.
    if (!namespaced && !object.ns().empty() &&
        HasSyncOption(object, "SkipDryRunOnMissingResource=true")) {
      namespaced = true;
    }
    if (!namespaced) {
      unserved_.insert(gvk.api_version() + " " + gvk.kind + " (" + object.origin + ")");
      return {};
    }
    Object prepared{TRY(WithName(object, placement, manifest_.digest)), object.origin};
    prepared.value = diff::WithListKeys(diff::WithoutServerMetadata(TRY(FoldStringData(prepared))));
    if (placement.hook) prepared.value = WithoutHookFinalizer(prepared.value);
    // An apply that states them would take away what the controller has filled in.
    prepared.value = diff::WithoutAggregatedRules(prepared.value);
    if (!*namespaced) {
      prepared.value = prepared.value.WithoutAt({"metadata", "namespace"});
    } else if (prepared.ns().empty()) {
      const std::string& ns = application_.destination.ns;
      prepared.value =
          prepared.value.WithAt({"metadata", "namespace"}, Value(ns.empty() ? "default" : ns));
    }
    prepared.value = prepared.value.WithAt({"metadata", "annotations", kOwnerAnnotation},
                                           Value(application_.name));
    objects_.push_back(std::move(prepared));
    return {};
  }

  void AddNamespace() {
    const DestinationSpec& destination = application_.destination;
    if (!destination.create_namespace || destination.ns.empty()) return;
    const ObjectId id{"", "Namespace", "", destination.ns};
    const bool declared =
        std::ranges::any_of(objects_, [&](const Object& object) { return object.id() == id; });
    if (!declared) objects_.push_back(NamespaceObject(destination.ns));
  }

  const Manifest& manifest_;
  const Application& application_;
  const ScopeOf& scope_;
  std::map<GroupKind, bool> defined_;
  std::set<std::string> unserved_;
  std::vector<Object> objects_;
};

}  // namespace

Result<std::vector<Object>> PrepareObjects(const Manifest& manifest, const Application& application,
                                           const ScopeOf& scope,
                                           std::vector<std::string>* warnings) {
  return Preparer(manifest, application, scope).Run(warnings);
}

}  // namespace swell::plan
