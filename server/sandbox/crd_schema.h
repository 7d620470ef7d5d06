#pragma once
// The schema of custom resources, from a CustomResourceDefinition's openAPIV3Schema: how their
// lists merge, their defaults, which fields exist, which values are allowed.

#include <memory>
#include <vector>

#include "base/value/value.h"
#include "renderer/schema/schema.h"
#include "server/sandbox/message.h"

namespace swell::sandbox {

class CrdSchema {
 public:
  explicit CrdSchema(const Value& open_api);
  ~CrdSchema();

  const schema::FieldInfo& root() const;
  // Drops fields that the schema does not declare (structural schemas' pruning);
  // apiVersion, kind and metadata stay.
  Value Pruned(const Value& object) const;
  // Violations of type, required, enum, minimum, maximum, pattern and the length limits.
  // Not checked: x-kubernetes-validations (CEL), formats.
  std::vector<Cause> Validate(const Value& object) const;

 private:
  class Type;
  static schema::FieldInfo InfoOf(const Value& open_api, std::vector<std::shared_ptr<Type>>& own);
  Value schema_;
  std::vector<std::shared_ptr<Type>> types_;
  schema::FieldInfo root_;
};

}  // namespace swell::sandbox
