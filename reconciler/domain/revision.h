#pragma once

#include <string>

#include "base/core/clock.h"

namespace swell {

// One commit of one repository, as a ref resolved to it; or one version of a chart.
struct Revision {
  std::string repository;
  std::string ref;      // what was asked for: "main"; of a chart its version: "1.2.3"
  std::string commit;   // 40 hex digits; of a chart the archive's SHA-256, 64
  std::string author;   // "Ada <ada@example.com>"; "" of a chart
  std::string message;  // the first line; of a chart "chart web 1.2.3"
  Timestamp time;       // the committer's, or when the chart was made; epoch: unknown
  friend bool operator==(const Revision&, const Revision&) = default;
};

}  // namespace swell
