#include "base/value/yaml_scalar.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <limits>

#include "base/value/number.h"

namespace swell::yaml {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// go-yaml decides by the first byte what is worth trying ("<<" and "=" stay strings).
enum class Hint : std::uint8_t { kString, kWord, kDot, kNumber };

constexpr std::array<Hint, 256> kHints = [] {
  std::array<Hint, 256> hints{};
  for (const char c : std::string_view("yYnNtTfFoO~")) {
    hints[static_cast<unsigned char>(c)] = Hint::kWord;
  }
  for (const char c : std::string_view("0123456789+-")) {
    hints[static_cast<unsigned char>(c)] = Hint::kNumber;
  }
  hints['.'] = Hint::kDot;
  return hints;
}();

Hint HintOf(std::string_view text) {
  return text.empty() ? Hint::kWord : kHints[static_cast<unsigned char>(text[0])];
}

// A short word as one number, so that a switch can tell words apart.
constexpr std::size_t kMaxWord = 5;
constexpr std::uint64_t Word(std::string_view text) {
  std::uint64_t word = 0;
  for (const char c : text) word = word << 8 | static_cast<unsigned char>(c);
  return word;
}

std::optional<Scalar> ResolveWord(std::string_view text, Schema schema) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const auto boolean = [](bool b) { return Scalar{.kind = ScalarKind::kBool, .boolean = b}; };
  const auto number = [](double d) { return Scalar{.kind = ScalarKind::kFloat, .number = d}; };
  if (text.size() > kMaxWord) return std::nullopt;
  // clang-format off
  switch (Word(text)) {
    case Word(""): case Word("~"): case Word("null"): case Word("Null"): case Word("NULL"):
      return Scalar{.kind = ScalarKind::kNull};
    case Word("true"): case Word("True"): case Word("TRUE"):
      return boolean(true);
    case Word("false"): case Word("False"): case Word("FALSE"):
      return boolean(false);
    case Word(".nan"): case Word(".NaN"): case Word(".NAN"):
      return number(std::numeric_limits<double>::quiet_NaN());
    case Word(".inf"): case Word(".Inf"): case Word(".INF"):
    case Word("+.inf"): case Word("+.Inf"): case Word("+.INF"):
      return number(kInfinity);
    case Word("-.inf"): case Word("-.Inf"): case Word("-.INF"):
      return number(-kInfinity);
  }
  if (schema != Schema::kYaml11) return std::nullopt;
  switch (Word(text)) {
    case Word("y"): case Word("Y"): case Word("yes"): case Word("Yes"): case Word("YES"):
    case Word("on"): case Word("On"): case Word("ON"):
      return boolean(true);
    case Word("n"): case Word("N"): case Word("no"): case Word("No"): case Word("NO"):
    case Word("off"): case Word("Off"): case Word("OFF"):
      return boolean(false);
  }
  // clang-format on
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
  out.unsigned_integer = magnitude;
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

bool IsSurelyString(std::string_view text) {
  const Hint hint = HintOf(text);
  return hint == Hint::kString || (hint == Hint::kWord && text.size() > kMaxWord);
}

Scalar ResolvePlain(std::string_view text, Schema schema) {
  const Scalar string;
  const Hint hint = HintOf(text);
  if (hint == Hint::kString) return string;
  if (const auto word = ResolveWord(text, schema)) return *word;
  if (hint == Hint::kWord) return string;
  const auto as_float = [&](std::string_view digits) -> Scalar {
    const auto number = LooksLikeFloat(digits) ? ParseFloat(digits) : std::nullopt;
    return number ? Scalar{.kind = ScalarKind::kFloat, .number = *number} : string;
  };
  if (hint == Hint::kDot) return as_float(text);
  if (CanonicalTimestamp(text)) return {.kind = ScalarKind::kTimestamp};
  const auto as_number = [&](std::string_view digits) {
    const auto integer = ParseInteger(digits);
    return integer ? *integer : as_float(digits);
  };
  if (text.find('_') == std::string_view::npos) return as_number(text);
  std::string plain;
  for (const char c : text) {
    if (c != '_') plain += c;
  }
  return as_number(plain);
}

bool PlainValue(std::string_view text, const ParseOptions& options, Value& out) {
  return PlainValue(ResolvePlain(text, options.schema), text, options, out);
}

bool PlainValue(const Scalar& scalar, std::string_view text, const ParseOptions& options,
                Value& out) {
  switch (scalar.kind) {
    case ScalarKind::kNull:
      out = Value();
      return true;
    case ScalarKind::kBool:
      out = Value(scalar.boolean);
      return true;
    case ScalarKind::kInt:
      if (scalar.too_big) {
        out = options.schema == Schema::kYaml12 ? Value::Unsigned(scalar.unsigned_integer)
                                                : Value(scalar.number);
      } else if (options.integers_as_float) {
        out = Value(static_cast<double>(scalar.integer));
      } else {
        out = Value(scalar.integer);
      }
      return true;
    case ScalarKind::kFloat:
      if (!std::isfinite(scalar.number)) return false;
      out = Value(scalar.number);
      return true;
    case ScalarKind::kTimestamp:
      // v2 hands timestamps on as written; v3 makes times of them, printed as RFC 3339.
      out = options.schema == Schema::kYaml12 ? Value(*CanonicalTimestamp(text)) : Value(text);
      return true;
    case ScalarKind::kString:
      break;
  }
  out = Value(text);
  return true;
}

bool ToKey(Value& key) {
  switch (key.type()) {
    case Value::Type::kString:
      return true;
    case Value::Type::kBool:
      key = Value(key.as_bool() ? "true" : "false");
      return true;
    case Value::Type::kInt:
      key = Value(std::to_string(key.as_int()));
      return true;
    case Value::Type::kFloat:  // sigs.k8s.io/yaml prints such keys as 32-bit floats
      key = Value(FormatFloat32G(static_cast<float>(key.as_float())));
      return true;
    default:
      return false;
  }
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
