// What makes the server refuse an object, kind by kind.

#include <algorithm>

#include "base/core/encoding.h"
#include "base/core/strings.h"
#include "server/sandbox/crd_schema.h"
#include "server/sandbox/errors.h"
#include "server/sandbox/kinds.h"
#include "server/sandbox/selector.h"

namespace swell::sandbox::kinds {
namespace {

using errors::ForbiddenField;
using errors::InvalidValue;
using errors::Required;
using Causes = std::vector<Cause>;

constexpr std::size_t kMaxDataBytes = 1024 * 1024;

void CheckContainers(const Value& list, const std::string& path, Causes& causes) {
  if (list.empty()) causes.push_back(Required(path, ""));
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string at = path + "[" + std::to_string(i) + "]";
    const Value& container = list[i];
    if (container["name"].as_string().empty()) causes.push_back(Required(at + ".name", ""));
    if (container["image"].as_string().empty()) causes.push_back(Required(at + ".image", ""));
    for (std::size_t p = 0; p < container["ports"].size(); ++p) {
      const Value& port = container["ports"][p]["containerPort"];
      if (port.as_int() >= 1 && port.as_int() <= 65535) continue;
      causes.push_back(InvalidValue(at + ".ports[" + std::to_string(p) + "].containerPort", port,
                                    "must be between 1 and 65535, inclusive"));
    }
  }
}

void CheckPodTemplate(const Value& object, Causes& causes) {
  const Value& pod = object.At({"spec", "template", "spec"});
  CheckContainers(pod["containers"], "spec.template.spec.containers", causes);
}

void CheckReplicas(const Value& object, Causes& causes) {
  const Value& replicas = object["spec"]["replicas"];
  if (replicas.as_int() < 0) {
    causes.push_back(InvalidValue("spec.replicas", replicas, "must be greater than or equal to 0"));
  }
}

void CheckSelector(const Value& object, const Value* old, Causes& causes) {
  const Value& selector = object["spec"]["selector"];
  if (selector.empty()) {
    causes.push_back(Required("spec.selector", ""));
    return;
  }
  const Value& labels = object.At({"spec", "template", "metadata", "labels"});
  if (!LabelSelector::FromObject(selector).Matches(labels)) {
    causes.push_back(InvalidValue("spec.template.metadata.labels", labels,
                                  "`selector` does not match template `labels`"));
  }
  if (old != nullptr && !((*old)["spec"]["selector"] == selector)) {
    causes.push_back(InvalidValue("spec.selector", selector, "field is immutable"));
  }
}

Value WithoutFields(Value spec, std::initializer_list<const char*> keys) {
  for (const char* key : keys) spec = spec.Without(key);
  return spec;
}

void CheckStatefulSet(const Value& object, const Value* old, Causes& causes) {
  if (old == nullptr) return;
  const auto fixed = [](const Value& set) {
    return WithoutFields(
        set["spec"], {"replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
                      "minReadySeconds", "persistentVolumeClaimRetentionPolicy", "selector"});
  };
  if (fixed(object) == fixed(*old)) return;
  causes.push_back(ForbiddenField(
      "spec",
      "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
      "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and "
      "'minReadySeconds' are forbidden"));
}

void CheckJob(const Value& object, const Value* old, Causes& causes) {
  CheckPodTemplate(object, causes);
  const std::string_view restart =
      object.At({"spec", "template", "spec", "restartPolicy"}).as_string();
  if (restart != "OnFailure" && restart != "Never") {
    causes.push_back(errors::Unsupported("spec.template.spec.restartPolicy", Value(restart),
                                         {"OnFailure", "Never"}));
  }
  if (old == nullptr) return;
  for (const char* field : {"completions", "selector", "template"}) {
    const Value& now = object["spec"][field];
    if (!(now == (*old)["spec"][field])) {
      causes.push_back(InvalidValue(std::string("spec.") + field, now, "field is immutable"));
    }
  }
}

void CheckService(const Value& object, const Value* old, Causes& causes) {
  const Value& spec = object["spec"];
  const std::string_view type = spec["type"].as_string();
  const bool headless = spec["clusterIP"].as_string() == "None";
  if (spec["ports"].empty() && !headless && type != "ExternalName") {
    causes.push_back(Required("spec.ports", ""));
  }
  if (type != "ClusterIP" && type != "NodePort" && type != "LoadBalancer" &&
      type != "ExternalName") {
    causes.push_back(errors::Unsupported(
        "spec.type", spec["type"], {"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"}));
  }
  for (std::size_t i = 0; i < spec["ports"].size(); ++i) {
    const std::string at = "spec.ports[" + std::to_string(i) + "]";
    const Value& port = spec["ports"][i];
    if (spec["ports"].size() > 1 && port["name"].as_string().empty()) {
      causes.push_back(Required(at + ".name", ""));
    }
    if (port["port"].as_int() < 1 || port["port"].as_int() > 65535) {
      causes.push_back(
          InvalidValue(at + ".port", port["port"], "must be between 1 and 65535, inclusive"));
    }
  }
  if (old == nullptr || type == "ExternalName") return;
  const Value& before = (*old)["spec"]["clusterIP"];
  if (!before.as_string().empty() && !(before == spec["clusterIP"])) {
    causes.push_back(
        InvalidValue("spec.clusterIPs[0]", spec["clusterIP"], "may not change once set"));
  }
}

bool IsDataKey(std::string_view key) {
  return !key.empty() && key.size() <= 253 && key != "." && key != ".." &&
         std::all_of(key.begin(), key.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
         });
}

void CheckData(const Value& object, const Value* old, Causes& causes) {
  std::size_t bytes = 0;
  for (const char* field : {"data", "binaryData"}) {
    for (const Member& member : object[field].members()) {
      bytes += member.value.as_string().size();
      if (IsDataKey(member.name())) continue;
      causes.push_back(InvalidValue(std::string(field) + "[" + std::string(member.name()) + "]",
                                    Value(member.name()),
                                    "a valid config key must consist of alphanumeric characters, "
                                    "'-', '_' or '.'"));
    }
  }
  if (bytes > kMaxDataBytes) {
    causes.push_back({"FieldValueTooLong", "Too long: may not be more than 1048576 bytes", ""});
  }
  if (old == nullptr) return;
  if ((*old)["immutable"].as_bool()) {
    if (!object["immutable"].as_bool()) {
      causes.push_back(ForbiddenField("immutable", "field is immutable when `immutable` is set"));
    }
    for (const char* field : {"data", "binaryData"}) {
      if (object[field] == (*old)[field]) continue;
      causes.push_back(ForbiddenField(field, "field is immutable when `immutable` is set"));
    }
  }
  if (object.Has("type") && !(object["type"] == (*old)["type"])) {
    causes.push_back(InvalidValue("type", object["type"], "field is immutable"));
  }
}

void CheckClaim(const Value& object, const Value* old, Causes& causes) {
  const Value& spec = object["spec"];
  if (spec["accessModes"].empty()) {
    causes.push_back(Required("spec.accessModes", "at least 1 access mode is required"));
  }
  if (spec.At({"resources", "requests", "storage"}).is_null()) {
    causes.push_back(Required("spec.resources[storage]", ""));
  }
  if (old == nullptr) return;
  const auto fixed = [](const Value& claim) {
    return WithoutFields(claim["spec"], {"resources", "volumeAttributesClassName", "volumeName"});
  };
  if (!(fixed(object) == fixed(*old))) {
    causes.push_back(ForbiddenField("spec",
                                    "spec is immutable after creation except resources.requests "
                                    "and volumeAttributesClassName for bound claims"));
  }
}

void CheckPod(const Value& object, const Value* old, Causes& causes) {
  CheckContainers(object["spec"]["containers"], "spec.containers", causes);
  if (old == nullptr) return;
  const auto fixed = [](const Value& pod) {
    Value spec = WithoutFields(pod["spec"], {"nodeName", "tolerations", "activeDeadlineSeconds",
                                             "terminationGracePeriodSeconds"});
    for (const char* key : {"containers", "initContainers"}) {
      for (std::size_t i = 0; i < spec[key].size(); ++i) {
        spec = spec.With(key, spec[key].WithItem(i, spec[key][i].Without("image")));
      }
    }
    return spec;
  };
  if (!(fixed(object) == fixed(*old))) {
    causes.push_back(ForbiddenField(
        "spec",
        "pod updates may not change fields other than `spec.containers[*].image`,"
        "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` "
        "(only additions to existing tolerations),`spec.terminationGracePeriodSeconds`"));
  }
}

void CheckBinding(const Value& object, const Value* old, Causes& causes) {
  if (object["roleRef"]["name"].as_string().empty()) {
    causes.push_back(Required("roleRef.name", ""));
  }
  if (old != nullptr && !((*old)["roleRef"] == object["roleRef"])) {
    causes.push_back(InvalidValue("roleRef", object["roleRef"], "cannot change roleRef"));
  }
}

void CheckDefinition(const Value& object, const Value* old, Causes& causes) {
  const Value& spec = object["spec"];
  const std::string name = spec.At({"names", "plural"}).str() + "." + spec["group"].str();
  if (object["metadata"]["name"].as_string() != name) {
    causes.push_back(InvalidValue("metadata.name", object["metadata"]["name"],
                                  "must be spec.names.plural+\".\"+spec.group"));
  }
  if (spec.At({"names", "kind"}).as_string().empty()) {
    causes.push_back(Required("spec.names.kind", ""));
  }
  const std::string_view scope = spec["scope"].as_string();
  if (scope != "Namespaced" && scope != "Cluster") {
    causes.push_back(errors::Unsupported("spec.scope", spec["scope"], {"Cluster", "Namespaced"}));
  }
  const auto versions = spec["versions"].items();
  const auto stored = std::count_if(versions.begin(), versions.end(), [](const Value& version) {
    return version["storage"].as_bool();
  });
  if (stored != 1) {
    causes.push_back(InvalidValue("spec.versions", Value(static_cast<std::int64_t>(stored)),
                                  "must have exactly one version marked as storage version"));
  }
  for (std::size_t i = 0; i < versions.size(); ++i) {
    if (versions[i].At({"schema", "openAPIV3Schema"}).is_object()) continue;
    causes.push_back(Required("spec.versions[" + std::to_string(i) + "].schema.openAPIV3Schema",
                              "schemas are required"));
  }
  if (old == nullptr) return;
  if (!((*old)["spec"]["scope"] == spec["scope"])) {
    causes.push_back(InvalidValue("spec.scope", spec["scope"], "field is immutable"));
  }
}

void CheckIngress(const Value& object, Causes& causes) {
  const Value& spec = object["spec"];
  if (spec["rules"].empty() && !spec.Has("defaultBackend")) {
    causes.push_back(
        InvalidValue("spec", spec, "either `defaultBackend` or `rules` must be specified"));
  }
}

}  // namespace

Causes Validate(const Resource& resource, const Value& object, const Value* old) {
  Causes causes;
  if (resource.custom) return resource.schema->Validate(object);
  const std::string& kind = resource.kind;
  if (kind == "Deployment" || kind == "ReplicaSet" || kind == "StatefulSet" ||
      kind == "DaemonSet") {
    CheckReplicas(object, causes);
    CheckSelector(object, old, causes);
    CheckPodTemplate(object, causes);
    if (kind == "StatefulSet") CheckStatefulSet(object, old, causes);
  } else if (kind == "Job") {
    CheckJob(object, old, causes);
  } else if (kind == "CronJob") {
    if (object["spec"]["schedule"].as_string().empty()) {
      causes.push_back(Required("spec.schedule", ""));
    }
  } else if (kind == "Service") {
    CheckService(object, old, causes);
  } else if (kind == "ConfigMap" || kind == "Secret") {
    CheckData(object, old, causes);
  } else if (kind == "PersistentVolumeClaim") {
    CheckClaim(object, old, causes);
  } else if (kind == "Pod") {
    CheckPod(object, old, causes);
  } else if (kind == "RoleBinding" || kind == "ClusterRoleBinding") {
    CheckBinding(object, old, causes);
  } else if (kind == "CustomResourceDefinition") {
    CheckDefinition(object, old, causes);
  } else if (kind == "Ingress") {
    CheckIngress(object, causes);
  }
  return causes;
}

}  // namespace swell::sandbox::kinds
