// Deletion, finalizers, and the cluster's own edits.

#include <algorithm>

#include "server/sandbox/errors.h"
#include "server/sandbox/objects.h"

namespace swell::sandbox {
namespace {

bool Holds(const std::vector<Value>& list, std::string_view text) {
  return std::any_of(list.begin(), list.end(),
                     [&](const Value& item) { return item.as_string() == text; });
}

bool IsNamespace(const Resource& resource) {
  return resource.group.empty() && resource.kind == "Namespace";
}

}  // namespace

ApiResult<Deleted> Objects::Delete(const Resource& resource, std::string_view ns,
                                   std::string_view name, const DeleteOptions& options) {
  const ObjectPtr object = store_.Find(resource, ns, name);
  if (object == nullptr) return std::unexpected(errors::NotFound(resource, name));
  if (!options.uid.empty() && options.uid != object->uid()) {
    return std::unexpected(
        errors::DeletePrecondition(resource, name, "UID", options.uid, object->uid()));
  }
  const std::string version = std::to_string(object->version);
  if (!options.resource_version.empty() && options.resource_version != version) {
    return std::unexpected(errors::DeletePrecondition(resource, name, "ResourceVersion",
                                                      options.resource_version, version));
  }
  if (IsNamespace(resource) && (name == "default" || name == "kube-system")) {
    return std::unexpected(errors::Forbidden(resource, name, "this namespace may not be deleted"));
  }
  const Value& held = object->metadata()["finalizers"];
  std::vector<Value> finalizers(held.items().begin(), held.items().end());
  const char* wanted = options.propagation == Propagation::kForeground ? "foregroundDeletion"
                       : options.propagation == Propagation::kOrphan   ? "orphan"
                                                                       : nullptr;
  if (wanted != nullptr && !Holds(finalizers, wanted)) finalizers.emplace_back(wanted);
  // A definition stays until its objects are gone.
  if (resource.kind == "CustomResourceDefinition" && !object->deleting()) {
    finalizers.emplace_back(kDefinitionFinalizer);
  }
  // A pod that runs somewhere is told to stop and goes when its kubelet says so.
  const bool graceful = resource.group.empty() && resource.kind == "Pod" &&
                        options.grace_seconds.value_or(30) > 0 &&
                        object->value["spec"].Has("nodeName");
  const bool waits = !finalizers.empty() || graceful || IsNamespace(resource);
  if (options.dry_run) return Deleted{object, !waits};
  if (!waits) return Deleted{store_.Remove(resource, ns, name), true};
  return MarkDeleted(resource, object, std::move(finalizers), options);
}

ApiResult<Deleted> Objects::MarkDeleted(const Resource& resource, const ObjectPtr& object,
                                        std::vector<Value> finalizers,
                                        const DeleteOptions& options) {
  if (object->deleting()) return Deleted{object, false};
  const Timestamp now = std::chrono::floor<std::chrono::seconds>(clock_.Now());
  Value metadata = object->metadata();
  metadata = metadata.With("deletionTimestamp", Value(FormatTimestamp(now)));
  const int grace = resource.kind == "Pod" ? 30 : 0;
  metadata =
      metadata.With("deletionGracePeriodSeconds", Value(options.grace_seconds.value_or(grace)));
  if (!finalizers.empty()) {
    metadata = metadata.With("finalizers", Value::Array(std::move(finalizers)));
  }
  if (resource.tracks_generation) {
    metadata = metadata.With("generation", Value(metadata["generation"].as_int() + 1));
  }
  Value marked = object->value.With("metadata", std::move(metadata));
  if (IsNamespace(resource)) {
    marked = marked.With("status", Value::Object({{"phase", Value("Terminating")}}));
  }
  return Deleted{store_.Put(resource, std::move(marked), object->managed), false};
}

void Objects::SetStatus(const Resource& resource, const Stored& object, Value status,
                        const std::string& manager) {
  const ObjectPtr now = store_.Find(resource, object.ns(), object.name());
  if (now == nullptr || now->uid() != object.uid() || now->value["status"] == status) return;
  const Value updated = now->value.With("status", std::move(status));
  const Writer writer{manager, "status", false,
                      std::chrono::floor<std::chrono::seconds>(clock_.Now())};
  auto owners = UpdateOwners(resource, &now->value, updated, now->managed, writer);
  Share(owners);
  store_.Put(resource, updated, std::move(owners));
}

void Objects::RemoveFinalizer(const Resource& resource, std::string_view ns, std::string_view name,
                              std::string_view finalizer) {
  const ObjectPtr object = store_.Find(resource, ns, name);
  if (object == nullptr) return;
  std::vector<Value> rest;
  const Value& held = object->metadata()["finalizers"];
  for (const Value& item : held.items()) {
    if (item.as_string() != finalizer) rest.push_back(item);
  }
  if (rest.size() == held.size()) return;
  Value metadata = rest.empty() ? object->metadata().Without("finalizers")
                                : object->metadata().With("finalizers", Value::Array(rest));
  store_.Put(resource, object->value.With("metadata", std::move(metadata)), object->managed);
  if (rest.empty() && object->deleting() && !IsNamespace(resource)) {
    store_.Remove(resource, ns, name);
  }
}

ApiResult<Written> Objects::Edit(const Resource& resource, const Stored& object, Value edited,
                                 const std::string& manager) {
  const ObjectPtr now = store_.Find(resource, object.ns(), object.name());
  if (now == nullptr || now->uid() != object.uid()) {
    return std::unexpected(errors::NotFound(resource, object.name()));
  }
  WriteOptions options;
  options.manager = manager;
  return Replace(resource, now, std::move(edited), std::nullopt, options);
}

}  // namespace swell::sandbox
