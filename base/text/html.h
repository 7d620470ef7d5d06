#pragma once
// Text into HTML.

#include <string>
#include <string_view>

namespace swell {

// With &, <, >, " and ' escaped: fit for an element's content and for a quoted attribute.
std::string EscapeHtml(std::string_view text);

}  // namespace swell
