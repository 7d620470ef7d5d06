#include "cli/output/table.h"

#include <algorithm>
#include <numeric>

#include "base/core/check.h"
#include "cli/output/text.h"

namespace swell::cli {
namespace {

constexpr int kGap = 3;
constexpr int kNarrowest = 6;

void FitTo(int width, std::vector<int>& columns) {
  const int gaps = kGap * (static_cast<int>(columns.size()) - 1);
  int excess = std::accumulate(columns.begin(), columns.end(), gaps) - width;
  for (; excess > 0; --excess) {
    const auto widest = std::ranges::max_element(columns);
    if (*widest <= kNarrowest) return;
    --*widest;
  }
}

}  // namespace

Cell StateCell(const std::string& word) { return {word, ToneOf(word)}; }

void Table::AddRow(std::vector<Cell> cells) {
  SWELL_CHECK(cells.size() == headers_.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    cells[i].text = OneLine(cells[i].text);
    if (cells[i].text.empty() && i + 1 < cells.size()) cells[i].text = "-";
  }
  rows_.push_back(std::move(cells));
}

std::string Table::Render(const Terminal& terminal) const {
  std::vector<int> columns;
  for (std::size_t i = 0; i < headers_.size(); ++i) {
    int width = DisplayWidth(headers_[i]);
    for (const auto& row : rows_) width = std::max(width, DisplayWidth(row[i].text));
    columns.push_back(width);
  }
  if (terminal.width > 0) FitTo(terminal.width, columns);

  std::string out;
  const auto line = [&](auto text_of, auto tone_of) {
    std::string text;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string cut = Truncate(text_of(i), columns[i]);
      text += Paint(terminal, tone_of(i), cut);
      // No spaces at the end of a line.
      if (i + 1 < columns.size()) {
        text.append(static_cast<std::size_t>(columns[i] + kGap - DisplayWidth(cut)), ' ');
      }
    }
    while (text.ends_with(' ')) text.pop_back();
    out += text + "\n";
  };
  line([&](std::size_t i) { return headers_[i]; }, [](std::size_t) { return Tone::kDim; });
  for (const auto& row : rows_) {
    line([&](std::size_t i) { return row[i].text; }, [&](std::size_t i) { return row[i].tone; });
  }
  return out;
}

}  // namespace swell::cli
