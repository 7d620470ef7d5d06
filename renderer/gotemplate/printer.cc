#include "renderer/gotemplate/printer.h"

#include "base/text/utf8.h"
#include "renderer/gotemplate/format.h"

namespace swell::gotemplate {

Status Printer::CheckSize() const {
  const std::size_t size = out_.size() - start_;
  if (size <= budget_.limits().max_value_bytes) return {};
  return budget_.Allow(size);
}

Status Printer::PrintArg(const Any& arg, char32_t verb) {
  if (verb == 'T') {
    PlainText(arg.type_name());
    return {};
  }
  if (arg.is_nil()) {
    if (verb != 'v') return BadVerb(arg, verb, 0);
    PlainText("<nil>");
    return {};
  }
  return PrintValue(arg, verb, 0);
}

Status Printer::BadVerb(const Any& value, char32_t verb, int depth) {
  out_ += "%!";
  AppendUtf8(out_, verb);
  out_ += "(";
  if (value.is_nil()) {
    out_ += "<nil>";
  } else {
    out_ += value.type_name();
    out_ += "=";
    TRY(PrintValue(value, 'v', depth));
  }
  out_ += ")";
  return {};
}

Status Printer::PrintValue(const Any& value, char32_t verb, int depth) {
  bool fits = true;
  switch (value.kind()) {
    case Kind::kNil:
      out_ += "<nil>";
      return {};
    case Kind::kBool:
      fits = PrintBool(value.as_bool(), verb);
      break;
    case Kind::kInt:
    case Kind::kInt64:
      fits = PrintInteger(static_cast<std::uint64_t>(value.as_int()), true, verb);
      break;
    case Kind::kUint8:
    case Kind::kUint64:
      fits = PrintInteger(static_cast<std::uint64_t>(value.as_int()), false, verb);
      break;
    case Kind::kFloat64:
      fits = PrintFloat(value.as_float(), verb);
      break;
    case Kind::kComplex128:
      return PrintComplex(value, verb, depth);
    case Kind::kString:
      fits = PrintString(value.as_string(), verb);
      break;
    case Kind::kSlice:
      TRY(budget_.CheckDepth(depth));
      if (value.type()->elem == types::kUint8) return PrintBytes(value, verb, depth);
      return PrintList(*value.as_list(), verb, depth);
    case Kind::kMap:
      TRY(budget_.CheckDepth(depth));
      if (flags_.sharp_v) out_ += value.type_name();
      return PrintMap(*value.as_map(), verb, depth);
    case Kind::kObject:
      return PrintObject(value, verb, depth);
  }
  if (!fits) return BadVerb(value, verb, depth);
  return {};
}

Status Printer::PrintList(const List& list, char32_t verb, int depth) {
  if (flags_.sharp_v) {
    out_ += list.type()->name;
    if (list.is_nil()) {
      out_ += "(nil)";
      return {};
    }
  }
  out_ += flags_.sharp_v ? "{" : "[";
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i > 0) out_ += flags_.sharp_v ? ", " : " ";
    TRY(budget_.Spend());
    TRY(CheckSize());
    if (flags_.sharp_v && list[i].is_nil()) {
      out_ += list.type()->elem->name;
      out_ += "(nil)";
      continue;
    }
    TRY(PrintValue(list[i], verb, depth + 1));
  }
  out_ += flags_.sharp_v ? "}" : "]";
  return {};
}

Status Printer::PrintMap(const Map& map, char32_t verb, int depth) {
  out_ += flags_.sharp_v ? "{" : "map[";
  bool first = true;
  for (const Map::Entry& entry : map.entries()) {
    if (!first) out_ += flags_.sharp_v ? ", " : " ";
    first = false;
    TRY(budget_.Spend());
    TRY(CheckSize());
    TRY(PrintValue(entry.key, verb, depth + 1));
    out_ += ":";
    if (flags_.sharp_v && entry.value.is_nil()) {
      out_ += map.type()->elem->name;
      out_ += "(nil)";
      continue;
    }
    TRY(PrintValue(entry.value, verb, depth + 1));
  }
  out_ += flags_.sharp_v ? "}" : "]";
  return {};
}

Status Printer::PrintBytes(const Any& value, char32_t verb, int depth) {
  const List& list = *value.as_list();
  TRY(budget_.Spend(list.size() + 1));
  if (verb == 's' || verb == 'q' || verb == 'x' || verb == 'X') {
    PrintString(list.Text(), verb);
    return {};
  }
  if (verb != 'v' && verb != 'd') return PrintList(list, verb, depth);
  if (flags_.sharp_v) {
    out_ += "[]byte";
    if (list.is_nil()) {
      out_ += "(nil)";
      return {};
    }
  }
  out_ += flags_.sharp_v ? "{" : "[";
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i > 0) out_ += flags_.sharp_v ? ", " : " ";
    PrintInteger(static_cast<std::uint64_t>(list[i].as_int()), false, verb);
  }
  out_ += flags_.sharp_v ? "}" : "]";
  return CheckSize();
}

Status Printer::PrintObject(const Any& value, char32_t verb, int depth) {
  if (verb == 'v' || verb == 's' || verb == 'q') {
    if (PrintString(value.as_object()->PrintText(), verb)) return {};
  }
  // A struct's fields under another verb: no template prints that on purpose.
  (void)depth;
  out_ += "%!";
  AppendUtf8(out_, verb);
  out_ += "(";
  out_ += value.type_name();
  out_ += "=" + value.as_object()->PrintText() + ")";
  return {};
}

Status Printer::PrintComplex(const Any& value, char32_t verb, int depth) {
  constexpr std::u32string_view kVerbs = U"vbgGxXfFeE";
  if (kVerbs.find(verb) == std::u32string_view::npos) return BadVerb(value, verb, depth);
  const auto [real, imaginary] = value.as_complex();
  const bool plus = flags_.plus;
  out_ += "(";
  PrintFloat(real, verb);
  flags_.plus = true;
  PrintFloat(imaginary, verb);
  out_ += "i)";
  flags_.plus = plus;
  return {};
}

Result<std::string> FormatValue(const Any& any, Budget& budget) {
  std::string out;
  TRY(AppendValue(out, any, budget));
  return out;
}

Status AppendValue(std::string& out, const Any& any, Budget& budget) {
  if (any.is_string()) {
    out += any.as_string();
    return budget.Allow(any.as_string().size());
  }
  Printer printer(out, budget);
  TRY(printer.PrintArg(any, 'v'));
  return printer.Finish();
}

Status AppendAction(std::string& out, const Any& any, Budget& budget) {
  if (any.is_string()) {
    out += any.as_string();
    return {};
  }
  if (any.is_nil()) {
    out += "<no value>";
    return {};
  }
  if (any.kind() == Kind::kObject) {
    out += any.as_object()->ActionText();
    return {};
  }
  return AppendValue(out, any, budget);
}

Result<std::string> Sprint(std::span<const Any> args, Budget& budget) {
  std::string out;
  Printer printer(out, budget);
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (i > 0 && !args[i].is_string() && !args[i - 1].is_string()) out += " ";
    TRY(printer.PrintArg(args[i], 'v'));
  }
  TRY(printer.Finish());
  return out;
}

Result<std::string> Sprintln(std::span<const Any> args, Budget& budget) {
  std::string out;
  Printer printer(out, budget);
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (i > 0) out += " ";
    TRY(printer.PrintArg(args[i], 'v'));
  }
  out += "\n";
  TRY(printer.Finish());
  return out;
}

Result<std::string> Sprintf(std::string_view format, std::span<const Any> args, Budget& budget) {
  std::string out;
  Printer printer(out, budget);
  TRY(printer.Printf(format, args));
  TRY(printer.Finish());
  return out;
}

}  // namespace swell::gotemplate
