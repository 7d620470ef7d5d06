#pragma once
// Foreign text in messages.

#include <string>
#include <string_view>

namespace swell::kube {

// At most `max` bytes, with everything that is not printable ASCII made a space, runs of
// white space folded, and "..." where it was cut.
inline std::string Printable(std::string_view text, std::size_t max) {
  std::string out;
  for (const char c : text) {
    if (out.size() >= max) return out + "...";
    const bool visible = c > 0x20 && c < 0x7f;
    if (visible) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace swell::kube
