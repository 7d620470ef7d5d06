#include "renderer/kustomize/limits.h"

#include <string>
#include <utility>

namespace swell::kustomize {
namespace {

constexpr std::pair<std::string_view, std::string_view> kFlags[] = {
    {"the build takes more than ", helm::kMaxStepsFlag},
    {"the build gives more than ", helm::kMaxOutputFlag},
    {"the build makes more than ", helm::kMaxMemoryFlag},
    {"the build reads more than ", helm::kMaxChartFlag},
};

// The beginning says what was built, the end what is wrong and where.
std::string Abridged(std::string text) {
  constexpr std::size_t kHead = 2'000;
  constexpr std::size_t kTail = 4'000;
  if (text.size() <= kHead + kTail) return text;
  const std::string_view all = text;
  return std::string(all.substr(0, kHead)) + "\n… (" + std::to_string(text.size() - kHead - kTail) +
         " bytes left out) …\n" + std::string(all.substr(text.size() - kTail));
}

}  // namespace

Status SetLimit(Limits& limits, helm::Limits& charts, std::string_view flag,
                std::string_view text) {
  TRY(helm::SetLimit(charts, flag, text));
  limits.max_steps = charts.templates.max_steps;
  limits.max_output_bytes = charts.templates.max_output_bytes;
  limits.max_allocated_bytes = charts.templates.max_allocated_bytes;
  limits.max_read_bytes = charts.max_chart_bytes;
  return {};
}

Error WithAdvice(Error error) {
  std::string advice;
  for (const auto& [budget, flag] : kFlags) {
    if (error.code() != ErrorCode::kResourceExhausted || !error.message().starts_with(budget) ||
        !error.message().contains(" (budget ")) {
      continue;
    }
    advice = "; if that is right, raise it with " + std::string(flag);
  }
  std::string text = error.ToString();
  std::string shown = Abridged(text);
  if (advice.empty() && shown.size() == text.size()) return error;
  return Error(error.code(), std::move(shown) + advice);
}

}  // namespace swell::kustomize
