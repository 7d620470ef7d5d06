#include "base/text/utf8.h"
#include "renderer/gotemplate/printer.h"

namespace swell::gotemplate {

namespace {

constexpr int kMaxNumber = 1'000'000;  // of a width, a precision, an argument index

struct ParsedNumber {
  int value = 0;
  bool found = false;
  std::size_t next = 0;
};

ParsedNumber ParseDecimal(std::string_view s, std::size_t start, std::size_t end) {
  if (start >= end) return {.next = end};
  ParsedNumber out{.next = start};
  for (; out.next < end && s[out.next] >= '0' && s[out.next] <= '9'; ++out.next) {
    if (out.value > kMaxNumber) return {.next = end};
    out.value = out.value * 10 + (s[out.next] - '0');
    out.found = true;
  }
  return out;
}

}  // namespace

// Where we are in the format and in the operands.
struct Printer::Directive {
  std::string_view format;
  std::span<const Any> args;
  std::size_t i = 0;
  std::size_t arg = 0;
  bool after_index = false;  // the last thing read was an index such as [3]
  bool reordered = false;
  bool good_index = true;

  // An integer operand for '*'.
  ParsedNumber TakeInteger() {
    if (arg >= args.size()) return {};
    const Any& any = args[arg++];
    if (!any.is_integer()) return {};
    const std::int64_t n = any.as_int();
    if (n > kMaxNumber || n < -kMaxNumber) return {};
    return {.value = static_cast<int>(n), .found = true};
  }
};

Status Printer::Printf(std::string_view format, std::span<const Any> args) {
  Directive d{.format = format, .args = args};
  while (d.i < format.size()) {
    const std::size_t percent = format.find('%', d.i);
    if (percent == std::string_view::npos) {
      out_ += format.substr(d.i);
      break;
    }
    out_ += format.substr(d.i, percent - d.i);
    d.i = percent + 1;
    d.good_index = true;
    d.after_index = false;
    flags_ = {};
    TRY(budget_.Spend());
    ParseFlags(d);
    ArgNumber(d);
    Width(d);
    Precision(d);
    if (!d.after_index) ArgNumber(d);
    if (d.i >= format.size()) {
      out_ += "%!(NOVERB)";
      break;
    }
    TRY(PrintDirective(d));
    TRY(CheckSize());
  }
  if (!d.reordered && d.arg < args.size()) return PrintExtra(args.subspan(d.arg));
  return {};
}

void Printer::ParseFlags(Directive& d) {
  for (; d.i < d.format.size(); ++d.i) {
    switch (d.format[d.i]) {
      case '#':
        flags_.sharp = true;
        break;
      case '0':
        flags_.zero = true;
        break;
      case '+':
        flags_.plus = true;
        break;
      case '-':
        flags_.minus = true;
        break;
      case ' ':
        flags_.space = true;
        break;
      default:
        return;
    }
  }
}

// [n]
void Printer::ArgNumber(Directive& d) {
  d.after_index = false;
  if (d.i >= d.format.size() || d.format[d.i] != '[') return;
  d.reordered = true;
  const std::size_t close = d.format.find(']', d.i + 1);
  if (d.format.size() - d.i < 3 || close == std::string_view::npos) {
    d.good_index = false;
    ++d.i;
    return;
  }
  const ParsedNumber number = ParseDecimal(d.format, d.i + 1, close);
  d.i = close + 1;
  if (!number.found || number.next != close) {
    d.good_index = false;
    return;
  }
  d.after_index = true;
  if (number.value < 1 || static_cast<std::size_t>(number.value) > d.args.size()) {
    d.good_index = false;
    return;
  }
  d.arg = static_cast<std::size_t>(number.value) - 1;
}

void Printer::Width(Directive& d) {
  if (d.i < d.format.size() && d.format[d.i] == '*') {
    ++d.i;
    const ParsedNumber number = d.TakeInteger();
    flags_.width = number.value;
    flags_.has_width = number.found;
    if (!number.found) out_ += "%!(BADWIDTH)";
    if (flags_.width < 0) {
      flags_.width = -flags_.width;
      flags_.minus = true;
      flags_.zero = false;
    }
    d.after_index = false;
    return;
  }
  const ParsedNumber number = ParseDecimal(d.format, d.i, d.format.size());
  flags_.width = number.value;
  flags_.has_width = number.found;
  d.i = number.next;
  if (d.after_index && number.found) d.good_index = false;  // %[3]2d
}

void Printer::Precision(Directive& d) {
  if (d.i >= d.format.size() || d.format[d.i] != '.') return;
  ++d.i;
  if (d.after_index) d.good_index = false;  // %[3].2d
  ArgNumber(d);
  if (d.i < d.format.size() && d.format[d.i] == '*') {
    ++d.i;
    const ParsedNumber number = d.TakeInteger();
    flags_.has_precision = number.found && number.value >= 0;
    flags_.precision = flags_.has_precision ? number.value : 0;
    if (!flags_.has_precision) out_ += "%!(BADPREC)";
    d.after_index = false;
    return;
  }
  const ParsedNumber number = ParseDecimal(d.format, d.i, d.format.size());
  flags_.precision = number.value;
  flags_.has_precision = true;
  d.i = number.next;
}

Status Printer::PrintDirective(Directive& d) {
  const DecodedRune decoded = DecodeRune(d.format.substr(d.i));
  const char32_t verb = decoded.rune;
  d.i += static_cast<std::size_t>(decoded.length);
  if (verb == '%') {
    out_ += '%';
    return {};
  }
  if (!d.good_index || d.arg >= d.args.size()) {
    out_ += "%!";
    AppendUtf8(out_, verb);
    out_ += d.good_index ? "(MISSING)" : "(BADINDEX)";
    return {};
  }
  if (verb == 'v') {
    flags_.sharp_v = std::exchange(flags_.sharp, false);
    flags_.plus_v = std::exchange(flags_.plus, false);
  }
  // One operand may not print more padding than a value may have bytes.
  TRY(budget_.Spend(static_cast<std::uint64_t>(flags_.width + flags_.precision) / 64));
  return PrintArg(d.args[d.arg++], verb);
}

Status Printer::PrintExtra(std::span<const Any> extra) {
  flags_ = {};
  out_ += "%!(EXTRA ";
  for (std::size_t i = 0; i < extra.size(); ++i) {
    if (i > 0) out_ += ", ";
    if (extra[i].is_nil()) {
      out_ += "<nil>";
      continue;
    }
    out_ += extra[i].type_name();
    out_ += "=";
    TRY(PrintArg(extra[i], 'v'));
  }
  out_ += ")";
  return {};
}

}  // namespace swell::gotemplate
