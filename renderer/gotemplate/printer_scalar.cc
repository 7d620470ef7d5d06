#include <algorithm>
#include <array>
#include <cmath>

#include "base/text/utf8.h"
#include "renderer/gotemplate/printer.h"
#include "renderer/gotemplate/strconv.h"
#include "renderer/gotemplate/unicode.h"

namespace swell::gotemplate {

void Printer::PadWith(int columns) {
  if (columns <= 0) return;
  // Zeros pad on the left only.
  out_.append(static_cast<std::size_t>(columns), flags_.zero && !flags_.minus ? '0' : ' ');
}

void Printer::Pad(std::string_view text) {
  if (!flags_.has_width || flags_.width == 0) {
    out_ += text;
    return;
  }
  const int columns = flags_.width - static_cast<int>(CountRunes(text));
  if (!flags_.minus) PadWith(columns);
  out_ += text;
  if (flags_.minus) PadWith(columns);
}

std::string_view Printer::Truncate(std::string_view text) const {
  if (!flags_.has_precision) return text;
  std::size_t bytes = 0;
  for (int i = 0; i < flags_.precision && bytes < text.size(); ++i) {
    bytes += static_cast<std::size_t>(DecodeRune(text.substr(bytes)).length);
  }
  return text.substr(0, bytes);
}

void Printer::PlainText(std::string_view text) { Pad(Truncate(text)); }

void Printer::QuotedText(std::string_view text) {
  text = Truncate(text);
  const auto can_backquote = [](std::string_view s) {
    for (std::size_t i = 0; i < s.size();) {
      const DecodedRune decoded = DecodeRune(s.substr(i));
      if (decoded.length == 1 && decoded.rune == 0xfffd) return false;
      if (decoded.rune == 0xfeff || decoded.rune == '`' || decoded.rune == 0x7f) return false;
      if (decoded.rune < ' ' && decoded.rune != '\t') return false;
      i += static_cast<std::size_t>(decoded.length);
    }
    return true;
  };
  if (flags_.sharp && can_backquote(text)) {
    Pad("`" + std::string(text) + "`");
  } else {
    Pad(flags_.plus ? QuoteGoAscii(text) : QuoteGo(text));
  }
}

void Printer::Hex(std::string_view bytes, bool upper) {
  const char* digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  if (flags_.has_precision && static_cast<std::size_t>(flags_.precision) < bytes.size()) {
    bytes = bytes.substr(0, static_cast<std::size_t>(flags_.precision));
  }
  std::string text;
  const std::string prefix = upper ? "0X" : "0x";
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (flags_.space && i > 0) text += ' ';
    if (flags_.sharp && (flags_.space || i == 0)) text += prefix;
    const auto byte = static_cast<unsigned char>(bytes[i]);
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  Pad(text);
}

bool Printer::PrintString(std::string_view text, char32_t verb) {
  switch (verb) {
    case 'v':
      if (flags_.sharp_v) {
        QuotedText(text);
      } else {
        PlainText(text);
      }
      return true;
    case 's':
      PlainText(text);
      return true;
    case 'x':
    case 'X':
      Hex(text, verb == 'X');
      return true;
    case 'q':
      QuotedText(text);
      return true;
    default:
      return false;
  }
}

bool Printer::PrintBool(bool value, char32_t verb) {
  if (verb != 't' && verb != 'v') return false;
  Pad(value ? "true" : "false");
  return true;
}

bool Printer::PrintInteger(std::uint64_t bits, bool is_signed, char32_t verb) {
  switch (verb) {
    case 'v':
      if (flags_.sharp_v && !is_signed) {
        const bool sharp = std::exchange(flags_.sharp, true);
        Integer(bits, is_signed, 16, 'v');
        flags_.sharp = sharp;
      } else {
        Integer(bits, is_signed, 10, verb);
      }
      return true;
    case 'd':
      Integer(bits, is_signed, 10, verb);
      return true;
    case 'b':
      Integer(bits, is_signed, 2, verb);
      return true;
    case 'o':
    case 'O':
      Integer(bits, is_signed, 8, verb);
      return true;
    case 'x':
    case 'X':
      Integer(bits, is_signed, 16, verb);
      return true;
    case 'c': {
      std::string text;
      AppendUtf8(text, bits > 0x10ffff ? 0xfffd : static_cast<char32_t>(bits));
      Pad(text);
      return true;
    }
    case 'q':
      Pad(QuoteRune(bits > 0x10ffff ? 0xfffd : static_cast<char32_t>(bits), flags_.plus));
      return true;
    case 'U':
      Unicode(bits);
      return true;
    default:
      return false;
  }
}

void Printer::Integer(std::uint64_t bits, bool is_signed, unsigned base, char32_t verb) {
  const bool negative = is_signed && static_cast<std::int64_t>(bits) < 0;
  std::uint64_t u = negative ? 0 - bits : bits;
  int precision = 0;
  if (flags_.has_precision) {
    precision = flags_.precision;
    if (precision == 0 && u == 0) {
      const bool zero = std::exchange(flags_.zero, false);
      PadWith(flags_.width);
      flags_.zero = zero;
      return;
    }
  } else if (flags_.zero && !flags_.minus && flags_.has_width) {
    precision = flags_.width;
    if (negative || flags_.plus || flags_.space) --precision;
  }
  const char* digits = verb == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string text;  // backwards
  do {
    text += digits[u % base];
    u /= base;
  } while (u != 0);
  while (static_cast<int>(text.size()) < precision) text += '0';
  if (flags_.sharp) {
    if (base == 2) text += "b0";
    if (base == 8 && text.back() != '0') text += '0';
    if (base == 16) text += verb == 'X' ? "X0" : "x0";
  }
  if (verb == 'O') text += "o0";
  if (negative) {
    text += '-';
  } else if (flags_.plus) {
    text += '+';
  } else if (flags_.space) {
    text += ' ';
  }
  std::reverse(text.begin(), text.end());
  const bool zero = std::exchange(flags_.zero, false);
  Pad(text);
  flags_.zero = zero;
}

void Printer::Unicode(std::uint64_t value) {
  std::string hex;
  for (std::uint64_t u = value; u != 0; u /= 16) hex += "0123456789ABCDEF"[u % 16];
  const int digits = flags_.has_precision && flags_.precision > 4 ? flags_.precision : 4;
  while (static_cast<int>(hex.size()) < digits) hex += '0';
  std::string text = "U+" + std::string(hex.rbegin(), hex.rend());
  if (flags_.sharp && value <= 0x10ffff && IsPrintable(static_cast<char32_t>(value))) {
    text += " '";
    AppendUtf8(text, static_cast<char32_t>(value));
    text += "'";
  }
  const bool zero = std::exchange(flags_.zero, false);
  Pad(text);
  flags_.zero = zero;
}

bool Printer::PrintFloat(double value, char32_t verb) {
  switch (verb) {
    case 'v':
      Float(value, 'g', -1);
      return true;
    case 'b':
    case 'g':
    case 'G':
    case 'x':
    case 'X':
      Float(value, static_cast<char>(verb), -1);
      return true;
    case 'f':
    case 'F':
      Float(value, 'f', 6);
      return true;
    case 'e':
    case 'E':
      Float(value, static_cast<char>(verb), 6);
      return true;
    default:
      return false;
  }
}

namespace {

// %#g and the like: a decimal point always, and trailing zeros kept up to the precision.
std::string WithPoint(const std::string& number, char verb, int precision) {
  const std::size_t e = number.find_first_of("eE");
  std::string mantissa = number.substr(0, e);
  const std::string exponent = e == std::string::npos ? "" : number.substr(e);
  int digits = 0;
  if (verb == 'g' || verb == 'G') digits = precision < 0 ? 6 : precision;
  bool point = false;
  bool significant = false;
  for (const char c : mantissa) {
    if (c == '.') point = true;
    if (c >= '1' && c <= '9') significant = true;
    if (c >= '0' && c <= '9' && significant) --digits;
  }
  if (!significant && (verb == 'g' || verb == 'G')) --digits;
  if (!point) mantissa += '.';
  for (; digits > 0; --digits) mantissa += '0';
  return mantissa + exponent;
}

}  // namespace

void Printer::Float(double value, char verb, int precision) {
  if (flags_.has_precision) precision = flags_.precision;
  std::string number = FormatFloat(value, verb, precision);
  if (number[0] != '-' && number[0] != '+') number.insert(0, "+");
  if (flags_.space && number[0] == '+' && !flags_.plus) number[0] = ' ';
  const bool zero = flags_.zero;
  if (!std::isfinite(value)) {
    // An infinity keeps its sign, NaN has one only where asked for; zeros never pad them.
    flags_.zero = false;
    if (std::isnan(value) && !flags_.space && !flags_.plus) number.erase(0, 1);
    Pad(number);
    flags_.zero = zero;
    return;
  }
  if (flags_.sharp && verb != 'b' && verb != 'x' && verb != 'X') {
    number = number.substr(0, 1) + WithPoint(number.substr(1), verb, precision);
  }
  if (flags_.plus || number[0] != '+') {
    // A sign that stays: zeros go between it and the digits.
    if (flags_.zero && !flags_.minus && flags_.has_width &&
        flags_.width > static_cast<int>(number.size())) {
      out_ += number[0];
      PadWith(flags_.width - static_cast<int>(number.size()));
      out_ += number.substr(1);
    } else {
      Pad(number);
    }
  } else {
    Pad(std::string_view(number).substr(1));
  }
}

}  // namespace swell::gotemplate
