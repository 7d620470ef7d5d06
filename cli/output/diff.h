#pragma once
// Differences for people: two columns, and a table of causes. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "cli/output/terminal.h"

namespace swell::cli {

// The body of a unified diff (from its first "@@" on) in two columns, as wide together as the
// terminal, 130 where that has no width. Between them "|" marks changed lines, "<" removed and ">"
// added ones. Each line starts with `indent` spaces.
std::string SideBySide(const Terminal& terminal, std::string_view unified, int indent = 0);

// One difference; all texts as they come from the API, made safe here.
struct CauseRow {
  std::string path;
  std::string cause;
  std::string manager;
  std::string time;
  std::string before;
  std::string after;
  std::string note;
};
// PATH, CAUSE, MANAGER, WHEN, LIVE, DESIRED, NOTE. "" where there are no rows.
std::string CausesTable(const Terminal& terminal, const std::vector<CauseRow>& rows);

}  // namespace swell::cli
