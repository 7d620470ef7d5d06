#include "reconciler/diff/defaults.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/core/encoding.h"
#include "base/value/json.h"
#include "reconciler/diff/durations.h"
#include "reconciler/diff/ownership.h"
#include "renderer/object/quantity.h"

namespace swell::diff {
namespace {

template <std::size_t kSize>
bool Contains(const std::array<std::string_view, kSize>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// Optional scalars (Go pointers): the server stores a zero that is stated.
constexpr std::array<std::string_view, 22> kKeepsZero = {"activeDeadlineSeconds",
                                                         "allowPrivilegeEscalation",
                                                         "allowVolumeExpansion",
                                                         "automountServiceAccountToken",
                                                         "backoffLimit",
                                                         "blockOwnerDeletion",
                                                         "controller",
                                                         "deletionGracePeriodSeconds",
                                                         "enableServiceLinks",
                                                         "fsGroup",
                                                         "hostUsers",
                                                         "immutable",
                                                         "minAvailable",
                                                         "maxUnavailable",
                                                         "optional",
                                                         "privileged",
                                                         "readOnlyRootFilesystem",
                                                         "runAsGroup",
                                                         "runAsNonRoot",
                                                         "runAsUser",
                                                         "shareProcessNamespace",
                                                         "ttlSecondsAfterFinished"};

// Objects that mean something when empty: "every pod" is not "no selector".
constexpr std::array<std::string_view, 5> kMeansSomethingEmpty = {
    "emptyDir", "namespaceSelector", "podSelector", "objectSelector", "labelSelector"};

// What the server allots once and keeps when it is no longer stated.
constexpr std::array<std::string_view, 6> kAllotted = {
    "clusterIP", "clusterIPs", "healthCheckNodePort", "ipFamilies", "ipFamilyPolicy", "nodePort"};

// Numbers whose zero is nothing stated: no Go pointers, and no value of their own.
constexpr std::array<std::string_view, 7> kZeroIsNone = {
    "failureThreshold", "healthCheckNodePort", "nodePort",      "periodSeconds",
    "successThreshold", "targetPort",          "timeoutSeconds"};

std::string Text(const Value& scalar) {
  return scalar.is_string() ? scalar.str() : json::Write(scalar);
}

bool SameBytes(const Value& a, const Value& b) {
  const auto left = Base64Decode(a.as_string());
  const auto right = Base64Decode(b.as_string());
  return left && right && *left == *right;
}

bool IsZero(const Value& value) {
  switch (value.type()) {
    case Value::Type::kBool:
      return !value.as_bool();
    case Value::Type::kInt:
    case Value::Type::kFloat:
      return value.as_float() == 0;
    case Value::Type::kString:
      return value.as_string().empty();
    default:
      return false;
  }
}

bool EqualsDefault(const Value& value, const Place& place) {
  return place.info != nullptr && !place.info->default_value.is_null() &&
         SameScalar(value, place.info->default_value, place);
}

std::string_view DefaultPullPolicy(std::string_view image) {
  if (image.find('@') != std::string_view::npos) return "IfNotPresent";
  const std::size_t slash = image.rfind('/');
  const std::string_view last = slash == std::string_view::npos ? image : image.substr(slash + 1);
  const std::size_t colon = last.rfind(':');
  const bool latest = colon == std::string_view::npos || last.substr(colon + 1) == "latest";
  return latest ? "Always" : "IfNotPresent";
}

// Defaults that depend on other fields (k8s.io/kubernetes/pkg/apis/*/v1/defaults.go).
bool IsConditionalDefault(const Value& live, const Value& parent, std::string_view name) {
  if (name == "imagePullPolicy") {
    return live.as_string() == DefaultPullPolicy(parent["image"].as_string());
  }
  if (name == "targetPort") return live == parent["port"];
  if (name == "parallelism" || name == "completions") return live.as_int() == 1;
  if (name == "apiGroup") {
    const bool account = parent["kind"].as_string() == "ServiceAccount";
    return live.as_string() == (account ? "" : "rbac.authorization.k8s.io");
  }
  if (name == "protocol") return live.as_string() == "TCP";
  // What an embedded object (a claim template) gets from the server.
  if (name == "apiVersion" || name == "kind" || name == "status") {
    return parent.Has("metadata") && parent.Has("spec");
  }
  if (name == "serviceAccount") return live == parent["serviceAccountName"];
  return Contains(kAllotted, name);
}

bool MeansSomethingEmpty(const Place& place) {
  if (place.owner && place.owner->name() == "networking.v1.NetworkPolicySpec") return false;
  return Contains(kMeansSomethingEmpty, place.name);
}

// "Every namespace", "every object": what a webhook or policy gets where it states nothing.
bool IsSelectorOfEverything(const Value& live, const Place& place) {
  if (!live.is_object() || !live.empty() || place.owner == nullptr) return false;
  if (place.name != "namespaceSelector" && place.name != "objectSelector") return false;
  return place.owner->name().starts_with("admissionregistration.v1.");
}

// Maps that admission adds entries to: a LimitRange's defaults come from its limits.
bool IsFilledMap(const schema::TypeSchema* owner, std::string_view field) {
  return owner != nullptr && owner->name() == "core.v1.LimitRangeItem" &&
         field.starts_with("default");
}

}  // namespace

bool SameScalar(const Value& a, const Value& b, const Place& place) {
  if (a == b) return true;
  if (a.is_number() && b.is_number()) return a.as_float() == b.as_float();
  if (place.info == nullptr) return false;
  const bool texts = (a.is_string() || a.is_number()) && (b.is_string() || b.is_number());
  if (place.info->scalar == schema::Scalar::kQuantity && texts) {
    return SameQuantity(Text(a), Text(b));
  }
  if (place.info->scalar == schema::Scalar::kDuration && a.is_string() && b.is_string()) {
    return SameDuration(a.as_string(), b.as_string());
  }
  if (place.info->scalar == schema::Scalar::kBytes && a.is_string() && b.is_string()) {
    return SameBytes(a, b);
  }
  return false;
}

std::string_view WhyEqual(const Place& place) {
  switch (place.info ? place.info->scalar : schema::Scalar::kOther) {
    case schema::Scalar::kQuantity:
      return "the same quantity";
    case schema::Scalar::kDuration:
      return "the same duration";
    case schema::Scalar::kBytes:
      return "the same bytes";
    default:
      return "the same number";
  }
}

Place DescendInto(const Place& place, std::string_view field) {
  Place child;
  // Every object has the same metadata, also where nothing else is known of its kind.
  if (place.root && !place.typed && field == "metadata") {
    static const schema::TypeSchema* const kAny = schema::FindType({"", "v1", "ConfigMap"});
    child = DescendInto({.info = &kAny->self(), .typed = true}, field);
  } else {
    child.info = place.info ? place.info->Descend(field) : nullptr;
    child.typed = place.typed;
    child.custom = place.custom;
    child.replaced = place.replaced;
    child.entry = place.info != nullptr && place.info->shape == schema::Shape::kMap;
  }
  child.owner = place.info ? place.info->type : nullptr;
  child.filled = place.filled || IsFilledMap(child.owner, field);
  child.owners = FieldNode(place.owners, field);
  child.ignored = FieldNode(place.ignored, field);
  child.name = field;
  return child;
}

bool IsImplied(const Value& value, const Place& place) {
  if (value.is_null()) return true;
  if (place.entry) return false;
  if (EqualsDefault(value, place)) return true;
  if (!place.typed) return false;
  if (value.is_array()) return value.empty();
  if (value.is_object()) {
    if (MeansSomethingEmpty(place)) return false;
    return std::ranges::all_of(value.members(), [&](const Member& member) {
      return IsImplied(member.value, DescendInto(place, member.name()));
    });
  }
  return IsZero(value) && !Contains(kKeepsZero, place.name);
}

bool IsNothing(const Value& value, const Place& place) {
  if (!place.typed || place.entry) return false;
  if (value.is_string()) return value.as_string().empty();
  return value.is_number() && IsZero(value) && Contains(kZeroIsNone, place.name);
}

bool IsServerMade(const Value& live, const Value& parent, const Place& place) {
  if (live.is_null()) return true;
  if (place.entry) return place.filled;
  if (EqualsDefault(live, place)) return true;
  if (!place.typed) return false;
  if (live.is_array() && live.empty()) return true;
  if (IsConditionalDefault(live, parent, place.name)) return true;
  if (IsSelectorOfEverything(live, place)) return true;
  if (live.is_object() && !MeansSomethingEmpty(place)) {
    return std::ranges::all_of(live.members(), [&](const Member& member) {
      return IsServerMade(member.value, live, DescendInto(place, member.name()));
    });
  }
  return false;
}

}  // namespace swell::diff
