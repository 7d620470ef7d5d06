#pragma once
// The transformers of one field: names, namespaces, labels, annotations, images, replicas.

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "renderer/kustomize/transforms/field_spec.h"
#include "renderer/kustomize/transforms/resource_map.h"

namespace swell::kustomize {

Status AddNamePrefix(ResourceMap& map, const std::string& prefix, std::span<const FieldSpec> specs);
Status AddNameSuffix(ResourceMap& map, const std::string& suffix, std::span<const FieldSpec> specs);

enum class RoleBindingSubjects : std::uint8_t { kDefaultOnly, kAllServiceAccounts, kNone };

struct NamespaceOptions {
  std::string ns;
  RoleBindingSubjects subjects = RoleBindingSubjects::kDefaultOnly;
  bool unset_only = false;
};
// Errors: two objects that get the same id.
Status SetNamespace(ResourceMap& map, const NamespaceOptions& options,
                    std::span<const FieldSpec> specs);

// Of these resources alone, whatever else is in the namespace.
Status SetNamespaceOf(ResourceMap& map, std::span<const std::size_t> positions,
                      const std::string& ns);

// Labels and annotations alike: entries into the maps at the specs.
Status AddEntries(ResourceMap& map, const std::map<std::string, std::string>& entries,
                  std::span<const FieldSpec> specs);

struct Image {
  std::string name;  // a regular expression, as kustomize has it
  std::string new_name;
  std::string new_tag;
  std::string tag_suffix;
  std::string digest;
};
Status SetImage(ResourceMap& map, const Image& image, std::span<const FieldSpec> specs);

struct Replica {
  std::string name;
  std::int64_t count = 0;
};
// kInvalidArgument where no resource of a fitting kind has (or had) the name.
Status SetReplicas(ResourceMap& map, const Replica& replica, std::span<const FieldSpec> specs);

}  // namespace swell::kustomize
