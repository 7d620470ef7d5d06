#pragma once
// The escape that libyaml knows and go-yaml does not: of the slash. Internal to base/value.

#include <yaml.h>

#include <cstddef>
#include <optional>
#include <string_view>

namespace swell::yaml {

// Looks through the double-quoted scalars of one text, in their order.
class SlashEscapes {
 public:
  explicit SlashEscapes(std::string_view text);

  // Where the scalar between the marks has one. All calls together take time linear in the text.
  std::optional<yaml_mark_t> Find(const yaml_mark_t& start, const yaml_mark_t& end);

 private:
  void Advance();

  const std::string_view text_;
  const bool any_;
  std::size_t offset_ = 0;  // in bytes; libyaml's marks count characters
  yaml_mark_t mark_{};
};

}  // namespace swell::yaml
