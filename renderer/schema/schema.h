#pragma once
// What Kubernetes' own types say about their fields: how lists merge, which strings are
// quantities, what the server fills in. Facts of the OpenAPI of 1.36 (kubernetes_*.inc), plus
// the server's defaults that OpenAPI does not publish (kubernetes_more.inc).

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/value/value.h"
#include "renderer/object/object.h"

namespace swell::schema {

class TypeSchema;

// What a field holds. kOther: a scalar, or a structure that the table says nothing about.
enum class Shape : std::uint8_t { kOther, kObject, kMap, kList };

// How server-side apply merges a list. kAtomic is also what an unknown list is.
enum class ListType : std::uint8_t { kAtomic, kSet, kMap };

// Scalars with more than one spelling. Of a list or map: what its items are.
// kDuration: as Go writes them, "1h30m".
enum class Scalar : std::uint8_t { kOther, kQuantity, kIntOrString, kBytes, kDuration };

// The facts about one field, list item or map value. Lives as long as the process.
struct FieldInfo {
  Shape shape = Shape::kOther;
  Scalar scalar = Scalar::kOther;

  // Server-side apply. `list_keys` are the keys of ListType::kMap. An atomic map or object is
  // owned and replaced as a whole.
  ListType list_type = ListType::kAtomic;
  bool atomic_map = false;
  std::vector<std::string> list_keys;

  // Strategic merge patch (kubectl, kustomize): where `merge` is set a list is merged by
  // `merge_keys` (one key for kubectl, sometimes two in kustomize's table), or as a set where
  // there are none. In six places of 1.36 these differ from list_type and list_keys:
  // container, ephemeral container and service ports, topologySpreadConstraints, hostIPs,
  // Job conditions.
  bool merge = false;
  bool retain_keys = false;  // the patch lists the keys that stay
  bool replace = false;      // an object that a patch replaces as a whole
  std::vector<std::string> merge_keys;

  // What the server puts where the field is absent; null where nothing (or where the default
  // depends on other fields).
  Value default_value;

  // Of an object, or of the items or values of a list or map; nullptr where unknown.
  const TypeSchema* type = nullptr;

  // The field `key` of an object, or the value of a map. nullptr: nothing special is known
  // (a plain scalar, or no such field).
  const FieldInfo* Descend(std::string_view key) const;
  // What each item of a list is; nullptr where nothing special is known.
  const FieldInfo* Item() const;
};

// One type's fields.
class TypeSchema {
 public:
  virtual ~TypeSchema() = default;
  // "apps.v1.Deployment"
  virtual std::string_view name() const = 0;
  // The type as a value: shape kObject, atomic where the type says so.
  virtual const FieldInfo& self() const = 0;
  virtual const FieldInfo* Descend(std::string_view key) const = 0;
  // Every field with a fact, sorted by name: for filling in defaults.
  virtual std::span<const std::pair<std::string, FieldInfo>> fields() const = 0;
};

// The type of a built-in kind, or nullptr for every other kind (callers then take lists as
// atomic). Retired API versions are found where their shape is that of the version that
// 1.36 serves ("batch/v1beta1 CronJob"). Thread-safe; the first call parses the table.
const TypeSchema* FindType(const GroupVersionKind& gvk);

// Walks a path from the type: keys of objects and maps; any text steps into a list's items
// ("spec", "ports", "0", "protocol"). nullptr where the walk leaves what is known.
const FieldInfo* Lookup(const TypeSchema& type, std::span<const std::string> path);

// The type by which kustomize 5 merges patches of this kind (its built-in OpenAPI is 1.21.2's,
// so newer lists are replaced as a whole), or nullptr. Only `merge`, `merge_keys` and `type`
// are set. Facts: the 25 merge keys of kustomize's schema.
const TypeSchema* FindKustomizeType(const GroupVersionKind& gvk);

// The same by the name that OpenAPI has for the type: "io.k8s.api.core.v1.Container".
const TypeSchema* FindKustomizeDefinition(std::string_view name);

// Whether kustomize's table says that the kind (in just this version) is cluster-scoped.
bool IsKustomizeClusterScoped(std::string_view api_version, std::string_view kind);

}  // namespace swell::schema
