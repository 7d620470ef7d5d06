#include "renderer/kustomize/transforms/metadata.h"

#include <algorithm>
#include <utility>

namespace swell::kustomize {
namespace {

// Applies the specs that fit the object, one after the other.
Result<Value> ApplySpecs(const Resource& resource, std::span<const FieldSpec> specs,
                         CreateKind create, const FieldSetter& set, Budget& budget) {
  const GroupVersionKind& gvk = resource.id().gvk;
  Value object = resource.value();
  for (const FieldSpec& spec : specs) {
    object = TRY(ApplyFieldSpec(object, gvk, spec, create, set, budget));
  }
  return object;
}

bool KeepsItsName(const ResourceId& original) {
  const std::string& kind = original.gvk.kind;
  return kind == "CustomResourceDefinition" || kind == "Namespace" ||
         (kind == "APIService" && original.gvk.group == "apiregistration.k8s.io");
}

enum class NameEnd : std::uint8_t { kPrefix, kSuffix };

Status ChangeNames(ResourceMap& map, const std::string& text, NameEnd end,
                   std::span<const FieldSpec> specs) {
  const FieldSetter set = [&](const Value& name) -> Result<Value> {
    if (name.is_array() || name.is_object()) {
      return Fail(InvalidArgument("a name must be a scalar"));
    }
    const std::string old = ScalarText(name);
    return Value(end == NameEnd::kPrefix ? text + old : old + text);
  };
  for (std::size_t i = 0; i < map.size(); ++i) {
    if (KeepsItsName(map.at(i).original_id())) continue;
    for (const FieldSpec& spec : specs) {
      TRY(map.budget().Spend(1));
      if (!IsSelected(map.at(i).original_id().gvk, spec.gvk)) continue;
      if (spec.path == "metadata/name" && !text.empty()) {
        TRY(map.budget().Allow(text.size()));
        Resource& resource = map.Mutable(i);
        (end == NameEnd::kPrefix ? resource.prefixes : resource.suffixes).push_back(text);
        TRY(map.StorePreviousId(i));
      }
      TRY(map.SetValue(i, TRY(ApplyFieldSpec(map.at(i).value(), map.at(i).id().gvk, spec,
                                             CreateKind::kScalar, set, map.budget()))));
    }
  }
  return {};
}

bool IsRoleBinding(const Value& object) {
  const std::string_view kind = object["kind"].as_string();
  return kind == "RoleBinding" || kind == "ClusterRoleBinding";
}

bool SubjectMoves(const Value& subject, RoleBindingSubjects subjects) {
  switch (subjects) {
    case RoleBindingSubjects::kDefaultOnly:
      return subject["name"].as_string() == "default";
    case RoleBindingSubjects::kAllServiceAccounts:
      return subject["kind"].as_string() == "ServiceAccount";
    case RoleBindingSubjects::kNone:
      return false;
  }
  return false;
}

class NamespaceSetter {
 public:
  NamespaceSetter(const NamespaceOptions& options, std::span<const FieldSpec> specs)
      : options_(options), set_([this](const Value& old) { return Set(old); }) {
    for (const FieldSpec& spec : specs) {
      if (spec.path == "metadata/namespace") continue;
      specs_.push_back(spec);
    }
  }

  Result<Value> Apply(const Resource& resource, Budget& budget) const {
    const GroupVersionKind& gvk = resource.id().gvk;
    Value object = resource.value();
    if (!resource.id().cluster_scoped()) {
      static const FieldSpec kMetadataNamespace{{}, "metadata/namespace", true};
      object =
          TRY(ApplyFieldSpec(object, gvk, kMetadataNamespace, CreateKind::kScalar, set_, budget));
    }
    if (IsRoleBinding(object)) object = TRY(MoveSubjects(object));
    for (const FieldSpec& spec : specs_) {
      // Only core Namespaces are renamed.
      if (spec.path == "metadata/name" && object["apiVersion"].as_string() != "v1") continue;
      if (IsRoleBinding(object) && spec.path == "subjects/namespace") continue;
      object = TRY(ApplyFieldSpec(object, gvk, spec, CreateKind::kScalar, set_, budget));
    }
    return object;
  }

 private:
  Result<Value> Set(const Value& old) const {
    if (old.is_array() || old.is_object()) {
      return Fail(InvalidArgument("namespace field specs must target scalar nodes"));
    }
    if (options_.unset_only && !ScalarText(old).empty()) return old;
    return Value(options_.ns);
  }

  Result<Value> MoveSubjects(const Value& object) const {
    const Value& subjects = object["subjects"];
    if (subjects.is_null()) return object;
    if (!subjects.is_array()) {
      return Fail(
          InvalidArgument("setting namespace on (cluster)role binding subjects: "
                          "wrong node kind: expected SequenceNode"));
    }
    std::vector<Value> moved;
    for (const Value& subject : subjects.items()) {
      moved.push_back(SubjectMoves(subject, options_.subjects)
                          ? subject.With("namespace", TRY(Set(subject["namespace"])))
                          : subject);
    }
    return object.With("subjects", Value::Array(std::move(moved)));
  }

  const NamespaceOptions& options_;
  FieldSetter set_;
  std::vector<FieldSpec> specs_;
};

}  // namespace

Status AddNamePrefix(ResourceMap& map, const std::string& prefix,
                     std::span<const FieldSpec> specs) {
  return ChangeNames(map, prefix, NameEnd::kPrefix, specs);
}

Status AddNameSuffix(ResourceMap& map, const std::string& suffix,
                     std::span<const FieldSpec> specs) {
  return ChangeNames(map, suffix, NameEnd::kSuffix, specs);
}

Status SetNamespace(ResourceMap& map, const NamespaceOptions& options,
                    std::span<const FieldSpec> specs) {
  if (options.ns.empty()) return {};
  const NamespaceSetter setter(options, specs);
  for (std::size_t i = 0; i < map.size(); ++i) {
    if (map.at(i).from_helm) continue;
    TRY(map.StorePreviousId(i));
    TRY(map.SetValue(
        i, TRY_WRAP(setter.Apply(map.at(i), map.budget()), "namespace transformation failed")));
    if (map.CountByCurrentId(map.at(i).id()) != 1) {
      return Fail(InvalidArgument(
          "namespace transformation produces ID conflict: " + map.at(i).id().ToString() +
          " is there twice in namespace " + options.ns));
    }
  }
  return {};
}

Status SetNamespaceOf(ResourceMap& map, std::span<const std::size_t> positions,
                      const std::string& ns) {
  const NamespaceOptions options{.ns = ns};
  const NamespaceSetter setter(options, {});
  for (std::size_t i : positions) {
    TRY(map.SetValue(i, TRY(setter.Apply(map.at(i), map.budget()))));
  }
  return {};
}

Status AddEntries(ResourceMap& map, const std::map<std::string, std::string>& entries,
                  std::span<const FieldSpec> specs) {
  if (entries.empty()) return {};
  std::vector<Member> added;
  for (const auto& [key, value] : entries) added.emplace_back(key, Value(value));
  const FieldSetter set = [&](const Value& old) -> Result<Value> {
    if (!old.is_object()) {
      return Fail(InvalidArgument("wrong node kind: expected MappingNode but got another kind"));
    }
    std::vector<Member> members(old.members().begin(), old.members().end());
    members.insert(members.end(), added.begin(), added.end());
    return Value::Object(std::move(members));
  };
  for (std::size_t i = 0; i < map.size(); ++i) {
    TRY(map.SetValue(i, TRY(ApplySpecs(map.at(i), specs, CreateKind::kMap, set, map.budget()))));
  }
  return {};
}

Status SetReplicas(ResourceMap& map, const Replica& replica, std::span<const FieldSpec> specs) {
  const FieldSetter set = [&](const Value&) -> Result<Value> { return Value(replica.count); };
  bool found = false;
  for (const FieldSpec& spec : specs) {
    auto fits = [&](const ResourceId& id) {
      return id.name == replica.name && IsSelected(id.gvk, spec.gvk);
    };
    for (std::size_t i = 0; i < map.size(); ++i) {
      const Resource& resource = map.at(i);
      TRY(map.budget().Spend(1 + resource.previous_ids().size()));
      if (!fits(resource.id()) && std::ranges::none_of(resource.previous_ids(), fits)) continue;
      found = true;
      TRY(map.SetValue(i, TRY(ApplyFieldSpec(resource.value(), resource.id().gvk, spec,
                                             CreateKind::kScalar, set, map.budget()))));
    }
  }
  if (found) return {};
  std::string kinds;
  for (const FieldSpec& spec : specs) kinds += (kinds.empty() ? "" : " ") + ToString(spec.gvk);
  return Fail(InvalidArgument("resource with name " + replica.name +
                              " does not match a config with the following GVK [" + kinds + "]"));
}

}  // namespace swell::kustomize
