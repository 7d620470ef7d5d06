#pragma once
// What deleting an application with its objects would do, before it is done. Pure.

#include <string>

#include "cli/output/terminal.h"
#include "swell/v1/swell.pb.h"

namespace swell::cli {

// Counts, then the objects in their order, once for clusters that lose the same ones, then what
// stays and why.
std::string DeletionPage(const std::string& application, const swell::v1::DiffResponse& plan,
                         const Terminal& terminal);

}  // namespace swell::cli
