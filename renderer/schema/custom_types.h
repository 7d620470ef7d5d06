#pragma once
// The types of custom resources, from their CustomResourceDefinitions: how lists merge, which
// maps are replaced as a whole, defaults, quantities and durations.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "renderer/schema/schema.h"

namespace swell::schema {

// What one CRD says of every version that it has a schema for. Immutable.
class CrdTypes {
 public:
  // Requires a CustomResourceDefinition, apiextensions.k8s.io/v1 or v1beta1. Versions without a
  // schema are left out. kInvalidArgument where it names no group or kind, kResourceExhausted
  // for schemas of more than kMaxFields fields in all.
  static Result<std::shared_ptr<const CrdTypes>> Read(const Value& crd);
  static constexpr std::size_t kMaxFields = 200'000;  // the largest in wide use have 15,000

  ~CrdTypes();
  const std::map<GroupVersionKind, const TypeSchema*>& kinds() const { return kinds_; }

 private:
  class Type;
  class Reader;
  CrdTypes();
  std::vector<std::unique_ptr<Type>> types_;
  std::map<GroupVersionKind, const TypeSchema*> kinds_;
};

bool IsCrd(const Value& object);

// The types of several CRDs. Thread-safe once filled.
class CustomTypes {
 public:
  // Of two CRDs for one kind the one added first counts.
  void Add(std::shared_ptr<const CrdTypes> crd);
  const TypeSchema* Find(const GroupVersionKind& gvk) const;
  bool empty() const { return kinds_.empty(); }

 private:
  std::vector<std::shared_ptr<const CrdTypes>> crds_;
  std::map<GroupVersionKind, const TypeSchema*> kinds_;
};

}  // namespace swell::schema
