// Any template over helm's whole function map: it ends with text or an error, within the budgets.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/core/check.h"
#include "base/value/json.h"
#include "renderer/funcs/helm_host.h"
#include "renderer/funcs/registry.h"
#include "renderer/gotemplate/template.h"

namespace swell::funcs {
namespace {

using gotemplate::Any;

constexpr gotemplate::Limits kLimits{.max_steps = 20'000,
                                     .max_output_bytes = 1u << 20,
                                     .max_value_bytes = 1u << 20,
                                     .max_allocated_bytes = 16u << 20,
                                     .max_template_depth = 100};

// The same bytes for the same input, so that a find can be replayed.
class FixedHost final : public HelmHost {
 public:
  Timestamp Now() const override { return Timestamp(std::chrono::seconds(1'700'000'000)); }
  void Random(std::span<unsigned char> bytes) const override {
    for (unsigned char& byte : bytes) byte = static_cast<unsigned char>(state_ += 37);
  }

 private:
  mutable unsigned state_ = 1;
};

Any Data() {
  static const Value kData = *json::Parse(R"({
    "s": "text", "e": "", "n": null, "t": true, "i": 42, "f": -2.5, "big": 1e300,
    "l": [1, "two", null, {"x": 3}], "strings": ["b", "a", "b"], "none": [],
    "m": {"a": 1, "b": {"c": {"d": "deep"}}, "yes": "no"}, "u": "h\u00e9llo \ud83d\ude00",
    "y": "a: &x [1, 2]\nb: *x\n", "v": "1.2.3-rc.1+b", "url": "https://u:p@h:8/p?q#f",
    "bad": "\u0000\u007f\u0085"})");
  return gotemplate::FromValue(kData);
}

}  // namespace
}  // namespace swell::funcs

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace swell;
  using namespace swell::funcs;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  gotemplate::TemplateSet set(HelmFunctions(), kLimits);
  if (!set.Parse("fuzz", text)) return 0;
  const FixedHost host;
  gotemplate::Session session(
      {.missing_key = gotemplate::MissingKey::kZero, .limits = kLimits, .host = &host});
  const auto out = set.Execute("fuzz", Data(), session);
  SWELL_CHECK(!out || out->size() <= kLimits.max_output_bytes);
  SWELL_CHECK(out || out.error().code() != ErrorCode::kInternal);
  return 0;
}
