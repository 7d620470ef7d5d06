// Create, update, patch and apply.

#include <algorithm>
#include <charconv>

#include "base/core/strings.h"
#include "base/value/pointer.h"
#include "server/sandbox/errors.h"
#include "server/sandbox/kinds.h"
#include "server/sandbox/objects.h"
#include "server/sandbox/strategic.h"

namespace swell::sandbox {
namespace {

// Kubernetes stamps whole seconds.
Timestamp Seconds(Timestamp t) { return std::chrono::floor<std::chrono::seconds>(t); }

Value WithMetadata(const Value& object, std::string_view key, const Value& value) {
  Value metadata = object["metadata"];
  metadata = value.is_null() ? metadata.Without(key) : metadata.With(key, value);
  return object.With("metadata", std::move(metadata));
}

// What only the server writes, taken from the stored object.
Value RestoreSystemFields(Value object, const Value& old) {
  for (const char* key : {"uid", "creationTimestamp", "generation", "deletionTimestamp",
                          "deletionGracePeriodSeconds", "name", "namespace"}) {
    object = WithMetadata(object, key, old["metadata"][key]);
  }
  object = WithMetadata(object, "resourceVersion", Value());
  object = WithMetadata(object, "managedFields", Value());
  return WithMetadata(object, "selfLink", Value());
}

bool ContentDiffers(const Value& a, const Value& b) {
  return !(a.Without("metadata").Without("status") == b.Without("metadata").Without("status"));
}

}  // namespace

Writer Objects::WriterOf(const WriteOptions& options) const {
  return {options.manager, options.subresource, options.force, Seconds(clock_.Now())};
}

ApiResult<Value> Objects::CheckIdentity(const Resource& resource, std::string_view ns,
                                        std::string_view name, const Value& body) const {
  if (!body.is_object()) {
    return std::unexpected(errors::BadRequest("the object provided is not a JSON object"));
  }
  Value object = body;
  const std::string version = resource.api_version();
  const auto served = [&](std::string_view api_version) {
    const auto slash = api_version.rfind('/');
    const std::string_view group =
        slash == std::string_view::npos ? "" : api_version.substr(0, slash);
    const std::string_view last =
        slash == std::string_view::npos ? api_version : api_version.substr(slash + 1);
    return group == resource.group && std::find(resource.versions.begin(), resource.versions.end(),
                                                last) != resource.versions.end();
  };
  const std::string given_kind = object["kind"].str();
  const std::string given_version = object["apiVersion"].str();
  const std::string handled = Quote(given_version) + " cannot be handled as a " + resource.kind;
  if (!served(given_version)) {
    return std::unexpected(errors::BadRequest(
        resource.custom ? "the API version in the data (" + given_version +
                              ") does not match the expected API version (" + version + ")"
                        : given_kind + " in version " + handled + ": no kind " + Quote(given_kind) +
                              " is registered for version " + Quote(given_version) + " in scheme"));
  }
  if (given_kind != resource.kind) {
    return std::unexpected(errors::BadRequest(given_kind + " in version " + handled +
                                              ": converting (" + given_kind + ") to (" +
                                              resource.kind + "): unknown conversion"));
  }
  const Value& metadata = object["metadata"];
  if (!name.empty() && metadata["name"].as_string() != name) {
    if (!metadata["name"].as_string().empty()) {
      return std::unexpected(
          errors::BadRequest("the name of the object (" + metadata["name"].str() +
                             ") does not match the name on the URL (" + std::string(name) + ")"));
    }
    object = WithMetadata(object, "name", Value(name));
  }
  const std::string_view given = metadata["namespace"].as_string();
  if (!given.empty() && given != ns) {
    return std::unexpected(
        errors::BadRequest("the namespace of the provided object does not match the namespace "
                           "sent on the request"));
  }
  if (resource.namespaced && given.empty()) object = WithMetadata(object, "namespace", Value(ns));
  // What is stored carries the storage version, whatever version it came through.
  object = object.With("apiVersion", Value(version));
  return kinds::Decode(resource, object);
}

std::optional<ApiError> Objects::CheckNamespace(const Resource& resource, std::string_view ns,
                                                std::string_view name) const {
  if (!resource.namespaced) return std::nullopt;
  const Resource* namespaces = registry_.Find("", "v1", "namespaces");
  const ObjectPtr found = store_.Find(*namespaces, "", ns);
  if (found == nullptr) return errors::NotFound(*namespaces, ns);
  if (found->deleting()) return errors::NamespaceTerminating(resource, name, ns);
  return std::nullopt;
}

Value Objects::Shared(Value object, const Value* old) {
  const Value given = object;  // its members must outlive what replaces `object`
  for (const Member& member : given.members()) {
    if (member.name() == "metadata" || member.name() == "status") continue;
    const Value* before = old == nullptr ? nullptr : old->Find(member.name());
    if (before != nullptr && *before == member.value) {
      object = object.With(member.name(), *before);
    } else if (!member.value.empty()) {
      object = object.With(member.name(), interner_.Intern(member.value));
    }
  }
  for (const char* key : {"labels", "annotations"}) {
    const Value& map = object["metadata"][key];
    if (!map.empty()) object = WithMetadata(object, key, interner_.Intern(map));
  }
  return object;
}

void Objects::Share(std::vector<ManagedEntry>& managed) {
  for (ManagedEntry& entry : managed) entry.fields = interner_.Intern(entry.fields);
}

ApiResult<Written> Objects::Create(const Resource& resource, std::string_view ns, const Value& body,
                                   const WriteOptions& options) {
  Value object = API_TRY(CheckIdentity(resource, ns, "", body));
  if (object["metadata"].Has("resourceVersion") &&
      !object["metadata"]["resourceVersion"].as_string().empty()) {
    return std::unexpected(
        errors::BadRequest("resourceVersion should not be set on objects to be created"));
  }
  const std::string prefix = object["metadata"]["generateName"].str();
  if (object["metadata"]["name"].as_string().empty() && !prefix.empty()) {
    object = WithMetadata(object, "name", Value(prefix + allocator_.Suffix()));
  }
  return CreateChecked(resource, std::move(object), {}, options, false);
}

ApiResult<Written> Objects::CreateChecked(const Resource& resource, Value object,
                                          std::vector<ManagedEntry> managed,
                                          const WriteOptions& options, bool applied) {
  const std::string name = object["metadata"]["name"].str();
  const std::string ns = object["metadata"]["namespace"].str();
  if (auto error = CheckNamespace(resource, ns, name)) return std::unexpected(std::move(*error));
  for (const char* key : {"managedFields", "resourceVersion", "selfLink", "deletionTimestamp",
                          "deletionGracePeriodSeconds", "generation"}) {
    object = WithMetadata(object, key, Value());
  }
  object = kinds::Canonical(resource, object);
  if (resource.has_status) object = object.Without("status");
  object = kinds::WithDefaults(resource, object);
  object = WithMetadata(object, "uid", Value(allocator_.Uid()));
  object = WithMetadata(object, "creationTimestamp", Value(FormatTimestamp(Seconds(clock_.Now()))));
  if (resource.tracks_generation) object = WithMetadata(object, "generation", Value(1));
  if (!applied) {
    // Before addresses, selectors and the like are filled in: the creator does not own those.
    managed = UpdateOwners(resource, nullptr, object, std::move(managed), WriterOf(options));
  }
  object = allocator_.Fill(resource, object, nullptr);

  std::vector<Cause> causes = kinds::ValidateMetadata(resource, object);
  for (Cause& cause : kinds::Validate(resource, object, nullptr)) {
    causes.push_back(std::move(cause));
  }
  if (!causes.empty()) {
    return std::unexpected(errors::Invalid(resource, name, std::move(causes)));
  }
  if (store_.Find(resource, ns, name) != nullptr) {
    return std::unexpected(errors::AlreadyExists(resource, name));
  }
  if (options.dry_run) {
    auto draft = std::make_shared<Stored>();
    draft->value = std::move(object);
    draft->managed = std::move(managed);
    return Written{draft, true, false};
  }
  Share(managed);
  return Written{store_.Put(resource, Shared(std::move(object), nullptr), std::move(managed)), true,
                 true};
}

ApiResult<Written> Objects::Update(const Resource& resource, std::string_view ns,
                                   std::string_view name, const Value& body,
                                   const WriteOptions& options) {
  const Value object = API_TRY(CheckIdentity(resource, ns, name, body));
  const ObjectPtr old = store_.Find(resource, ns, name);
  if (old == nullptr) {
    if (options.subresource.empty() && resource.group == "coordination.k8s.io") {
      return Create(resource, ns, body, options);  // Leases may be created by an update
    }
    return std::unexpected(errors::NotFound(resource, name));
  }
  return Replace(resource, old, object, std::nullopt, options);
}

ApiResult<Written> Objects::Replace(const Resource& resource, const ObjectPtr& old, Value object,
                                    std::optional<std::vector<ManagedEntry>> managed,
                                    const WriteOptions& options) {
  const std::string name(old->name());
  const Value& metadata = object["metadata"];
  const std::string_view version = metadata["resourceVersion"].as_string();
  if (!version.empty() && version != std::to_string(old->version)) {
    return std::unexpected(errors::Modified(resource, name));
  }
  const std::string_view uid = metadata["uid"].as_string();
  if (!uid.empty() && uid != old->uid()) {
    return std::unexpected(
        errors::Precondition(resource, name,
                             "UID in precondition: " + std::string(uid) +
                                 ", UID in object meta: " + std::string(old->uid())));
  }
  std::vector<ManagedEntry> owners = old->managed;
  if (!managed && metadata.Has("managedFields")) owners = ParseManaged(metadata["managedFields"]);
  object = RestoreSystemFields(std::move(object), old->value);
  object = kinds::Canonical(resource, object);
  if (options.subresource == "status") {
    object = old->value.With("status", object["status"]);
  } else if (resource.has_status) {
    const Value* status = old->value.Find("status");
    object = status == nullptr ? object.Without("status") : object.With("status", *status);
  }
  object = allocator_.Fill(resource, kinds::WithDefaults(resource, object), &old->value);

  std::vector<Cause> causes = kinds::ValidateMetadata(resource, object);
  for (Cause& cause : kinds::Validate(resource, object, &old->value)) {
    causes.push_back(std::move(cause));
  }
  if (!causes.empty()) return std::unexpected(errors::Invalid(resource, name, std::move(causes)));

  if (resource.tracks_generation && ContentDiffers(object, old->value)) {
    const std::int64_t generation = old->metadata()["generation"].as_int();
    object = WithMetadata(object, "generation", Value(generation + 1));
  }
  if (managed) {
    owners = std::move(*managed);
  } else {
    owners = UpdateOwners(resource, &old->value, object, std::move(owners), WriterOf(options));
  }
  const bool same = object == old->value && RenderManaged(owners) == RenderManaged(old->managed);
  if (same) return Written{old, false, false};
  if (options.dry_run) {
    auto draft = std::make_shared<Stored>();
    draft->value = std::move(object);
    draft->version = old->version;
    draft->managed = std::move(owners);
    return Written{draft, false, false};
  }
  Share(owners);
  ObjectPtr stored =
      store_.Put(resource, Shared(std::move(object), &old->value), std::move(owners));
  if (stored->deleting() && stored->metadata()["finalizers"].empty() &&
      !(resource.kind == "Namespace" && resource.group.empty())) {
    store_.Remove(resource, stored->ns(), stored->name());
  }
  return Written{stored, false, true};
}

ApiResult<Written> Objects::Patch(const Resource& resource, std::string_view ns,
                                  std::string_view name, PatchType type, const Value& patch,
                                  const WriteOptions& options) {
  const ObjectPtr old = store_.Find(resource, ns, name);
  if (old == nullptr) return std::unexpected(errors::NotFound(resource, name));
  if (type == PatchType::kStrategic && resource.custom) {
    return std::unexpected(errors::UnsupportedMedia(
        "application/strategic-merge-patch+json",
        "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"));
  }
  const Value current = old->Render();
  Value patched;
  if (type == PatchType::kMerge) {
    patched = ApplyMergePatch(current, patch);
  } else {
    auto result = type == PatchType::kJson ? ApplyJsonPatch(current, patch)
                                           : StrategicMerge(current, patch, resource.info());
    if (!result) {
      ApiError error = errors::Invalid(resource, name, {});
      error.message = "the server rejected our request due to an error in our request: " +
                      result.error().message();
      if (type == PatchType::kStrategic) error = errors::BadRequest(result.error().message());
      return std::unexpected(std::move(error));
    }
    patched = std::move(*result);
  }
  Value object = API_TRY(CheckIdentity(resource, ns, name, patched));
  // A patch applies to whatever is there, unless it names a version itself.
  if (type != PatchType::kJson && !patch["metadata"].Has("resourceVersion")) {
    object = WithMetadata(object, "resourceVersion", Value());
  }
  return Replace(resource, old, std::move(object), std::nullopt, options);
}

// What cannot be decoded does not fit the schema: then an apply fails as a 500 without a reason.
ApiResult<Value> Objects::CheckApplied(const Resource& resource, std::string_view ns,
                                       std::string_view name, const Value& config) const {
  auto checked = CheckIdentity(resource, ns, name, config);
  if (checked) return checked;
  const std::string& message = checked.error().message;
  const bool undecodable = message.find("cannot unmarshal") != std::string::npos ||
                           message.find("illegal base64") != std::string::npos;
  if (!undecodable) return checked;
  return std::unexpected(errors::Typed("failed to create typed patch object: " + message));
}

ApiResult<Written> Objects::Apply(const Resource& resource, std::string_view ns,
                                  std::string_view name, const Value& config,
                                  const WriteOptions& options) {
  if (options.manager.empty()) {
    ApiError error{.code = 422, .reason = "Invalid"};
    error.message =
        "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is "
        "required for apply patch";
    error.group = "meta.k8s.io";
    error.kind = "PatchOptions";
    error.causes = {errors::Required("fieldManager", "is required for apply patch")};
    return std::unexpected(std::move(error));
  }
  if (!config["metadata"]["managedFields"].is_null()) {
    return std::unexpected(errors::BadRequest("metadata.managedFields must be nil"));
  }
  const std::string given_version = config["apiVersion"].str();
  Value object = API_TRY(CheckApplied(resource, ns, name, config));
  const ObjectPtr old = store_.Find(resource, ns, name);
  const std::string_view version = object["metadata"]["resourceVersion"].as_string();
  if (!version.empty() && (old == nullptr || version != std::to_string(old->version))) {
    return std::unexpected(errors::Modified(resource, name));
  }
  if (old == nullptr && !options.subresource.empty()) {
    return std::unexpected(errors::NotFound(resource, name));
  }
  if (old == nullptr) {
    if (const Value& uid = object["metadata"]["uid"]; !uid.as_string().empty()) {
      return std::unexpected(errors::Precondition(
          resource, name, "UID in precondition: " + uid.str() + ", UID in object meta: "));
    }
  }
  object = kinds::Canonical(resource, WithMetadata(object, "resourceVersion", Value()));
  Applied applied = API_TRY(ApplyFields(resource, old.get(), object, WriterOf(options)));
  for (ManagedEntry& entry : applied.managed) {
    if (entry.apply && entry.manager == options.manager &&
        entry.subresource == options.subresource) {
      entry.api_version = given_version;
    }
  }
  if (old == nullptr) {
    return CreateChecked(resource, std::move(applied.object), std::move(applied.managed), options,
                         true);
  }
  return Replace(resource, old, std::move(applied.object), std::move(applied.managed), options);
}

}  // namespace swell::sandbox
