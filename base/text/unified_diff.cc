#include "base/text/unified_diff.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <unordered_map>
#include <vector>

namespace swell {
namespace {

constexpr std::string_view kNoNewline = "\\ No newline at end of file\n";

// Lines with their newlines.
std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::size_t length = end == std::string_view::npos ? text.size() : end + 1;
    lines.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return lines;
}

struct Edit {
  enum class Kind { kKeep, kDelete, kInsert } kind;
  std::size_t from;  // line of the old text (for an insertion: where it goes)
  std::size_t to;
};

// Numbers stand for lines, so that comparing two is one instruction.
using Ids = std::vector<std::uint32_t>;

// Myers' greedy algorithm: trace[d] is the furthest x on each diagonal after d edits.
class Myers {
 public:
  Myers(const Ids& from, const Ids& to, std::size_t max_edits)
      : from_(from), to_(to), max_edits_(max_edits) {}

  // From the last edit to the first; false where more than max_edits were needed.
  bool Run(std::vector<Edit>& reversed) {
    const auto n = static_cast<std::ptrdiff_t>(from_.size());
    const auto m = static_cast<std::ptrdiff_t>(to_.size());
    const auto limit = std::min<std::ptrdiff_t>(n + m, static_cast<std::ptrdiff_t>(max_edits_));
    std::vector<std::ptrdiff_t> furthest(static_cast<std::size_t>(2 * limit + 3), 0);
    const auto at = [&](std::ptrdiff_t k) -> std::ptrdiff_t& {
      return furthest[static_cast<std::size_t>(k + limit + 1)];
    };
    for (std::ptrdiff_t d = 0; d <= limit; ++d) {
      for (std::ptrdiff_t k = -d; k <= d; k += 2) {
        const bool down = k == -d || (k != d && at(k - 1) < at(k + 1));
        std::ptrdiff_t x = down ? at(k + 1) : at(k - 1) + 1;
        while (x < n && x - k < m && Same(x, x - k)) ++x;
        at(k) = x;
        if (x >= n && x - k >= m) {
          Save(d, at);
          Trace(d, reversed);
          return true;
        }
      }
      Save(d, at);
    }
    return false;
  }

 private:
  bool Same(std::ptrdiff_t x, std::ptrdiff_t y) const {
    return from_[static_cast<std::size_t>(x)] == to_[static_cast<std::size_t>(y)];
  }

  template <class At>
  void Save(std::ptrdiff_t d, At& at) {
    std::vector<std::uint32_t> row(static_cast<std::size_t>(2 * d + 1));
    for (std::ptrdiff_t k = -d; k <= d; ++k) {
      row[static_cast<std::size_t>(k + d)] = static_cast<std::uint32_t>(at(k));
    }
    rows_.push_back(std::move(row));
  }

  void Trace(std::ptrdiff_t d, std::vector<Edit>& out) const {
    auto x = static_cast<std::ptrdiff_t>(from_.size());
    auto y = static_cast<std::ptrdiff_t>(to_.size());
    const auto put = [&](Edit::Kind kind) {
      out.push_back({kind, static_cast<std::size_t>(x), static_cast<std::size_t>(y)});
    };
    for (; d > 0; --d) {
      const auto& row = rows_[static_cast<std::size_t>(d - 1)];
      const auto at = [&](std::ptrdiff_t k) -> std::ptrdiff_t {
        return std::abs(k) > d - 1 ? -1 : row[static_cast<std::size_t>(k + d - 1)];
      };
      const std::ptrdiff_t k = x - y;
      const bool down = k == -d || (k != d && at(k - 1) < at(k + 1));
      const std::ptrdiff_t before_x = down ? at(k + 1) : at(k - 1);
      const std::ptrdiff_t before_y = before_x - (down ? k + 1 : k - 1);
      while (x > before_x + (down ? 0 : 1) && y > before_y + (down ? 1 : 0)) {
        --x;
        --y;
        put(Edit::Kind::kKeep);
      }
      if (down) {
        --y;
        put(Edit::Kind::kInsert);
      } else {
        --x;
        put(Edit::Kind::kDelete);
      }
    }
    while (x > 0) {
      --x;
      --y;
      put(Edit::Kind::kKeep);
    }
  }

  const Ids& from_;
  const Ids& to_;
  const std::size_t max_edits_;
  std::vector<std::vector<std::uint32_t>> rows_;
};

// The script over the lines between the common head and tail.
std::vector<Edit> Script(const std::vector<std::string_view>& from,
                         const std::vector<std::string_view>& to, std::size_t max_edits) {
  std::size_t head = 0, tail = 0;
  const std::size_t shorter = std::min(from.size(), to.size());
  while (head < shorter && from[head] == to[head]) ++head;
  while (tail < shorter - head && from[from.size() - 1 - tail] == to[to.size() - 1 - tail]) ++tail;
  std::unordered_map<std::string_view, std::uint32_t> numbers;
  const auto middle = [&](const std::vector<std::string_view>& lines) {
    Ids ids;
    for (std::size_t i = head; i < lines.size() - tail; ++i) {
      ids.push_back(numbers.emplace(lines[i], numbers.size()).first->second);
    }
    return ids;
  };
  const Ids a = middle(from), b = middle(to);
  std::vector<Edit> reversed;
  if (!Myers(a, b, max_edits).Run(reversed)) {
    reversed.clear();
    for (std::size_t i = b.size(); i-- > 0;) reversed.push_back({Edit::Kind::kInsert, a.size(), i});
    for (std::size_t i = a.size(); i-- > 0;) reversed.push_back({Edit::Kind::kDelete, i, 0});
  }
  std::vector<Edit> script;
  for (std::size_t i = 0; i < head; ++i) script.push_back({Edit::Kind::kKeep, i, i});
  for (auto it = reversed.rbegin(); it != reversed.rend(); ++it) {
    script.push_back({it->kind, it->from + head, it->to + head});
  }
  for (std::size_t i = 0; i < tail; ++i) {
    script.push_back({Edit::Kind::kKeep, from.size() - tail + i, to.size() - tail + i});
  }
  return script;
}

std::string Range(std::size_t start, std::size_t count) {
  // diff counts lines from 1, and names the line before an empty range.
  const std::string first = std::to_string(count == 0 ? start : start + 1);
  return count == 1 ? first : first + "," + std::to_string(count);
}

struct Hunk {
  std::size_t begin = 0, end = 0;  // in the script
};

std::vector<Hunk> Hunks(const std::vector<Edit>& script, std::size_t context) {
  std::vector<Hunk> hunks;
  for (std::size_t i = 0; i < script.size(); ++i) {
    if (script[i].kind == Edit::Kind::kKeep) continue;
    const std::size_t begin = i > context ? i - context : 0;
    if (hunks.empty() || begin > hunks.back().end) hunks.push_back({begin, i});
    hunks.back().end = std::min(i + 1 + context, script.size());
  }
  return hunks;
}

}  // namespace

std::string UnifiedDiff(std::string_view from, std::string_view to, const DiffOptions& options) {
  if (from == to) return "";
  const auto a = Lines(from), b = Lines(to);
  const std::vector<Edit> script = Script(a, b, options.max_edits);
  // Lines of either text before each edit.
  std::string out = "--- " + options.from_name + "\n+++ " + options.to_name + "\n";
  std::size_t at = 0, from_line = 0, to_line = 0;
  for (const Hunk& hunk : Hunks(script, options.context)) {
    const auto advance = [&](std::size_t until) {
      for (; at < until; ++at) {
        from_line += script[at].kind != Edit::Kind::kInsert;
        to_line += script[at].kind != Edit::Kind::kDelete;
      }
    };
    advance(hunk.begin);
    const std::size_t from_start = from_line, to_start = to_line;
    std::string body;
    for (std::size_t i = hunk.begin; i < hunk.end; ++i) {
      const Edit& edit = script[i];
      const std::string_view line = edit.kind == Edit::Kind::kInsert ? b[edit.to] : a[edit.from];
      body += edit.kind == Edit::Kind::kKeep ? ' ' : edit.kind == Edit::Kind::kDelete ? '-' : '+';
      body += line;
      if (!line.ends_with('\n')) body.append("\n").append(kNoNewline);
    }
    advance(hunk.end);
    out += "@@ -" + Range(from_start, from_line - from_start) + " +" +
           Range(to_start, to_line - to_start) + " @@\n" + body;
  }
  return out;
}

}  // namespace swell
