#include "reconciler/diff/normalize.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/core/encoding.h"
#include "base/value/json.h"
#include "renderer/object/object.h"

namespace swell::diff {
namespace {

constexpr char kLastApplied[] = "kubectl.kubernetes.io/last-applied-configuration";

Value NormalizeMetadata(const Value& metadata) {
  std::vector<Member> kept;
  for (const char* field : {"annotations", "finalizers", "labels", "ownerReferences"}) {
    const Value& value = metadata[field];
    if (value.is_null()) continue;
    kept.emplace_back(field, field == std::string_view("annotations")
                                 ? (value.Has(kLastApplied) ? value.Without(kLastApplied) : value)
                                 : value);
  }
  return Value::Object(std::move(kept));
}

Value NormalizeSecret(const Value& secret) {
  std::vector<Member> data;
  for (const Member& member : secret["data"].members()) {
    data.emplace_back(member.key, member.value.is_null() ? Value("") : member.value);
  }
  // Of members with the same key the last wins: stringData over data, as on the server.
  for (const Member& member : secret["stringData"].members()) {
    data.emplace_back(member.key, Value(Base64Encode(member.value.as_string())));
  }
  const bool stated = secret.Has("data") || secret.Has("stringData");
  Value normal = secret.Without("stringData");
  return stated ? normal.With("data", Value::Object(std::move(data))) : normal;
}

Value Sorted(const Value& list) {
  std::vector<Value> items(list.items().begin(), list.items().end());
  std::ranges::sort(items, {}, [](const Value& item) { return json::Write(item); });
  return Value::Array(std::move(items));
}

// The endpoints controller and the server repack subsets: their order says nothing.
Value NormalizeEndpoints(const Value& endpoints) {
  std::vector<Value> subsets;
  for (Value subset : endpoints["subsets"].items()) {
    for (const char* list : {"addresses", "notReadyAddresses", "ports"}) {
      if (subset[list].is_array()) subset = subset.With(list, Sorted(subset[list]));
    }
    subsets.push_back(std::move(subset));
  }
  return endpoints.With("subsets", Sorted(Value::Array(std::move(subsets))));
}

// The server sets both and lets nobody change them, but whoever creates the namespace owns them.
Value NormalizeNamespace(const Value& ns) {
  return ns.WithoutAt({"spec", "finalizers"})
      .WithoutAt({"metadata", "labels", "kubernetes.io/metadata.name"});
}

bool IsCpuUtilization(const Value& metric) {
  return metric["type"].as_string() == "Resource" &&
         metric["resource"]["name"].as_string() == "cpu" &&
         !metric["resource"]["target"]["averageUtilization"].is_null();
}

bool IsAggregatedRole(const Value& object) {
  return object["kind"].as_string() == "ClusterRole" &&
         object["apiVersion"].as_string().starts_with("rbac.authorization.k8s.io/") &&
         !object["aggregationRule"]["clusterRoleSelectors"].empty();
}

}  // namespace

Value Normalize(const Value& object) {
  std::vector<Member> kept;
  for (const Member& member : object.members()) {
    const std::string_view name = member.name();
    if (name == "status" || name == "apiVersion" || name == "kind") continue;
    kept.emplace_back(member.key,
                      name == "metadata" ? NormalizeMetadata(member.value) : member.value);
  }
  Value normal = Value::Object(std::move(kept));
  const bool endpoints =
      object["kind"].as_string() == "Endpoints" && object["apiVersion"].as_string() == "v1";
  if (endpoints && normal["subsets"].is_array()) return NormalizeEndpoints(normal);
  if (IsSecret(object)) return NormalizeSecret(normal);
  if (object["kind"].as_string() == "Namespace" && object["apiVersion"].as_string() == "v1") {
    return NormalizeNamespace(normal);
  }
  return normal;
}

Value WithCpuMetricAsIn(const Value& desired, const Value& object) {
  if (desired["kind"].as_string() != "HorizontalPodAutoscaler" ||
      !desired["apiVersion"].as_string().starts_with("autoscaling/v2")) {
    return object;
  }
  const auto wanted = desired["spec"]["metrics"].items();
  const auto metrics = object["spec"]["metrics"].items();
  const auto cpu = std::ranges::find_if(wanted, IsCpuUtilization);
  if (cpu == wanted.end() || metrics.empty() || !IsCpuUtilization(metrics.back())) return object;
  const auto place = static_cast<std::size_t>(cpu - wanted.begin());
  if (place >= metrics.size()) return object;
  std::vector<Value> moved(metrics.begin(), metrics.end());
  std::rotate(moved.begin() + static_cast<std::ptrdiff_t>(place), moved.end() - 1, moved.end());
  return object.WithAt({"spec", "metrics"}, Value::Array(std::move(moved)));
}

Value WithoutServerMetadata(Value object) {
  for (const char* field :
       {"managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "selfLink"}) {
    object = object.WithoutAt({"metadata", field});
  }
  return object;
}

bool StatesAggregatedRules(const Value& object) {
  return IsAggregatedRole(object) && object.Has("rules");
}

Value WithoutAggregatedRules(const Value& object) {
  return StatesAggregatedRules(object) ? object.Without("rules") : object;
}

Value LastAppliedAnnotation(const Value& object) {
  const Value& text = object["metadata"]["annotations"][kLastApplied];
  if (!text.is_string()) return {};
  auto value = json::Parse(text.as_string());
  return value && value->is_object() ? *value : Value();
}

}  // namespace swell::diff
