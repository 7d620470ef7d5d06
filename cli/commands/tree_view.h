#pragma once
// What `swell tree` shows. Pure.

#include <string>

#include "base/core/clock.h"
#include "cli/output/terminal.h"
#include "swell/v1/swell.pb.h"

namespace swell::cli {

// A table whose first column is drawn as a tree: clusters, their objects, what these own.
std::string TreePage(const swell::v1::GetTreeResponse& tree, Timestamp now,
                     const Terminal& terminal);

}  // namespace swell::cli
