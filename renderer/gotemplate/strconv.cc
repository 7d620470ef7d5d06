#include "renderer/gotemplate/strconv.h"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "base/text/utf8.h"
#include "renderer/gotemplate/unicode.h"

namespace swell::gotemplate {

namespace {

// The exponent has at least two digits in Go.
std::string Exponent(int exponent) {
  std::string out(1, exponent < 0 ? '-' : '+');
  const int magnitude = std::abs(exponent);
  if (magnitude < 10) out += '0';
  return out + std::to_string(magnitude);
}

// Shortest digits d1 d2 … and the decimal exponent of d1.d2…
struct Decimal {
  std::string digits;
  int exponent = 0;
};

Decimal ShortestDigits(double magnitude) {
  std::array<char, 64> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), magnitude,
                                 std::chars_format::scientific);
  const std::string_view text(buffer.data(), static_cast<std::size_t>(end.ptr - buffer.data()));
  const std::size_t e = text.find('e');
  Decimal out;
  for (const char c : text.substr(0, e)) {
    if (c != '.') out.digits += c;
  }
  std::string_view exponent = text.substr(e + 1);
  if (exponent.starts_with('+')) exponent.remove_prefix(1);
  std::from_chars(exponent.data(), exponent.data() + exponent.size(), out.exponent);
  return out;
}

std::string Scientific(const Decimal& d, char e) {
  std::string out = d.digits.substr(0, 1);
  if (d.digits.size() > 1) out += "." + d.digits.substr(1);
  return out + e + Exponent(d.exponent);
}

std::string Fixed(const Decimal& d) {
  const int point = d.exponent + 1;
  const int count = static_cast<int>(d.digits.size());
  if (point <= 0) return "0." + std::string(static_cast<std::size_t>(-point), '0') + d.digits;
  if (point >= count) return d.digits + std::string(static_cast<std::size_t>(point - count), '0');
  const auto at = static_cast<std::size_t>(point);
  return d.digits.substr(0, at) + "." + d.digits.substr(at);
}

std::string Shortest(double magnitude, char verb) {
  const Decimal d = ShortestDigits(magnitude);
  switch (verb) {
    case 'e':
    case 'E':
      return Scientific(d, verb);
    case 'g':
    case 'G':
      if (d.exponent >= -4 && d.exponent < 6) return Fixed(d);
      return Scientific(d, verb == 'g' ? 'e' : 'E');
    default:
      return Fixed(d);
  }
}

std::string WithPrecision(double magnitude, char verb, int precision) {
  std::chars_format format = std::chars_format::fixed;
  if (verb == 'e' || verb == 'E') format = std::chars_format::scientific;
  if (verb == 'g' || verb == 'G') format = std::chars_format::general;
  std::string buffer(static_cast<std::size_t>(precision) + 400, '\0');
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), magnitude, format, precision);
  buffer.resize(static_cast<std::size_t>(end.ptr - buffer.data()));
  if (verb == 'E' || verb == 'G') {
    for (char& c : buffer) {
      if (c == 'e') c = 'E';
    }
  }
  return buffer;
}

// 0x1.8p+00
std::string Hexadecimal(double magnitude, char verb, int precision) {
  int shift = 0;
  if (magnitude != 0 && std::fpclassify(magnitude) == FP_SUBNORMAL) {
    shift = 200;
    magnitude = std::ldexp(magnitude, shift);
  }
  std::array<char, 64> small;
  std::string text;
  if (precision < 0) {
    text.assign(small.data(), static_cast<std::size_t>(
                                  std::snprintf(small.data(), small.size(), "%a", magnitude)));
  } else {
    std::string big(static_cast<std::size_t>(precision) + 64, '\0');
    const int n = std::snprintf(big.data(), big.size(), "%.*a", precision, magnitude);
    text = big.substr(0, static_cast<std::size_t>(n));
  }
  const std::size_t p = text.find('p');
  std::string out = text.substr(0, p) + "p" + Exponent(std::atoi(text.c_str() + p + 1) - shift);
  if (verb == 'X') {
    for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  }
  return out;
}

// mantissa p exponent, both decimal
std::string Binary(double magnitude) {
  const auto bits = std::bit_cast<std::uint64_t>(magnitude);
  auto exponent = static_cast<int>(bits >> 52 & 0x7ff);
  std::uint64_t mantissa = bits & ((1ull << 52) - 1);
  if (exponent == 0) {
    ++exponent;
  } else {
    mantissa |= 1ull << 52;
  }
  exponent -= 1023 + 52;
  return std::to_string(mantissa) + "p" + (exponent >= 0 ? "+" : "") + std::to_string(exponent);
}

void AppendEscapedRune(std::string& out, char32_t rune) {
  std::array<char, 16> buffer;
  const char* format = rune < 0x80 ? "\\x%02x" : rune < 0x10000 ? "\\u%04x" : "\\U%08x";
  std::snprintf(buffer.data(), buffer.size(), format, static_cast<unsigned>(rune));
  out += buffer.data();
}

void AppendQuotedRune(std::string& out, char32_t rune, char quote, bool ascii_only) {
  if (rune == static_cast<unsigned char>(quote) || rune == '\\') {
    out += '\\';
    out += static_cast<char>(rune);
    return;
  }
  constexpr std::string_view kFrom = "\a\b\f\n\r\t\v";
  constexpr std::string_view kTo = "abfnrtv";
  if (rune < 0x80) {
    const std::size_t i = kFrom.find(static_cast<char>(rune));
    if (i != std::string_view::npos) {
      out += '\\';
      out += kTo[i];
      return;
    }
  }
  if (IsPrintable(rune) && !(ascii_only && rune >= 0x80)) {
    AppendUtf8(out, rune);
    return;
  }
  AppendEscapedRune(out, rune);
}

std::string QuoteText(std::string_view text, bool ascii_only) {
  std::string out;
  out.reserve(text.size() + 2);
  out += '"';
  while (!text.empty()) {
    const DecodedRune decoded = DecodeRune(text);
    if (decoded.rune == 0xfffd && decoded.length == 1) {
      std::array<char, 8> buffer;
      std::snprintf(buffer.data(), buffer.size(), "\\x%02x",
                    static_cast<unsigned>(static_cast<unsigned char>(text[0])));
      out += buffer.data();
    } else {
      AppendQuotedRune(out, decoded.rune, '"', ascii_only);
    }
    text.remove_prefix(static_cast<std::size_t>(decoded.length));
  }
  out += '"';
  return out;
}

}  // namespace

std::string FormatFloat(double f, char verb, int precision) {
  if (std::isnan(f)) return "NaN";
  const std::string sign = std::signbit(f) ? "-" : "";
  const double magnitude = std::fabs(f);
  if (std::isinf(f)) return sign.empty() ? "+Inf" : "-Inf";
  if (verb == 'x' || verb == 'X') return sign + Hexadecimal(magnitude, verb, precision);
  if (verb == 'b') return sign + Binary(magnitude);
  if (precision < 0) return sign + Shortest(magnitude, verb);
  return sign + WithPrecision(magnitude, verb, precision);
}

std::string QuoteGo(std::string_view text) { return QuoteText(text, false); }
std::string QuoteGoAscii(std::string_view text) { return QuoteText(text, true); }

std::string QuoteRune(char32_t rune, bool ascii_only) {
  if (rune > 0x10ffff || (rune >= 0xd800 && rune <= 0xdfff)) rune = 0xfffd;
  std::string out = "'";
  AppendQuotedRune(out, rune, '\'', ascii_only);
  return out + "'";
}

}  // namespace swell::gotemplate
