// Small languages inside functions: semver constraints, Go's time layouts and durations, printf.
// The first byte chooses; a line break parts the format from what is formatted.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/core/check.h"
#include "base/text/semver.h"
#include "renderer/funcs/go_time.h"
#include "renderer/gotemplate/format.h"

namespace {

using namespace swell;
using gotemplate::Any;

void CheckSemver(std::string_view constraint, std::string_view version) {
  const auto parsed = Semver::ParseLenient(version);
  if (parsed) {
    const auto again = Semver::ParseLenient(parsed->ToString());
    SWELL_CHECK(again.has_value());
    SWELL_CHECK(*again == *parsed);
    SWELL_CHECK(Semver::ParseStrict(parsed->ToString()).has_value());
  }
  const auto range = SemverConstraint::Parse(constraint);
  if (range && parsed) (void)range->Matches(*parsed);
}

void CheckTime(std::string_view layout, std::string_view text) {
  const auto time = funcs::ParseGoTime(layout, text);
  if (time) {
    (void)funcs::FormatGoTime(*time, layout);
    // In a layout that says everything nothing is lost.
    constexpr std::string_view kWhole = "2006-01-02T15:04:05.999999999Z07:00";
    const std::string printed = funcs::FormatGoTime(*time, kWhole);
    const auto again = funcs::ParseGoTime(kWhole, printed);
    if (again) SWELL_CHECK(funcs::FormatGoTime(*again, kWhole) == printed);
  }
  const auto duration = funcs::ParseGoDuration(text);
  if (!duration) return;
  const auto again = funcs::ParseGoDuration(funcs::FormatGoDuration(*duration));
  SWELL_CHECK(again.has_value());
  SWELL_CHECK(*again == *duration);
}

void CheckPrintf(std::string_view format, std::string_view operand) {
  const gotemplate::Limits limits{
      .max_steps = 20'000, .max_value_bytes = 1u << 20, .max_allocated_bytes = 4u << 20};
  gotemplate::Budget budget(limits);
  Any map = Any::NewMap();
  map.as_map()->Set(operand, Any::Float(1e21));
  const Any args[] = {Any::String(operand),
                      Any::Int(static_cast<std::int64_t>(operand.size()) - 3),
                      Any::Float(-1.5),
                      Any(),
                      Any::Bool(true),
                      map,
                      Any::List({Any::Uint64(~0ull), Any::Complex(1, -2), Any::Bytes(operand)})};
  const auto text = gotemplate::Sprintf(format, args, budget);
  // One directive may stand over a budget's end.
  SWELL_CHECK(!text || text->size() <= limits.max_value_bytes + 4'000'000);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const char kind = text[0];
  text.remove_prefix(1);
  const std::size_t cut = text.find('\n');
  const std::string_view format = text.substr(0, cut);
  const std::string_view rest = cut == std::string_view::npos ? "" : text.substr(cut + 1);
  if (kind == 's') CheckSemver(format, rest);
  if (kind == 't') CheckTime(format, rest);
  if (kind == 'p') CheckPrintf(format, rest);
  return 0;
}
