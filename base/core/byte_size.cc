#include "base/core/byte_size.h"

#include <charconv>
#include <utility>

#include "base/core/strings.h"

namespace swell {
namespace {

constexpr std::pair<std::string_view, int> kUnits[] = {{"Ki", 10}, {"Mi", 20}, {"Gi", 30}};

}  // namespace

Result<std::uint64_t> ParseByteSize(std::string_view text) {
  std::string_view digits = text;
  int shift = 0;
  for (const auto& [unit, bits] : kUnits) {
    if (!text.ends_with(unit)) continue;
    digits.remove_suffix(unit.size());
    shift = bits;
  }
  std::uint64_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number);
  if (error != std::errc() || stop != end || number > (UINT64_MAX >> shift)) {
    return Fail(
        InvalidArgument(Quote(text) + " is no size: give bytes, or a number with Ki, Mi or Gi"));
  }
  return number << shift;
}

std::string FormatByteSize(std::uint64_t bytes) {
  std::string out = std::to_string(bytes);
  for (const auto& [unit, bits] : kUnits) {
    if (bytes != 0 && bytes % (std::uint64_t{1} << bits) == 0) {
      out = std::to_string(bytes >> bits) + std::string(unit);
    }
  }
  return out;
}

}  // namespace swell
