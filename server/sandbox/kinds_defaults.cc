// Defaults and canonical spelling.

#include <algorithm>

#include "base/core/encoding.h"
#include "base/core/strings.h"
#include "renderer/object/quantity.h"
#include "server/sandbox/crd_schema.h"
#include "server/sandbox/errors.h"
#include "server/sandbox/kinds.h"
#include "server/sandbox/typed.h"

namespace swell::sandbox::kinds {
namespace {

using schema::FieldInfo;
using schema::Scalar;
using schema::Shape;

struct Expected {
  const char* kind;
  std::vector<std::string> path;
  Value::Type type;
  const char* go_type;
};

// Where wrong types are seen most: the server's decoder names the Go field.
const std::vector<Expected>& ExpectedTypes() {
  using enum Value::Type;
  static const std::vector<Expected> table = {
      {"", {"spec", "replicas"}, kInt, "int32"},
      {"", {"spec", "template"}, kObject, "v1.PodTemplateSpec"},
      {"", {"spec", "template", "spec"}, kObject, "v1.PodSpec"},
      {"", {"spec", "template", "spec", "containers"}, kArray, "[]v1.Container"},
      {"", {"metadata", "labels"}, kObject, "map[string]string"},
      {"", {"metadata", "annotations"}, kObject, "map[string]string"},
      {"Service", {"spec", "ports"}, kArray, "[]v1.ServicePort"},
      {"ConfigMap", {"data"}, kObject, "map[string]string"},
      {"Secret", {"data"}, kObject, "map[string][]uint8"},
  };
  return table;
}

const char* JsonName(const Value& value) {
  if (value.is_string()) return "string";
  if (value.is_number()) return "number";
  if (value.is_bool()) return "bool";
  return value.is_array() ? "array" : "object";
}

ApiError Undecodable(const Resource& resource, const std::string& field, const Value& value,
                     const std::string& go_type) {
  return errors::BadRequest(
      resource.kind + " in version " + Quote(resource.version) + " cannot be handled as a " +
      resource.kind + ": json: cannot unmarshal " + JsonName(value) + " into Go struct field " +
      resource.kind + "." + field + " of type " + go_type);
}

bool IsStringMap(const Resource& resource, std::string_view kind) {
  return resource.group.empty() && resource.kind == kind;
}

Value CanonicalScalar(const Value& value, const FieldInfo& info) {
  if (info.scalar != Scalar::kQuantity) return value;
  std::string text = value.str();
  if (value.is_int()) text = std::to_string(value.as_int());
  const auto canonical = CanonicalQuantity(text);
  return canonical ? Value(*canonical) : value;
}

Value Tidy(const Value& value, const FieldInfo* info) {
  if (info == nullptr || value.is_null()) return value;
  if (!value.is_object() && !value.is_array()) return CanonicalScalar(value, *info);
  Value tidy = value;
  if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      Value item = Tidy(value[i], info->Item());
      if (!(item == value[i])) tidy = tidy.WithItem(i, std::move(item));
    }
    return tidy;
  }
  for (const Member& member : value.members()) {
    const FieldInfo* field = info->Descend(member.name());
    const bool omitted = field != nullptr && member.value.empty() && member.name() != "rules" &&
                         ((field->shape == Shape::kList && member.value.is_array()) ||
                          (field->shape == Shape::kMap && member.value.is_object()));
    if (omitted) {
      tidy = tidy.Without(member.name());
      continue;
    }
    Value child = Tidy(member.value, field);
    if (!(child == member.value)) tidy = tidy.With(member.name(), std::move(child));
  }
  return tidy;
}

Value FoldSecret(Value secret) {
  const Value& texts = secret["stringData"];
  Value data = secret["data"].is_object() ? secret["data"] : Value::EmptyObject();
  for (const Member& text : texts.members()) {
    data = data.With(text.name(), Value(Base64Encode(text.value.as_string())));
  }
  secret = secret.Without("stringData");
  return data.empty() ? secret.Without("data") : secret.With("data", std::move(data));
}

// Sets at the path where nothing is.
void Default(Value& object, std::initializer_list<std::string> path, Value value) {
  std::vector<std::string_view> keys(path.begin(), path.end());
  const Value* at = &object;
  for (std::string_view key : keys) at = &(*at)[key];
  if (at->is_null()) object = object.WithAt(path, std::move(value));
}

// Always for ":latest" and for images without a tag, else IfNotPresent.
std::string PullPolicy(std::string_view image) {
  if (image.find('@') != std::string_view::npos) return "IfNotPresent";
  const std::string_view last = image.substr(image.rfind('/') + 1);
  const auto colon = last.find(':');
  const bool latest = colon == std::string_view::npos || last.substr(colon) == ":latest";
  return latest ? "Always" : "IfNotPresent";
}

Value DefaultContainers(const Value& list) {
  Value containers = list;
  for (std::size_t i = 0; i < list.size(); ++i) {
    Value container = list[i];
    Default(container, {"resources"}, Value::EmptyObject());
    Default(container, {"imagePullPolicy"}, Value(PullPolicy(container["image"].as_string())));
    containers = containers.WithItem(i, std::move(container));
  }
  return containers;
}

void DefaultPodSpec(Value& object, const std::vector<std::string>& path) {
  const Value* spec = &object;
  for (const std::string& key : path) spec = &(*spec)[key];
  if (!spec->is_object()) return;
  Value pod = *spec;
  Default(pod, {"securityContext"}, Value::EmptyObject());
  for (const char* key : {"containers", "initContainers"}) {
    if (pod[key].is_array()) pod = pod.With(key, DefaultContainers(pod[key]));
  }
  if (pod.Has("serviceAccountName")) {
    Default(pod, {"serviceAccount"}, pod["serviceAccountName"]);
  }
  object = object.WithAt(path, std::move(pod));
}

// The server gives enableServiceLinks to pods, never to the templates of pods (seen on a real
// API server).
void DropPodDefaults(const Value& given, Value& filled, const std::vector<std::string>& path) {
  const Value* before = &given;
  const Value* after = &filled;
  for (const std::string& key : path) {
    before = &(*before)[key];
    after = &(*after)[key];
  }
  if (before->Has("enableServiceLinks") || !after->Has("enableServiceLinks")) return;
  filled = filled.WithAt(path, after->Without("enableServiceLinks"));
}

void DefaultService(Value& service) {
  Value ports = service["spec"]["ports"];
  for (std::size_t i = 0; i < ports.size(); ++i) {
    Value port = ports[i];
    Default(port, {"targetPort"}, port["port"]);
    Default(port, {"protocol"}, Value("TCP"));
    ports = ports.WithItem(i, std::move(port));
  }
  if (!ports.is_null()) service = service.WithAt({"spec", "ports"}, std::move(ports));
}

// Claim templates are stored as whole claims, with their kind and a first status.
void DefaultClaimTemplates(Value& set) {
  Value list = set["spec"]["volumeClaimTemplates"];
  for (std::size_t i = 0; i < list.size(); ++i) {
    Value claim = list[i];
    Default(claim, {"apiVersion"}, Value("v1"));
    Default(claim, {"kind"}, Value("PersistentVolumeClaim"));
    Default(claim, {"status", "phase"}, Value("Pending"));
    list = list.WithItem(i, std::move(claim));
  }
  if (!list.empty()) set = set.WithAt({"spec", "volumeClaimTemplates"}, std::move(list));
}

void DefaultWorkload(const Resource& resource, Value& object) {
  if (resource.kind == "Deployment") {
    Default(object, {"spec", "strategy", "type"}, Value("RollingUpdate"));
    if (object.At({"spec", "strategy", "type"}).as_string() == "RollingUpdate") {
      Default(object, {"spec", "strategy", "rollingUpdate"}, Value::EmptyObject());
    }
  }
  if (resource.kind == "StatefulSet" || resource.kind == "DaemonSet") {
    Default(object, {"spec", "updateStrategy", "type"}, Value("RollingUpdate"));
    if (object.At({"spec", "updateStrategy", "type"}).as_string() == "RollingUpdate") {
      Default(object, {"spec", "updateStrategy", "rollingUpdate"}, Value::EmptyObject());
    }
  }
  if (resource.kind == "StatefulSet") DefaultClaimTemplates(object);
  if (resource.kind == "Job") {
    Default(object, {"spec", "parallelism"}, Value(1));
    Default(object, {"spec", "completions"}, Value(1));
  }
  DefaultPodSpec(object, {"spec", "template", "spec"});
  DefaultPodSpec(object, {"spec", "jobTemplate", "spec", "template", "spec"});
}

}  // namespace

ApiResult<Value> Decode(const Resource& resource, const Value& object) {
  if (resource.custom) return object;
  for (const Expected& expected : ExpectedTypes()) {
    if (*expected.kind != '\0' && resource.kind != expected.kind) continue;
    const Value* at = &object;
    for (const std::string& key : expected.path) at = &(*at)[key];
    if (at->is_null() || at->type() == expected.type) continue;
    return std::unexpected(Undecodable(resource, Join(expected.path, "."), *at, expected.go_type));
  }
  for (const char* key : {"labels", "annotations"}) {
    for (const Member& member : object["metadata"][key].members()) {
      if (!member.value.is_string() && !member.value.is_null()) {
        return std::unexpected(
            Undecodable(resource, std::string("metadata.") + key, member.value, "string"));
      }
    }
  }
  if (IsStringMap(resource, "ConfigMap")) {
    for (const Member& member : object["data"].members()) {
      if (!member.value.is_string() && !member.value.is_null()) {
        return std::unexpected(Undecodable(resource, "data", member.value, "string"));
      }
    }
  }
  if (IsStringMap(resource, "Secret")) {
    for (const Member& member : object["data"].members()) {
      if (!Base64Decode(member.value.as_string())) {
        return std::unexpected(errors::BadRequest(
            "Secret in version \"v1\" cannot be handled as a Secret: illegal base64 data in field "
            "data." +
            std::string(member.name())));
      }
    }
  }
  return object;
}

Value Canonical(const Resource& resource, const Value& object) {
  Value canonical = typed::WithoutNulls(object);
  if (resource.custom) return resource.schema->Pruned(canonical);
  if (IsStringMap(resource, "Secret")) canonical = FoldSecret(std::move(canonical));
  return Tidy(canonical, resource.info());
}

Value WithDefaults(const Resource& resource, const Value& object) {
  Value filled = object;
  if (resource.custom) return typed::WithDefaults(filled, resource.info());
  if (resource.group == "apps" || resource.group == "batch") DefaultWorkload(resource, filled);
  if (resource.group.empty() && resource.kind == "Pod") DefaultPodSpec(filled, {"spec"});
  if (resource.group.empty() && resource.kind == "Namespace") {
    filled = filled.WithAt({"metadata", "labels", "kubernetes.io/metadata.name"},
                           filled["metadata"]["name"]);
  }
  if (resource.group.empty() && resource.kind == "Service") DefaultService(filled);
  filled = typed::WithDefaults(filled, resource.info());
  DropPodDefaults(object, filled, {"spec", "template", "spec"});
  DropPodDefaults(object, filled, {"spec", "jobTemplate", "spec", "template", "spec"});
  return filled;
}

}  // namespace swell::sandbox::kinds
