#include "reconciler/gates/threshold.h"

#include <charconv>
#include <cmath>

#include "base/value/number.h"

namespace swell::gates {
namespace {

std::string Shortest(double value) {
  char digits[40];
  return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}

std::string_view Sign(Comparison comparison) {
  switch (comparison) {
    case Comparison::kLess:
      return "<";
    case Comparison::kLessOrEqual:
      return "<=";
    case Comparison::kGreater:
      return ">";
    case Comparison::kGreaterOrEqual:
      return ">=";
    case Comparison::kEqual:
      return "==";
    case Comparison::kNotEqual:
      return "!=";
  }
  return "?";
}

}  // namespace

bool Holds(const Threshold& threshold, double value) {
  switch (threshold.comparison) {
    case Comparison::kLess:
      return value < threshold.value;
    case Comparison::kLessOrEqual:
      return value <= threshold.value;
    case Comparison::kGreater:
      return value > threshold.value;
    case Comparison::kGreaterOrEqual:
      return value >= threshold.value;
    case Comparison::kEqual:
      return value == threshold.value;
    case Comparison::kNotEqual:
      return value < threshold.value || value > threshold.value;
  }
  return false;
}

double Badness(const Threshold& threshold, double value) {
  switch (threshold.comparison) {
    case Comparison::kLess:
    case Comparison::kLessOrEqual:
      return value;
    case Comparison::kGreater:
    case Comparison::kGreaterOrEqual:
      return -value;
    case Comparison::kEqual:
      return std::fabs(value - threshold.value);
    case Comparison::kNotEqual:
      return -std::fabs(value - threshold.value);
  }
  return value;
}

std::string ShowNumber(double value) {
  if (!std::isfinite(value)) return FormatFloatG(value);  // as Prometheus shows it
  char digits[40];
  const char* const end =
      std::to_chars(digits, digits + sizeof digits, value, std::chars_format::general, 6).ptr;
  return {digits, static_cast<std::size_t>(end - digits)};
}

std::string Show(const Threshold& threshold, double value) {
  const std::string limit = Shortest(threshold.value);
  std::string shown = ShowNumber(value);
  if (shown == ShowNumber(threshold.value)) shown = Shortest(value);
  const char* const verb = Holds(threshold, value) ? " " : " is not ";
  return shown + verb + std::string(Sign(threshold.comparison)) + " " + limit;
}

}  // namespace swell::gates
