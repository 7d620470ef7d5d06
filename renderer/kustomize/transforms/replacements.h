#pragma once
// Replacements: copying a field of one object into fields of others.

#include <optional>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "renderer/kustomize/transforms/resource_map.h"
#include "renderer/kustomize/transforms/selector.h"

namespace swell::kustomize {

struct ReplacementField {
  std::string delimiter;
  int index = 0;
  bool create = false;
};

struct ReplacementSource {
  Selector selector;  // exact texts, no expressions
  std::string field_path = "metadata.name";
  ReplacementField options;
};

struct ReplacementTarget {
  Selector select;
  std::vector<Selector> reject;
  std::vector<std::string> field_paths;
  ReplacementField options;
};

struct Replacement {
  std::optional<ReplacementSource> source;
  std::optional<std::string> source_value;
  std::vector<ReplacementTarget> targets;
};

// Errors: no or several sources, a source field that is missing, a target field that does not
// exist (without create). No matching target object is fine.
Status ApplyReplacement(ResourceMap& map, const Replacement& replacement);

}  // namespace swell::kustomize
