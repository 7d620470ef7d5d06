// Any schema over any value (a line "---" between them): a verdict, within the budgets.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/core/check.h"
#include "base/value/json.h"
#include "renderer/jsonschema/schema.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace swell;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = text.find("\n---\n");
  const auto schema = jsonschema::Schema::Compile(text.substr(0, cut));
  if (!schema) {
    SWELL_CHECK(!schema.error().ToString().empty());
    return 0;
  }
  const auto instance = json::Parse(cut == std::string_view::npos ? "{}" : text.substr(cut + 5));
  if (!instance) return 0;
  const jsonschema::Limits limits{.max_depth = 100, .max_steps = 20'000};
  const Status first = schema->Validate(*instance, limits);
  const Status again = schema->Validate(*instance, limits);
  SWELL_CHECK(first.has_value() == again.has_value());
  if (!first) SWELL_CHECK(first.error().ToString() == again.error().ToString());
  return 0;
}
