#include "renderer/kustomize/transforms/resource.h"

#include <algorithm>
#include <utility>

#include "base/value/json.h"
#include "renderer/schema/schema.h"

namespace swell::kustomize {
namespace {

constexpr std::string_view kNotANamespace = "_non_namespaceable_";

}  // namespace

bool IsSelected(const GroupVersionKind& gvk, const GroupVersionKind& selector) {
  return (selector.group.empty() || selector.group == gvk.group) &&
         (selector.version.empty() || selector.version == gvk.version) &&
         (selector.kind.empty() || selector.kind == gvk.kind);
}

std::string ToString(const GroupVersionKind& gvk) {
  auto part = [](const std::string& text, const char* none) {
    return text.empty() ? std::string(none) : text;
  };
  return part(gvk.kind, "[noKind]") + "." + part(gvk.version, "[noVer]") + "." +
         part(gvk.group, "[noGrp]");
}

GroupVersionKind GvkOf(const Value& object) {
  const std::string_view api_version = object["apiVersion"].as_string();
  GroupVersionKind gvk;
  gvk.kind = object["kind"].str();
  const std::size_t slash = api_version.find('/');
  if (slash == api_version.npos) {
    gvk.version = api_version;
  } else {
    gvk.group = api_version.substr(0, slash);
    gvk.version = api_version.substr(slash + 1);
  }
  return gvk;
}

bool ResourceId::cluster_scoped() const {
  return schema::IsKustomizeClusterScoped(gvk.api_version(), gvk.kind);
}

std::string_view ResourceId::EffectiveNamespace() const {
  if (cluster_scoped()) return kNotANamespace;
  if (ns.empty()) return "default";
  return ns;
}

std::string ResourceId::ToString() const {
  return kustomize::ToString(gvk) + "/" + (name.empty() ? "[noName]" : name) + "." +
         (ns.empty() ? "[noNs]" : ns);
}

bool ResourceId::Matches(const ResourceId& other) const {
  return name == other.name && gvk == other.gvk &&
         EffectiveNamespace() == other.EffectiveNamespace();
}

Resource::Resource(Value value, std::string from) : origin(std::move(from)) {
  SetValue(std::move(value));
}

void Resource::SetValue(Value value) {
  value_ = std::move(value);
  const GroupVersionKind before = std::exchange(id_.gvk, GvkOf(value_));
  const Value& metadata = value_["metadata"];
  id_.name = ScalarText(metadata["name"]);
  id_.ns = ScalarText(metadata["namespace"]);
  if (before.group == id_.gvk.group && before.version == id_.gvk.version) return;
  // kustomize reads previous ids with the group and version of today.
  for (ResourceId& id : previous_) {
    id.gvk.group = id_.gvk.group;
    id.gvk.version = id_.gvk.version;
  }
}

void Resource::AddPreviousId(std::string kind, std::string name, std::string ns) {
  ResourceId id = id_;
  id.gvk.kind = std::move(kind);
  id.name = std::move(name);
  id.ns = std::move(ns);
  previous_.push_back(std::move(id));
}

void Resource::StorePreviousId() {
  ResourceId id = id_;
  id.ns = id_.EffectiveNamespace();
  previous_.push_back(std::move(id));
}

bool Resource::HasId(const ResourceId& id) const {
  return id.Matches(id_) ||
         std::ranges::any_of(previous_, [&](const ResourceId& old) { return id.Matches(old); });
}

bool Resource::HasBuildNotes() const {
  return generated || from_helm || needs_hash || !previous_.empty() || !prefixes.empty() ||
         !suffixes.empty();
}

std::string ScalarText(const Value& value) {
  if (value.is_string()) return value.str();
  if (value.is_array() || value.is_object() || value.is_null()) return "";
  return json::Write(value);
}

}  // namespace swell::kustomize
