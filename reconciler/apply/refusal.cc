#include "reconciler/apply/refusal.h"

#include "base/core/strings.h"
#include "base/value/json.h"
#include "reconciler/diff/immutable.h"
#include "reconciler/plan/apply_options.h"

namespace swell::apply {
namespace {

constexpr std::size_t kMaxRequest = 3 * 1024 * 1024;     // --max-request-bytes of an API server
constexpr std::size_t kMaxStored = 3 * 1024 * 1024 / 2;  // --max-request-bytes of etcd
constexpr std::size_t kMaxData = 1024 * 1024;            // MaxConfigMapSize, MaxSecretSize
constexpr std::size_t kMaxAnnotations = 256 * 1024;      // TotalAnnotationSizeLimitB

bool Says(const kube::ApiError& error, std::string_view text) {
  return error.server_message.contains(text);
}

std::string Mebibytes(std::size_t bytes) {
  const std::size_t hundredths = bytes * 100 / (1024 * 1024);
  const std::string rest = std::to_string(hundredths % 100);
  return std::to_string(hundredths / 100) + "." + (rest.size() < 2 ? "0" : "") + rest + " MiB";
}

std::size_t DataSize(const Value& object) {
  std::size_t size = 0;
  const bool secret = IsSecret(object);
  for (const char* field : {"data", "binaryData"}) {
    for (const Member& member : object[field].members()) {
      const std::size_t length = member.value.as_string().size();
      // Of base64 what it stands for counts.
      size += secret || field[0] == 'b' ? length / 4 * 3 : length;
    }
  }
  return size;
}

bool IsTooLarge(const kube::ApiError& error) {
  return error.http_status == 413 || Says(error, "Too long: must have at most") ||
         Says(error, "Too long: may not be more than") || Says(error, "request is too large");
}

std::string AdviceOnImmutable(const ObjectId& id) {
  if (diff::IsNeverRecreated({id.group, id.kind})) {
    return "Kubernetes never changes this field, and a " + id.kind +
           " is never deleted to be created anew, since what it holds would go with it: declare an "
           "object of another name";
  }
  return std::string(
             "Kubernetes never changes this field: declare an object of another name, or ") +
         "allow that this one is deleted and created anew (sync.recreate, or annotation " +
         plan::kRecreateAnnotation + ": \"true\")";
}

std::string AdviceOnForbidden(const kube::ApiError& error) {
  if (Says(error, "exceeded quota")) {
    return "a ResourceQuota of the namespace is used up: raise it, or ask for less";
  }
  if (Says(error, "denied the request")) {
    return "an admission webhook or policy of the cluster denies it";
  }
  if (Says(error, "cannot patch resource") || Says(error, "cannot create resource") ||
      Says(error, "cannot delete resource")) {
    return "the account that Swell uses on this cluster lacks a right (RBAC)";
  }
  return "";
}

std::string AdviceOnInvalid(const kube::ApiError& error, const Operation& operation) {
  if (IsTooLarge(error)) {
    return "the object is too large for the cluster (API servers take requests of " +
           Mebibytes(kMaxRequest) + ", etcd objects of " + Mebibytes(kMaxStored) + "): split it";
  }
  if (Says(error, "field not declared in schema")) {
    return "the object states a field that " + operation.id.kind + " " + operation.version +
           " of this cluster does not have: correct or remove it, or bring the "
           "CustomResourceDefinition that has it";
  }
  if (Says(error, "duplicate entries for key")) {
    return "two items of a list have the same key: remove one";
  }
  if (Says(error, "denied the request")) {
    return "an admission webhook or policy of the cluster denies it";
  }
  return "";
}

}  // namespace

bool IsWebhookAway(const kube::ApiError& error) {
  return error.http_status >= 500 &&
         (Says(error, "failed calling webhook") ||
          (Says(error, "conversion webhook for") && Says(error, "failed")));
}

bool IsPassing(const kube::ApiError& error) {
  return error.code() == ErrorCode::kUnavailable || error.code() == ErrorCode::kResourceExhausted ||
         error.code() == ErrorCode::kDeadlineExceeded;
}

bool IsLiveSchemaError(const kube::ApiError& error) {
  return error.http_status == 500 && error.code() == ErrorCode::kInvalidArgument &&
         !Says(error, "failed to create typed patch object") &&
         (Says(error, "field not declared in schema") ||
          Says(error, "failed to create manager for existing"));
}

std::string AdviceOn(const kube::ApiError& error, const Operation& operation) {
  if (error.IsNamespaceMissing()) {
    return "namespace " + Quote(operation.id.ns) +
           " does not exist: declare it, or set destination.createNamespace";
  }
  if (error.IsNotServed()) {
    return "the cluster does not serve " + operation.id.kind + " in version " + operation.version;
  }
  if (error.IsNamespaceTerminating()) {
    return "namespace " + Quote(operation.id.ns) + " is being deleted and does not go away";
  }
  if (error.IsImmutableField()) return AdviceOnImmutable(operation.id);
  if (error.http_status == 403) return AdviceOnForbidden(error);
  if (error.code() == ErrorCode::kInvalidArgument) return AdviceOnInvalid(error, operation);
  if (IsWebhookAway(error)) {
    return "a webhook that the cluster asks does not answer: look at the service behind it, or at "
           "its configuration";
  }
  return "";
}

std::optional<Error> CheckSize(const Object& object) {
  const auto refuse = [](const std::string& what, std::size_t is, std::size_t most) {
    return InvalidArgument(what + " of " + Mebibytes(is) + ": Kubernetes takes no more than " +
                           Mebibytes(most) + "; nothing was sent");
  };
  std::size_t annotations = 0;
  for (const Member& annotation : object.value["metadata"]["annotations"].members()) {
    annotations += annotation.name().size() + annotation.value.as_string().size();
  }
  if (annotations > kMaxAnnotations) {
    return refuse("the object has annotations", annotations, kMaxAnnotations);
  }
  const GroupVersionKind gvk = object.gvk();
  if (gvk.group.empty() && (gvk.kind == "ConfigMap" || gvk.kind == "Secret")) {
    const std::size_t data = DataSize(object.value);
    if (data > kMaxData) return refuse("the object has data", data, kMaxData);
  }
  const std::size_t size = json::Write(object.value).size();
  if (size > kMaxRequest) return refuse("the object is a document", size, kMaxRequest);
  return {};
}

}  // namespace swell::apply
