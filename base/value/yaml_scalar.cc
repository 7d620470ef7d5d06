#include "base/value/yaml_scalar.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <limits>

#include "base/value/number.h"

namespace swell::yaml {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

template <std::size_t N>
bool OneOf(std::string_view text, const std::string_view (&words)[N]) {
  for (const std::string_view word : words) {
    if (text == word) return true;
  }
  return false;
}

std::optional<Scalar> ResolveWord(std::string_view text, Schema schema) {
  static constexpr std::string_view kNull[] = {"", "~", "null", "Null", "NULL"};
  static constexpr std::string_view kTrue[] = {"true", "True", "TRUE"};
  static constexpr std::string_view kFalse[] = {"false", "False", "FALSE"};
  static constexpr std::string_view kOldTrue[] = {"y", "Y", "yes", "Yes", "YES", "on", "On", "ON"};
  static constexpr std::string_view kOldFalse[] = {"n", "N", "no", "No", "NO", "off", "Off", "OFF"};
  static constexpr std::string_view kNan[] = {".nan", ".NaN", ".NAN"};
  static constexpr std::string_view kInf[] = {".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"};
  static constexpr std::string_view kMinusInf[] = {"-.inf", "-.Inf", "-.INF"};
  if (text.size() > 5) return std::nullopt;
  const auto boolean = [](bool b) { return Scalar{.kind = ScalarKind::kBool, .boolean = b}; };
  const auto number = [](double d) { return Scalar{.kind = ScalarKind::kFloat, .number = d}; };
  if (OneOf(text, kNull)) return Scalar{.kind = ScalarKind::kNull};
  if (OneOf(text, kTrue)) return boolean(true);
  if (OneOf(text, kFalse)) return boolean(false);
  if (schema == Schema::kYaml11 && OneOf(text, kOldTrue)) return boolean(true);
  if (schema == Schema::kYaml11 && OneOf(text, kOldFalse)) return boolean(false);
  if (OneOf(text, kNan)) return number(std::numeric_limits<double>::quiet_NaN());
  if (OneOf(text, kInf)) return number(std::numeric_limits<double>::infinity());
  if (OneOf(text, kMinusInf)) return number(-std::numeric_limits<double>::infinity());
  return std::nullopt;
}

// Go's strconv.ParseInt and ParseUint with base 0: 0x, 0o, 0b and 0 prefixes.
std::optional<Scalar> ParseInteger(std::string_view text) {
  const bool negative = text.starts_with('-');
  const bool sign = negative || text.starts_with('+');
  std::string_view digits = text.substr(sign ? 1 : 0);
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0') {
    const char letter = static_cast<char>(digits[1] | 0x20);
    base = letter == 'x' ? 16 : letter == 'o' || IsDigit(digits[1]) ? 8 : letter == 'b' ? 2 : 0;
    if (base == 0) return std::nullopt;
    digits.remove_prefix(IsDigit(digits[1]) ? 1 : 2);
  }
  if (digits.empty() || digits[0] == '-') return std::nullopt;
  std::uint64_t magnitude = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, magnitude, base);
  if (error != std::errc{} || stop != end) return std::nullopt;
  constexpr std::uint64_t kMaxInt = INT64_MAX;
  Scalar out{.kind = ScalarKind::kInt};
  if (magnitude <= kMaxInt + (negative ? 1 : 0)) {
    out.integer = static_cast<std::int64_t>(negative ? -magnitude : magnitude);
    return out;
  }
  if (sign) return std::nullopt;  // ParseUint takes no sign
  out.too_big = true;
  out.number = static_cast<double>(magnitude);
  return out;
}

// ^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$
bool LooksLikeFloat(std::string_view text) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t from = i;
    while (i < text.size() && IsDigit(text[i])) ++i;
    return i - from;
  };
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
  const std::size_t whole = digits();
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (digits() == 0 && whole == 0) return false;
  } else if (whole == 0) {
    return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    if (digits() == 0) return false;
  }
  return i == text.size();
}

// Reads the parts of a time as Go's time.Parse does with go-yaml's layouts.
class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : rest_(text) {}

  bool Skip(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Between `min` and `max` digits.
  bool Number(int min, int max, int& out) {
    int n = 0;
    out = 0;
    while (n < max && !rest_.empty() && IsDigit(rest_[0])) {
      out = out * 10 + (rest_[0] - '0');
      rest_.remove_prefix(1);
      ++n;
    }
    return n >= min;
  }
  // ".123": the digits without trailing zeros, at most nine.
  std::string Fraction() {
    if (rest_.size() < 2 || (rest_[0] != '.' && rest_[0] != ',') || !IsDigit(rest_[1])) return "";
    rest_.remove_prefix(1);
    std::string digits;
    for (; !rest_.empty() && IsDigit(rest_[0]); rest_.remove_prefix(1)) digits += rest_[0];
    digits.resize(std::min<std::size_t>(digits.size(), 9));
    while (digits.ends_with('0')) digits.pop_back();
    return digits.empty() ? "" : "." + digits;
  }
  // "Z", "+02:00"; an offset of zero is "Z".
  std::optional<std::string> Zone() {
    if (Skip('Z')) return "Z";
    const std::string_view text = rest_.substr(0, 6);
    int hours = 0, minutes = 0;
    if (!Skip('+') && !Skip('-')) return std::nullopt;
    if (!Number(2, 2, hours) || !Skip(':') || !Number(2, 2, minutes)) return std::nullopt;
    if (hours > 24 || minutes > 59) return std::nullopt;
    return hours == 0 && minutes == 0 ? "Z" : std::string(text);
  }
  bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

}  // namespace

Scalar ResolvePlain(std::string_view text, Schema schema) {
  // go-yaml decides by the first byte what is worth trying ("<<" and "=" stay strings).
  static constexpr std::string_view kWordStarts = "yYnNtTfFoO~";
  const char first = text.empty() ? 'n' : text[0];
  const bool numeric = IsDigit(first) || first == '+' || first == '-';
  const Scalar string;
  if (!numeric && first != '.' && kWordStarts.find(first) == std::string_view::npos) return string;
  if (const auto word = ResolveWord(text, schema)) return *word;
  const auto as_float = [&](std::string_view digits) -> Scalar {
    const auto number = LooksLikeFloat(digits) ? ParseFloat(digits) : std::nullopt;
    return number ? Scalar{.kind = ScalarKind::kFloat, .number = *number} : string;
  };
  if (first == '.') return as_float(text);
  if (!numeric) return string;
  if (CanonicalTimestamp(text)) return {.kind = ScalarKind::kTimestamp};
  std::string plain;
  for (const char c : text) {
    if (c != '_') plain += c;
  }
  if (const auto integer = ParseInteger(plain)) return *integer;
  return as_float(plain);
}

std::optional<std::string> CanonicalTimestamp(std::string_view text) {
  if (text.size() < 8 || text[4] != '-') return std::nullopt;
  TimeReader in(text);
  int year, month, day, hour = 0, minute = 0, second = 0;
  if (!in.Number(4, 4, year) || !in.Skip('-') || !in.Number(1, 2, month) || !in.Skip('-') ||
      !in.Number(1, 2, day)) {
    return std::nullopt;
  }
  std::string fraction, zone = "Z";
  if (!in.done()) {
    const bool spaced = in.Skip(' ');
    if (!spaced && !in.Skip('T') && !in.Skip('t')) return std::nullopt;
    if (!in.Number(1, 2, hour) || !in.Skip(':') || !in.Number(1, 2, minute) || !in.Skip(':') ||
        !in.Number(1, 2, second)) {
      return std::nullopt;
    }
    fraction = in.Fraction();
    if (!spaced) {
      const auto read = in.Zone();
      if (!read) return std::nullopt;
      zone = *read;
    }
  }
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!in.done() || !date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  char out[80];  // six ints at their longest
  std::snprintf(out, sizeof out, "%04d-%02d-%02dT%02d:%02d:%02d", year, month, day, hour, minute,
                second);
  return out + fraction + zone;
}

// ^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$
bool IsBase60(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const auto skip = [&](const char* set) {
    text.remove_prefix(std::min(text.find_first_not_of(set), text.size()));
  };
  if (text.empty() || !IsDigit(text[0])) return false;
  skip("0123456789_");
  if (!text.starts_with(':')) return false;
  while (text.starts_with(':')) {
    text.remove_prefix(1);
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits == 0 || digits > 2 || (digits == 2 && text[0] > '5')) return false;
    text.remove_prefix(digits);
  }
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    skip("0123456789_");
  }
  return text.empty();
}

}  // namespace swell::yaml
