#pragma once
// The order of the output.

#include <string>
#include <vector>

#include "base/core/result.h"
#include "renderer/kustomize/transforms/resource_map.h"

namespace swell::kustomize {

struct SortOptions {
  std::string order;  // "legacy" or "fifo"
  bool has_legacy_options = false;
  std::vector<std::string> order_first;
  std::vector<std::string> order_last;
};

// kInvalidArgument where the options do not fit together.
Status SortResources(ResourceMap& map, const SortOptions& options);
// What kustomize does where nothing is said: legacy with its own lists.
SortOptions DefaultSort();

}  // namespace swell::kustomize
