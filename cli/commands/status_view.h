#pragma once
// What `swell status` shows. Pure.

#include <string>

#include "base/core/clock.h"
#include "cli/output/terminal.h"
#include "swell/v1/swell.pb.h"

namespace swell::cli {

// All applications as a table.
std::string ApplicationTable(const swell::v1::ListApplicationsResponse& applications, Timestamp now,
                             const Terminal& terminal);
// One application as a page: what it is, why it is not otherwise, its rollout, its clusters.
std::string ApplicationPage(const swell::v1::ApplicationStatus& status, Timestamp now,
                            const Terminal& terminal);
// One rollout as a page, with every cluster.
std::string RolloutPage(const swell::v1::Rollout& rollout, Timestamp now, const Terminal& terminal);

}  // namespace swell::cli
