#include "base/value/number.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>

namespace swell {
namespace {

// The shortest digits that read back, and the decimal exponent: d.ddd x 10^exponent.
struct Shortest {
  std::string digits;
  int exponent = 0;
};

template <class Float>
Shortest ShortestDigits(Float magnitude) {
  char text[40];
  const auto end =
      std::to_chars(text, text + sizeof text, magnitude, std::chars_format::scientific).ptr;
  const std::string_view all(text, static_cast<std::size_t>(end - text));
  const std::size_t e = all.find('e');
  Shortest out;
  for (const char c : all.substr(0, e)) {
    if (c != '.') out.digits += c;
  }
  const char* exponent = text + e + 1;
  if (*exponent == '+') ++exponent;
  std::from_chars(exponent, end, out.exponent);
  return out;
}

std::string Plain(const Shortest& number) {
  const int size = static_cast<int>(number.digits.size());
  if (number.exponent < 0) {
    return "0." + std::string(static_cast<std::size_t>(-number.exponent - 1), '0') + number.digits;
  }
  if (number.exponent + 1 >= size) {
    return number.digits + std::string(static_cast<std::size_t>(number.exponent + 1 - size), '0');
  }
  const auto whole = static_cast<std::size_t>(number.exponent + 1);
  return number.digits.substr(0, whole) + "." + number.digits.substr(whole);
}

std::string Scientific(const Shortest& number, int min_exponent_digits) {
  std::string out = number.digits.substr(0, 1);
  if (number.digits.size() > 1) out += "." + number.digits.substr(1);
  out += number.exponent < 0 ? "e-" : "e+";
  const std::string exponent = std::to_string(std::abs(number.exponent));
  if (static_cast<int>(exponent.size()) < min_exponent_digits) out += '0';
  return out + exponent;
}

template <class Float>
std::string FormatG(Float number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Inf" : "+Inf";
  const std::string sign = std::signbit(number) ? "-" : "";
  if (number == 0) return sign + "0";
  const Shortest shortest = ShortestDigits(std::fabs(number));
  const bool scientific = shortest.exponent < -4 || shortest.exponent >= 6;
  return sign + (scientific ? Scientific(shortest, 2) : Plain(shortest));
}

}  // namespace

std::optional<double> ParseFloat(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  if (digits.starts_with('+') || digits.empty()) return std::nullopt;
  double number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number);
  if (stop != end || error == std::errc::invalid_argument) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    number = std::strtod(std::string(digits).c_str(), nullptr);  // tells too small from too large
  }
  if (!std::isfinite(number)) return std::nullopt;  // also the words inf and nan
  return number;
}

std::string FormatFloatJson(double number) {
  const double magnitude = std::fabs(number);
  const std::string sign = std::signbit(number) ? "-" : "";
  if (magnitude == 0) return sign + "0";
  const Shortest shortest = ShortestDigits(magnitude);
  if (magnitude >= 1e-6 && magnitude < 1e21) return sign + Plain(shortest);
  return sign + Scientific(shortest, 1);
}

void AppendFloatJson(std::string& out, double number) {
  constexpr double kExact = 9007199254740992;  // 2^53: whole numbers below have their own digits
  if (std::fabs(number) < kExact && number == std::trunc(number) &&
      (number != 0 || !std::signbit(number))) {
    char digits[24];
    out.append(
        digits,
        std::to_chars(digits, digits + sizeof digits, static_cast<std::int64_t>(number)).ptr);
    return;
  }
  out += FormatFloatJson(number);
}

std::string FormatFloatG(double number) { return FormatG(number); }
std::string FormatFloat32G(float number) { return FormatG(number); }

}  // namespace swell
