// Whatever bytes come: no crash, and what was read prints to something that reads the same.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/core/check.h"
#include "base/value/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace swell;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = json::Parse(text, {.max_nodes = 100'000});
  if (!value) {
    SWELL_CHECK(value.error().span() && value.error().span()->line > 0);
    return 0;
  }
  const std::string printed = json::Write(*value);
  const auto again = json::Parse(printed);
  SWELL_CHECK(again && json::Write(*again) == printed);
  SWELL_CHECK(json::Write(json::Parse(json::WritePretty(*value)).value()) == printed);
  return 0;
}
