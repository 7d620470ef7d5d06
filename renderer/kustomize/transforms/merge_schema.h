#pragma once
// By which types a build merges patches: kustomize's built-in ones, or those of the `openapi`
// field.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"
#include "renderer/object/object.h"
#include "renderer/schema/schema.h"

namespace swell::kustomize {

// Immutable; any thread may use it.
class MergeSchema {
 public:
  virtual ~MergeSchema() = default;
  // nullptr where nothing is known of the kind: its lists are replaced.
  virtual const schema::TypeSchema* Find(const GroupVersionKind& gvk) const = 0;
};

// kustomize's own, of Kubernetes 1.21 (schema::FindKustomizeType).
std::shared_ptr<const MergeSchema> BuiltinMergeSchema();

// What a custom schema is to the built-in one.
enum class BuiltinTypes : std::uint8_t {
  kNone,   // takes its place
  kUnder,  // goes before it
  kOver,   // comes after it
};

// An OpenAPI (Swagger 2) document. Read as kustomize reads it: definitions by
// x-kubernetes-group-version-kind, lists merge where x-kubernetes-patch-strategy says so. `file` is
// for messages. kInvalidArgument where it is no such document.
Result<std::shared_ptr<const MergeSchema>> ParseMergeSchema(std::string_view text,
                                                            const std::string& file,
                                                            BuiltinTypes builtin);

}  // namespace swell::kustomize
