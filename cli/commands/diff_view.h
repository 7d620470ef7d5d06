#pragma once
// What `swell diff APP` shows. Pure.

#include <string>

#include "cli/commands/commands.h"
#include "cli/output/terminal.h"
#include "swell/v1/swell.pb.h"

namespace swell::cli {

// Clusters that change alike share one diff; clusters without changes are only counted.
std::string DiffPage(const std::string& application, const swell::v1::DiffResponse& diff,
                     DiffView view, const Terminal& terminal);

using DiffGroups = google::protobuf::RepeatedPtrField<swell::v1::DiffGroup>;
// Its groups alone.
std::string GroupsText(const DiffGroups& groups, DiffView view, const Terminal& terminal);

struct DiffCounts {
  int changed_clusters = 0;
  int unreadable_clusters = 0;
};
DiffCounts CountGroups(const DiffGroups& groups);

}  // namespace swell::cli
