#pragma once
// JSON Schema (drafts 4, 6, 7, 2019-09 and 2020-12), for charts' values.schema.json.
//
// Behaves as github.com/santhosh-tekuri/jsonschema v6, which helm uses, and words its errors as
// that does. References stay inside the document: one that would have to be fetched is
// kUnimplemented and named.

#include <memory>
#include <string_view>

#include "base/core/result.h"
#include "base/value/value.h"

namespace swell::jsonschema {

// Budgets of one validation.
struct Limits {
  int max_depth = 512;                        // of schemas inside each other, references included
  std::uint64_t max_steps = 50'000'000;       // schemas applied to values, values compared
  std::size_t max_failures = 10'000;          // what an error may list
  std::size_t max_failure_bytes = 16u << 20;  // of their texts together
};

// Immutable once compiled; any number of threads may validate with it.
class Schema {
 public:
  // `text` is JSON. Every reference that can be reached is resolved and every regular expression
  // compiled; errors name the place ("/properties/a/pattern").
  static Result<Schema> Compile(std::string_view text);

  // kInvalidArgument lists what is wrong, a line each: "- at '/a/b': got string, want integer".
  // kResourceExhausted names the budget.
  Status Validate(const Value& instance, const Limits& limits = {}) const;

  struct Compiled;

 private:
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace swell::jsonschema
