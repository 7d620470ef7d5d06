#pragma once
// Line diffs in the unified format of diff -u.

#include <cstddef>
#include <string>
#include <string_view>

namespace swell {

struct DiffOptions {
  std::string from_name = "a";
  std::string to_name = "b";
  std::size_t context = 3;  // unchanged lines around a change
  // Steps of the search for the shortest script (Myers' D). Beyond it what is left of the
  // texts is shown as replaced whole: correct, only longer. Memory grows with its square
  // (2,000: 16 MB).
  std::size_t max_edits = 2000;
};

// "" where the texts are equal. A last line without a newline is marked as diff marks it.
std::string UnifiedDiff(std::string_view from, std::string_view to,
                        const DiffOptions& options = {});

}  // namespace swell
