#pragma once
// What a validation found wrong: a tree, printed as santhosh-tekuri/jsonschema prints it.

#include <string>
#include <string_view>
#include <vector>

namespace swell::jsonschema {

struct Failure {
  enum class Kind { kLeaf, kGroup, kReference };
  Kind kind = Kind::kLeaf;
  std::string location;  // JSON pointer into the instance
  std::string message;
  std::vector<Failure> causes;
};

// 'text', with ' escaped.
std::string QuoteSingle(std::string_view text);

// A line for each failure, each starting with "- at ".
std::string PrintFailures(const Failure& failure);

}  // namespace swell::jsonschema
