#pragma once
// The walk of a schema over a value. Private to the room.

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "renderer/jsonschema/compiled.h"
#include "renderer/jsonschema/failure.h"

namespace swell::jsonschema {

// Properties and items that some schema has spoken for (unevaluatedProperties, …Items).
struct Evaluated {
  std::set<std::string_view> properties;
  std::set<std::size_t> items;
  void Merge(const Evaluated& other) {
    properties.insert(other.properties.begin(), other.properties.end());
    items.insert(other.items.begin(), other.items.end());
  }
};

class Validator {
 public:
  Validator(const Schema::Compiled& compiled, const Limits& limits)
      : compiled_(compiled), limits_(limits) {}

  // Nothing where `instance` is valid.
  Result<std::optional<Failure>> Run(const Value& schema, const Value& instance,
                                     const std::string& location, int depth, Evaluated& evaluated);

 private:
  // One schema's failures on one instance, growing.
  struct Frame {
    const Value& schema;
    const Value& instance;
    const std::string& location;
    int depth;
    Evaluated& evaluated;
    std::vector<Failure> failures;

    void Add(std::string message, std::vector<Failure> causes = {}) {
      failures.push_back({Failure::Kind::kLeaf, location, std::move(message), std::move(causes)});
    }
    const Value* Find(std::string_view keyword) const { return schema.Find(keyword); }
  };

  // A subschema on the same instance; adds its failure where there is one.
  Result<bool> Same(Frame& frame, const Value& schema);
  // On a member or item.
  Status Inside(Frame& frame, const Value& schema, const Value& instance, std::string_view token);
  Result<std::optional<Failure>> Try(Frame& frame, const Value& schema);

  // Accounts for work beside the schemas applied: comparisons, regular expressions.
  Status Spend(std::uint64_t steps);
  Status CountFailures(std::span<const Failure> failures);
  // Whether two values are equal as JSON.
  Result<bool> AreEqual(const Value& a, const Value& b);
  // type, const, enum, format: the first that fails ends it, which gives false.
  Result<bool> CheckValue(Frame& frame);
  Result<bool> CheckReference(Frame& frame);
  Status CheckObject(Frame& frame);
  Status CheckMembers(Frame& frame);
  Status CheckDependent(Frame& frame);
  Status CheckArray(Frame& frame);
  Status CheckItems(Frame& frame);
  Status CheckContains(Frame& frame);
  Status CheckString(Frame& frame);
  Status CheckUnique(Frame& frame);
  void CheckNumber(Frame& frame);
  Status CheckCombined(Frame& frame);
  Status CheckOneOf(Frame& frame);
  Status CheckUnevaluated(Frame& frame);
  Status CheckRequired(Frame& frame, const Value& names, std::string_view because);

  const Schema::Compiled& compiled_;
  Limits limits_;
  std::uint64_t steps_ = 0;
  std::size_t failed_ = 0;
  std::size_t failed_bytes_ = 0;  // of their texts
};

}  // namespace swell::jsonschema
