#include <charconv>
#include <cmath>
#include <cstdlib>

#include "base/text/utf8.h"
#include "renderer/gotemplate/strconv.h"
#include "renderer/gotemplate/unicode.h"

namespace swell::gotemplate {

namespace {

int DigitOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'z') return c - 'a' + 10;
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  return 36;
}

// Underscores must separate digits; one may follow the base prefix.
bool UnderscoresOk(std::string_view s) {
  char before = '^';  // '0' a digit, '_' an underscore, '!' neither, '^' the beginning
  std::size_t i = !s.empty() && (s[0] == '-' || s[0] == '+') ? 1 : 0;
  bool hexadecimal = false;
  if (s.size() >= i + 2 && s[i] == '0') {
    const char prefix = static_cast<char>(s[i + 1] | 0x20);
    if (prefix == 'x' || prefix == 'o' || prefix == 'b') {
      before = '0';
      hexadecimal = prefix == 'x';
      i += 2;
    }
  }
  for (; i < s.size(); ++i) {
    const char c = s[i];
    if ((c >= '0' && c <= '9') || (hexadecimal && DigitOf(c) < 16)) {
      before = '0';
    } else if (c == '_') {
      if (before != '0') return false;
      before = '_';
    } else {
      if (before == '_') return false;
      before = '!';
    }
  }
  return before != '_';
}

}  // namespace

std::optional<std::uint64_t> ParseUint(std::string_view text, int base) {
  std::string_view s = text;
  const bool any_base = base == 0;
  if (any_base) {
    base = 10;
    if (s.size() > 1 && s[0] == '0') {
      const char prefix = static_cast<char>(s[1] | 0x20);
      if (s.size() > 2 && (prefix == 'x' || prefix == 'o' || prefix == 'b')) {
        base = prefix == 'x' ? 16 : prefix == 'o' ? 8 : 2;
        s.remove_prefix(2);
      } else {
        base = 8;
        s.remove_prefix(1);
      }
    }
  }
  if (s.empty()) return std::nullopt;
  std::uint64_t n = 0;
  for (const char c : s) {
    if (c == '_' && any_base) continue;
    const int digit = DigitOf(c);
    if (digit >= base) return std::nullopt;
    if (__builtin_mul_overflow(n, static_cast<std::uint64_t>(base), &n) ||
        __builtin_add_overflow(n, static_cast<std::uint64_t>(digit), &n)) {
      return std::nullopt;
    }
  }
  if (any_base && s.find('_') != std::string_view::npos && !UnderscoresOk(text)) {
    return std::nullopt;
  }
  return n;
}

std::optional<std::int64_t> ParseInt(std::string_view text, int base) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const std::optional<std::uint64_t> magnitude = ParseUint(text, base);
  if (!magnitude) return std::nullopt;
  const std::uint64_t limit = (1ull << 63) - (negative ? 0 : 1);
  if (*magnitude > limit) return std::nullopt;
  return static_cast<std::int64_t>(negative ? 0 - *magnitude : *magnitude);
}

std::optional<double> ParseFloat(std::string_view text) {
  std::string s;
  bool underscores = false;
  for (const char c : text) {
    if (c == '_') {
      underscores = true;
    } else {
      s += c;
    }
  }
  if (underscores && !UnderscoresOk(text)) return std::nullopt;
  std::string_view rest = s;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest.empty() || rest[0] == '-' || rest[0] == '+') return std::nullopt;
  double value = 0;
  std::from_chars_result result{};
  if (rest.size() > 2 && rest[0] == '0' && (rest[1] | 0x20) == 'x') {
    // Go wants the exponent of a hexadecimal float to be there.
    if (rest.find_first_of("pP") == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(2);
    result = std::from_chars(rest.data(), rest.data() + rest.size(), value, std::chars_format::hex);
  } else {
    if (rest.find('(') != std::string_view::npos) return std::nullopt;  // nan(…)
    result = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  }
  if (result.ptr != rest.data() + rest.size()) return std::nullopt;
  if (result.ec == std::errc::result_out_of_range) {
    value = std::strtod(s.c_str(), nullptr);
    if (std::isinf(value)) return std::nullopt;
    return value;
  }
  if (result.ec != std::errc()) return std::nullopt;
  return negative ? -value : value;
}

namespace {

// One rune or byte of a quoted text; cuts it off `s`. False: invalid syntax.
bool UnquoteOne(std::string_view& s, char quote, std::string& out) {
  const char c = s[0];
  if (c == quote) return false;
  if (c != '\\') {
    const DecodedRune decoded = DecodeRune(s);
    AppendUtf8(out, decoded.rune);
    s.remove_prefix(static_cast<std::size_t>(decoded.length));
    return true;
  }
  if (s.size() < 2) return false;
  const char escape = s[1];
  s.remove_prefix(2);
  constexpr std::string_view kFrom = "abfnrtv\\";
  constexpr std::string_view kTo = "\a\b\f\n\r\t\v\\";
  if (const std::size_t i = kFrom.find(escape); i != std::string_view::npos) {
    out += kTo[i];
    return true;
  }
  if (escape == '\'' || escape == '"') {
    if (escape != quote) return false;
    out += escape;
    return true;
  }
  std::size_t count = 0;
  std::uint32_t base = 16;
  std::uint32_t value = 0;
  if (escape == 'x') count = 2;
  if (escape == 'u') count = 4;
  if (escape == 'U') count = 8;
  if (escape >= '0' && escape <= '7') {
    count = 2;
    base = 8;
    value = static_cast<std::uint32_t>(escape - '0');
  }
  if (count == 0 || s.size() < count) return false;
  for (std::size_t i = 0; i < count; ++i) {
    const int digit = DigitOf(s[i]);
    if (digit >= static_cast<int>(base)) return false;
    value = value * base + static_cast<std::uint32_t>(digit);
  }
  s.remove_prefix(count);
  if (base == 8 || escape == 'x') {
    if (value > 255) return false;
    out += static_cast<char>(value);
    return true;
  }
  if (value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return false;
  AppendUtf8(out, value);
  return true;
}

}  // namespace

std::optional<std::string> Unquote(std::string_view quoted) {
  if (quoted.size() < 2 || quoted.front() != quoted.back()) return std::nullopt;
  std::string_view s = quoted.substr(1, quoted.size() - 2);
  std::string out;
  out.reserve(s.size());
  if (quoted[0] == '`') {
    if (s.find('`') != std::string_view::npos) return std::nullopt;
    for (const char c : s) {
      if (c != '\r') out += c;
    }
    return out;
  }
  if (quoted[0] != '"' || s.find('\n') != std::string_view::npos) return std::nullopt;
  while (!s.empty()) {
    if (!UnquoteOne(s, '"', out)) return std::nullopt;
  }
  return out;
}

UnquotedRune UnquoteCharConstant(std::string_view quoted) {
  std::string_view s = quoted.substr(1);
  const bool byte_escape =
      s.size() > 1 && s[0] == '\\' && (s[1] == 'x' || (s[1] >= '0' && s[1] <= '7'));
  std::string out;
  if (s.empty() || !UnquoteOne(s, '\'', out)) return {};
  if (s != "'") return {.malformed = true};
  const char32_t rune = byte_escape ? static_cast<unsigned char>(out[0]) : DecodeRune(out).rune;
  return {.rune = rune, .valid = true};
}

}  // namespace swell::gotemplate
