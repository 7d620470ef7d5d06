#pragma once
// What `swell plan` shows. Pure.

#include <string>

#include "base/core/clock.h"
#include "cli/output/terminal.h"
#include "swell/v1/plans.pb.h"

namespace swell::cli {

// The plan with its blast radius, its waves, its approvals and what it changes.
std::string PlanPage(const swell::v1::PlanDetail& detail, Timestamp now, const Terminal& terminal);

// One line a plan.
std::string PlanTable(const swell::v1::ListPlansResponse& plans, Timestamp now,
                      const Terminal& terminal);

// What differs; clusters that differ alike are shown once.
std::string ComparisonPage(const swell::v1::PlanComparison& comparison, const Terminal& terminal);

// The first digits of a digest, as people are shown it.
std::string ShortDigest(const std::string& digest);

}  // namespace swell::cli
