#pragma once
// A chart repository's index.yaml.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/clock.h"
#include "base/core/result.h"

namespace swell::charts {

struct IndexEntry {
  std::string version;
  std::string app_version;
  std::string url;     // the first: absolute, or relative to the repository
  std::string digest;  // of the archive, as written; "" where the index has none
  Timestamp created;   // epoch: unknown
};

// Per chart its versions, newest first. Entries without a version or URL are left out, as helm
// does.
using Index = std::map<std::string, std::vector<IndexEntry>, std::less<>>;

// YAML or JSON. `name` is for messages. kInvalidArgument where it is not an index: not YAML, or
// without an apiVersion.
Result<Index> ParseIndex(std::string_view text, const std::string& name);

// The entry that is meant: see PickVersion. kNotFound where the chart or the version is not there.
Result<IndexEntry> PickEntry(const Index& index, const std::string& chart,
                             const std::string& wanted);

}  // namespace swell::charts
