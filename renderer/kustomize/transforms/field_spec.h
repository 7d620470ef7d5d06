#pragma once
// Field specs: which fields of which kinds a transformer touches ("spec/template/metadata/labels
// of apps/v1 Deployment, made where absent").

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"
#include "renderer/kustomize/transforms/budget.h"
#include "renderer/object/object.h"

namespace swell::kustomize {

struct FieldSpec {
  GroupVersionKind gvk;  // empty parts match everything
  std::string path;      // '/' separates, '\/' is a slash, "name[]" must be a list
  bool create = false;
};

// What a spec with `create` makes at the end of its path.
enum class CreateKind : std::uint8_t { kNever, kScalar, kMap };

using FieldSetter = std::function<Result<Value>(const Value&)>;

// "a/b\/c" -> {"a", "b/c"}
std::vector<std::string> SplitFieldPath(std::string_view path, char separator = '/');

// The object (of kind `gvk`) with the setter applied to every field that the spec selects:
// lists on the way are entered by themselves. The very same value where nothing changed.
Result<Value> ApplyFieldSpec(const Value& object, const GroupVersionKind& gvk,
                             const FieldSpec& spec, CreateKind create, const FieldSetter& set,
                             Budget& budget);

// Adds the specs that are not there yet. kInvalidArgument where one differs in `create` alone.
Status MergeFieldSpecs(std::vector<FieldSpec>& specs, std::span<const FieldSpec> more,
                       Budget& budget);

}  // namespace swell::kustomize
