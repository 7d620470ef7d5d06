#pragma once
// What a Kubernetes object is: its kind, its identity, its metadata.

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"

namespace swell {

struct GroupKind {
  std::string group;  // "" is the core group
  std::string kind;
  friend auto operator<=>(const GroupKind&, const GroupKind&) = default;
};

struct GroupVersionKind {
  std::string group;
  std::string version;
  std::string kind;
  GroupKind group_kind() const { return {group, kind}; }
  std::string api_version() const { return group.empty() ? version : group + "/" + version; }
  friend auto operator<=>(const GroupVersionKind&, const GroupVersionKind&) = default;
};

// "apps/v1" + "Deployment".
GroupVersionKind ParseGroupVersionKind(std::string_view api_version, std::string_view kind);

// One object in one cluster, whatever API version it is read through.
struct ObjectId {
  std::string group;
  std::string kind;
  std::string ns;  // "" for cluster-scoped
  std::string name;
  // "apps/Deployment web/frontend"; "Namespace web" for cluster-scoped core kinds.
  std::string ToString() const;
  friend auto operator<=>(const ObjectId&, const ObjectId&) = default;
};

// One rendered object with where it came from.
struct Object {
  Value value;         // an object with apiVersion, kind and metadata.name
  std::string origin;  // "apps/web/deploy.yaml:12" or "templates/deploy.yaml"

  GroupVersionKind gvk() const;
  ObjectId id() const;  // namespace as written; "" where it is not
  std::string_view name() const { return value["metadata"]["name"].as_string(); }
  std::string_view ns() const { return value["metadata"]["namespace"].as_string(); }
  // "" where absent.
  std::string_view annotation(std::string_view key) const;
  std::string_view label(std::string_view key) const;
};

// Requires apiVersion, kind and metadata.name (or generateName) as strings: the error names
// what lacks, and the origin. A List is flattened into its items.
Result<std::vector<Object>> ObjectsFromValue(const Value& document, const std::string& origin);

// Two objects with one id: kInvalidArgument naming the id and both origins.
Status CheckUnique(const std::vector<Object>& objects);

// Whether the built-in kind is cluster-scoped; unknown kinds are taken as namespaced
// (discovery decides on a real cluster).
bool IsClusterScopedBuiltin(const GroupKind& kind);
// Whether the kind is one of Kubernetes' own that live in a namespace.
bool IsNamespacedBuiltin(const GroupKind& kind);

// Secret data never leaves: a copy for showing, with every value of data and stringData
// of a Secret replaced by kRedacted, also inside its last-applied annotation.
Value Redacted(const Value& object);
bool IsSecret(const Value& object);  // core/v1 Secret

// The order in which kinds are applied: Helm's InstallOrder, kinds that it does not know, then
// APIServices and webhooks. Deletion goes the other way.
int ApplyRank(const GroupKind& kind);
// The same of a kind alone, as helm compares them; every unknown kind has the rank of "".
int InstallRank(std::string_view kind);
// Stable sort by rank, then group, kind, namespace and name.
void SortForApply(std::vector<Object>& objects);

}  // namespace swell
