#include "cli/output/diff.h"

#include <algorithm>
#include <utility>

#include "base/core/strings.h"
#include "cli/output/table.h"
#include "cli/output/text.h"

namespace swell::cli {
namespace {

constexpr int kDefaultWidth = 130;
constexpr int kLeastColumn = 10;
constexpr int kMaxValue = 40;  // columns of a value in the table; the diff has all of it

// Collects removed and added lines until something else comes, and lays them side by side.
class Columns {
 public:
  Columns(const Terminal& terminal, int indent) : terminal_(terminal), indent_(indent) {
    const int width = (terminal.width > 0 ? terminal.width : kDefaultWidth) - indent;
    column_ = std::max(kLeastColumn, (width - 3) / 2);
  }

  void Add(std::string_view line) {
    const char mark = line.empty() ? ' ' : line.front();
    const std::string text = OneLine(line.substr(line.empty() ? 0 : 1));
    if (mark == '-') {
      if (!added_.empty()) Flush();
      return removed_.push_back(text);
    }
    if (mark == '+') return added_.push_back(text);
    if (mark == '\\') return;  // "No newline at end of file"
    Flush();
    if (mark == '@') {
      out_ += std::string(static_cast<std::size_t>(indent_), ' ') +
              Paint(terminal_, Tone::kDim, OneLine(line)) + "\n";
    } else {
      Row(text, ' ', text, Tone::kPlain, Tone::kPlain);
    }
  }

  std::string Take() && {
    Flush();
    return std::move(out_);
  }

 private:
  void Flush() {
    for (std::size_t i = 0; i < std::max(removed_.size(), added_.size()); ++i) {
      const bool left = i < removed_.size(), right = i < added_.size();
      Row(left ? removed_[i] : "",
          left && right ? '|'
          : left        ? '<'
                        : '>',
          right ? added_[i] : "", Tone::kBad, Tone::kGood);
    }
    removed_.clear();
    added_.clear();
  }

  void Row(const std::string& left, char mark, const std::string& right, Tone before, Tone after) {
    std::string line(static_cast<std::size_t>(indent_), ' ');
    line += Paint(terminal_, before, PadRight(Truncate(left, column_), column_)) + " " + mark;
    if (!right.empty()) line += " " + Paint(terminal_, after, Truncate(right, column_));
    while (line.ends_with(' ')) line.pop_back();
    out_ += line + "\n";
  }

  const Terminal& terminal_;
  int indent_;
  int column_ = 0;
  std::vector<std::string> removed_;
  std::vector<std::string> added_;
  std::string out_;
};

}  // namespace

std::string SideBySide(const Terminal& terminal, std::string_view unified, int indent) {
  Columns columns(terminal, indent);
  while (!unified.empty()) {
    const std::size_t end = std::min(unified.find('\n'), unified.size());
    columns.Add(unified.substr(0, end));
    unified.remove_prefix(std::min(end + 1, unified.size()));
  }
  return std::move(columns).Take();
}

std::string CausesTable(const Terminal& terminal, const std::vector<CauseRow>& rows) {
  if (rows.empty()) return "";
  Table table({"PATH", "CAUSE", "MANAGER", "WHEN", "LIVE", "DESIRED", "NOTE"});
  for (const CauseRow& row : rows) {
    table.AddRow({row.path, row.cause, row.manager, row.time,
                  Truncate(OneLine(row.before), kMaxValue), Truncate(OneLine(row.after), kMaxValue),
                  row.note});
  }
  return table.Render(terminal);
}

}  // namespace swell::cli
