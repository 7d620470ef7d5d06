#include "renderer/helm/limits.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include "base/core/byte_size.h"
#include "base/core/strings.h"

namespace swell::helm {

namespace {

constexpr std::pair<std::string_view, std::string_view> kFlags[] = {
    {"(budget max_steps)", kMaxStepsFlag},        {"(budget max_output_bytes)", kMaxOutputFlag},
    {"(budget max_value_bytes)", kMaxMemoryFlag}, {"(budget max_allocated_bytes)", kMaxMemoryFlag},
    {"(budget max_chart_bytes)", kMaxChartFlag},
};

constexpr std::uint64_t kLeastBytes = 64 << 10;

Result<std::uint64_t> ParseSteps(std::string_view text) {
  std::uint64_t steps = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, steps);
  if (error == std::errc() && stop == end && steps > 0) return steps;
  return Fail(InvalidArgument(Quote(text) + " is no number of steps"));
}

// A recursion repeats itself in its error: its beginning and its end say it all.
std::string Abridged(std::string text) {
  constexpr std::size_t kHead = 2'000;
  constexpr std::size_t kTail = 1'000;
  if (text.size() <= kHead + kTail) return text;
  const std::string_view all = text;
  return std::string(all.substr(0, kHead)) + "\n… (" + std::to_string(text.size() - kHead - kTail) +
         " bytes left out) …\n" + std::string(all.substr(text.size() - kTail));
}

}  // namespace

void Limits::SetSteps(std::uint64_t steps) {
  templates.max_steps = steps;
  schema.max_steps = steps;
}

void Limits::SetOutputBytes(std::uint64_t bytes) { templates.max_output_bytes = bytes; }

void Limits::SetMemoryBytes(std::uint64_t bytes) {
  templates.max_allocated_bytes = bytes;
  templates.max_value_bytes = std::min(bytes, std::max<std::uint64_t>(64u << 20, bytes / 16));
}

Status SetLimit(Limits& limits, std::string_view flag, std::string_view text) {
  if (flag == kMaxStepsFlag) {
    limits.SetSteps(TRY_WRAP(ParseSteps(text), std::string(flag)));
    return {};
  }
  if (flag != kMaxOutputFlag && flag != kMaxMemoryFlag && flag != kMaxChartFlag) {
    return Fail(NotFound("there is no budget " + std::string(flag)));
  }
  const std::uint64_t bytes = TRY_WRAP(ParseByteSize(text), std::string(flag));
  if (bytes < kLeastBytes) {
    return Fail(InvalidArgument(std::string(flag) + ": " + std::string(text) + " is less than " +
                                FormatByteSize(kLeastBytes)));
  }
  if (flag == kMaxOutputFlag) limits.SetOutputBytes(bytes);
  if (flag == kMaxMemoryFlag) limits.SetMemoryBytes(bytes);
  if (flag == kMaxChartFlag) limits.max_chart_bytes = bytes;
  return {};
}

Error WithAdvice(Error error) {
  if (error.code() != ErrorCode::kResourceExhausted) return error;
  std::string text = Abridged(error.ToString());
  for (const auto& [budget, flag] : kFlags) {
    if (text.find(budget) == std::string::npos) continue;
    text += text.ends_with('?') ? " If" : "; if";
    text += " the chart is right, raise it with " + std::string(flag);
    break;
  }
  return Error(error.code(), std::move(text));
}

}  // namespace swell::helm
