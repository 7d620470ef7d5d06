// Whatever script and object come: the run ends within its limits, without a crash; what it
// answers is well-formed and bounded.
//
// The input is the script, a line with "---", and the object in JSON.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/core/check.h"
#include "base/text/utf8.h"
#include "base/value/json.h"
#include "reconciler/health/lua/script.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace swell;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t split = text.find("\n---\n");
  const auto script = lua::Script::Compile(text.substr(0, split));
  if (!script) return 0;
  Value object = Value::EmptyObject();
  if (split != std::string_view::npos) {
    if (auto parsed = json::Parse(text.substr(split + 5), {.max_nodes = 10'000})) object = *parsed;
  }
  lua::Limits limits;
  limits.steps = 200'000;
  limits.memory = std::size_t{4} << 20;
  const auto answer = script->Run(object, Timestamp{}, limits);
  if (!answer) return 0;
  SWELL_CHECK(answer->message.size() <= limits.message && IsValidUtf8(answer->message));
  SWELL_CHECK(answer->steps <= limits.steps);
  return 0;
}
