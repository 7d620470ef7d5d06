#pragma once
// What tests and the fuzzer of the fast YAML reader hold it to. Not part of the library.

#include <string>
#include <string_view>

#include "base/value/yaml_fast.h"
#include "base/value/yaml_reader.h"

namespace swell::yaml {

// How the fast reader's answer differs from libyaml's with these options; "" where it does not,
// or where the fast reader gave none.
inline std::string Difference(std::string_view text, const ParseOptions& options) {
  const auto fast = ReadFast(text, options);
  if (!fast) return "";
  const auto full = ReadEvents(text, options);
  if (!full) return "accepted, but " + full.error().ToString();
  if (fast->size() != full->size()) {
    return std::to_string(fast->size()) + " documents for " + std::to_string(full->size());
  }
  for (std::size_t i = 0; i < fast->size(); ++i) {
    const std::string which = "document " + std::to_string(i);
    if ((*fast)[i].line != (*full)[i].line) return which + " starts at another line";
    if (!((*fast)[i].value == (*full)[i].value)) return which + " has another value";
  }
  return "";
}

// The same for every set of options.
inline std::string AnyDifference(std::string_view text) {
  for (unsigned set = 0; set < 32; ++set) {
    ParseOptions options;
    options.schema = (set & 1) != 0 ? Schema::kYaml12 : Schema::kYaml11;
    options.integers_as_float = (set & 2) != 0;
    options.reject_duplicate_keys = (set & 4) != 0;
    options.first_document_only = (set & 8) != 0;
    if ((set & 16) != 0) {  // budgets that small texts exceed
      options.max_depth = 3;
      options.max_nodes = 12;
    }
    const std::string difference = Difference(text, options);
    if (!difference.empty()) return difference + " (options " + std::to_string(set) + ")";
  }
  return "";
}

}  // namespace swell::yaml
