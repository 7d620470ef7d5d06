#include "renderer/helm/limits.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace swell::helm {

namespace {

constexpr std::pair<std::string_view, std::string_view> kFlags[] = {
    {"(budget max_steps)", "--render-max-steps"},
    {"(budget max_output_bytes)", "--render-max-output"},
    {"(budget max_value_bytes)", "--render-max-memory"},
    {"(budget max_allocated_bytes)", "--render-max-memory"},
    {"(budget max_chart_bytes)", "--render-max-chart"},
};

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
