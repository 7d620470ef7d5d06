// Any text: restricting it ends with a result or an error; a result is the text with matchers in
// it and nothing else changed, and can be restricted again.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/core/strings.h"
#include "reconciler/gates/promql.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using swell::gates::RestrictQuery;
  const std::string query(reinterpret_cast<const char*>(data), size);
  constexpr char kMatcher[] = "swell_fuzz=~\"a|b\"";
  if (query.find("swell_fuzz") != query.npos) return 0;
  const auto once = RestrictQuery(query, "swell_fuzz", {"a", "b"});
  if (!once) return 0;
  if (!RestrictQuery(*once, "swell_fuzz", {"a", "b"})) std::abort();
  // Without the matchers, with the commas and braces that came with them on both sides.
  const auto bare = [&](std::string text) {
    text = swell::ReplaceAll(text, kMatcher, "");
    for (const char* added : {",", "{", "}"}) text = swell::ReplaceAll(text, added, "");
    return text;
  };
  if (bare(*once) != bare(query)) std::abort();
  return 0;
}
