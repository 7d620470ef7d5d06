#pragma once
// What the owners of a fleet report, as the engine tells it (docs/reports.md).

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "reconciler/report/report.h"

namespace swell::control {

struct ReportRequest {
  std::vector<std::string> applications;  // none: every one that is declared
  report::Window window;                  // until == epoch: now
};

struct EvidenceFile {
  std::string path;  // in the pack: "web/rollout-12.json"
  std::string content;
};

// An evidence pack but for the files of its rollouts, which are large and asked for one by one.
struct Evidence {
  std::vector<EvidenceFile> files;
  std::vector<std::pair<std::string, std::int64_t>> rollouts;  // application, number
};

}  // namespace swell::control
