#pragma once
// A report as a table, as CSV, and as a page of HTML. Pure.

#include <string>

#include "cli/output/terminal.h"
#include "swell/v1/reports.pb.h"

namespace swell::cli {

std::string ReportTable(const swell::v1::Report& report, const Terminal& terminal);

// One row an application and one for the total; a row a wave follows in `wave` (RFC 4180). Times
// are seconds, shares from 0 to 1; empty where there is nothing to tell.
std::string ReportCsv(const swell::v1::Report& report);

// One file that needs nothing else.
std::string ReportHtml(const swell::v1::Report& report);

}  // namespace swell::cli
