#pragma once
// A table of aligned columns.

#include <string>
#include <vector>

#include "cli/output/terminal.h"

namespace swell::cli {

struct Cell {
  std::string text;
  Tone tone = Tone::kPlain;
  Cell(std::string t) : text(std::move(t)) {}  // NOLINT: rows are written as {"a", "b"}
  Cell(const char* t) : text(t) {}             // NOLINT
  Cell(std::string t, Tone tone) : text(std::move(t)), tone(tone) {}
};

// A state's word in its own tone.
Cell StateCell(const std::string& word);

class Table {
 public:
  explicit Table(std::vector<std::string> headers) : headers_(std::move(headers)) {}
  // Requires as many cells as there are headers. Texts are shown as one line (OneLine); an
  // empty one is shown as "-" but for the last column.
  void AddRow(std::vector<Cell> cells);
  bool empty() const { return rows_.empty(); }
  // Columns as wide as their widest cell. On a terminal with a width the widest columns are
  // cut until a row fits; a pipe gets everything.
  std::string Render(const Terminal& terminal) const;

 private:
  std::vector<std::string> headers_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace swell::cli
