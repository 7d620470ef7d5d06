#pragma once
// One resource on its way through a build: its value, who it is now and who it was before.
// kustomize keeps the latter in annotations of its own; here they are plain fields.

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"
#include "renderer/object/object.h"

namespace swell::kustomize {

// The name under which kustomize compares and prints a resource.
struct ResourceId {
  GroupVersionKind gvk;
  std::string name;
  std::string ns;  // as written; previous ids hold the effective one

  bool cluster_scoped() const;
  // "default" for none, a name of its own for cluster-scoped kinds.
  std::string_view EffectiveNamespace() const;
  // "Deployment.v1.apps/web.[noNs]"
  std::string ToString() const;
  // Same group, version, kind, name and effective namespace.
  bool Matches(const ResourceId& other) const;
};

// Empty fields of the selector match everything.
bool IsSelected(const GroupVersionKind& gvk, const GroupVersionKind& selector);
std::string ToString(const GroupVersionKind& gvk);  // "Deployment.v1.apps"
// "apps/v1" -> group and version, as kustomize cuts it (at the first slash).
GroupVersionKind GvkOf(const Value& object);

// What a generated resource may do to one that is there already.
enum class Behavior : std::uint8_t { kCreate, kMerge, kReplace };

class Resource {
 public:
  Resource(Value value, std::string origin);

  const Value& value() const { return value_; }
  // A null or empty value means that the resource was deleted.
  void SetValue(Value value);
  bool deleted() const { return !value_.is_object() || value_.empty(); }

  const ResourceId& id() const { return id_; }
  const std::vector<ResourceId>& previous_ids() const { return previous_; }
  // The first name that it ever had.
  const ResourceId& original_id() const { return previous_.empty() ? id_ : previous_.front(); }
  // Adds a previous id that came with the object: of its present group and version.
  void AddPreviousId(std::string kind, std::string name, std::string ns);
  // Remembers the present id as a previous one.
  void StorePreviousId();
  // Whether kustomize would keep notes about it in its annotations by now, so that they exist
  // for a patch that adds to them.
  bool HasBuildNotes() const;
  // Whether `id` is the present id or a previous one.
  bool HasId(const ResourceId& id) const;

  // Where it was read: "base/deploy.yaml".
  std::string origin;
  std::vector<std::string> prefixes;
  std::vector<std::string> suffixes;
  bool needs_hash = false;
  bool generated = false;
  std::vector<std::string> var_names;  // of the vars that mean it
  bool from_helm = false;
  Behavior behavior = Behavior::kCreate;
  std::string behavior_text = "unspecified";
  // Where the object was read with nulls: the keys whose null is written out in the file.
  // Gone once a strategic merge has dropped the others.
  std::shared_ptr<const std::set<std::string>> written_nulls;
  std::uint64_t printed_bytes = 0;  // as the budget of the map that it is in has counted them

 private:
  Value value_;
  ResourceId id_;
  std::vector<ResourceId> previous_;
};

// A scalar's text, as YAML would hold it: "" for anything that is no scalar.
std::string ScalarText(const Value& value);

}  // namespace swell::kustomize
