#include <array>
#include <cstdio>

#include "base/text/utf8.h"
#include "renderer/gotemplate/compare.h"
#include "renderer/gotemplate/format.h"
#include "renderer/gotemplate/function.h"
#include "renderer/gotemplate/unicode.h"

namespace swell::gotemplate {

namespace {

using Args = std::span<const Any>;

Result<std::size_t> IndexArg(const Any& index, std::size_t size) {
  if (index.is_nil()) return Fail(InvalidArgument("cannot index slice/array with nil"));
  if (!index.is_integer()) {
    return Fail(
        InvalidArgument("cannot index slice/array with type " + std::string(index.type_name())));
  }
  const std::int64_t i = index.as_int();
  if (i < 0 || static_cast<std::uint64_t>(i) > size) {
    return Fail(InvalidArgument("index out of range: " + std::to_string(i)));
  }
  return static_cast<std::size_t>(i);
}

Any ZeroOf(const Type* type) {
  if (type == types::kString) return Any::String("");
  return {};
}

Result<Any> IndexOne(const Any& item, const Any& index) {
  switch (item.kind()) {
    case Kind::kString: {
      const std::size_t i = TRY(IndexArg(index, item.as_string().size()));
      if (i == item.as_string().size()) {
        return Fail(InvalidArgument("reflect: string index out of range"));
      }
      return Any::Uint8(static_cast<std::uint8_t>(item.as_string()[i]));
    }
    case Kind::kSlice: {
      const std::size_t i = TRY(IndexArg(index, item.as_list()->size()));
      if (i == item.as_list()->size()) {
        return Fail(InvalidArgument("reflect: slice index out of range"));
      }
      return (*item.as_list())[i];
    }
    case Kind::kMap: {
      if (index.is_nil()) {
        return Fail(InvalidArgument("value is nil; should be of type string"));
      }
      if (!index.is_string()) {
        return Fail(InvalidArgument("value has type " + std::string(index.type_name()) +
                                    "; should be string"));
      }
      const Any* found = item.as_map()->Find(index.as_string());
      return found != nullptr ? *found : ZeroOf(item.type()->elem);
    }
    default:
      return Fail(InvalidArgument("can't index item of type " + std::string(item.type_name())));
  }
}

Result<Any> Index(Context&, Args args) {
  Any item = args[0];
  if (item.is_nil()) return Fail(InvalidArgument("index of untyped nil"));
  for (const Any& index : args.subspan(1)) {
    if (item.is_nil()) return Fail(InvalidArgument("index of nil pointer"));
    item = TRY(IndexOne(item, index));
  }
  return item;
}

Result<Any> Slice(Context& context, Args args) {
  const Any& item = args[0];
  const Args indexes = args.subspan(1);
  if (item.is_nil()) return Fail(InvalidArgument("slice of untyped nil"));
  if (indexes.size() > 3) {
    return Fail(InvalidArgument("too many slice indexes: " + std::to_string(indexes.size())));
  }
  if (!item.is_string() && !item.is_list()) {
    return Fail(InvalidArgument("can't slice item of type " + std::string(item.type_name())));
  }
  if (item.is_string() && indexes.size() == 3) {
    return Fail(InvalidArgument("cannot 3-index slice a string"));
  }
  const std::size_t size = item.is_string() ? item.as_string().size() : item.as_list()->size();
  std::array<std::size_t, 3> at{0, size, size};
  for (std::size_t i = 0; i < indexes.size(); ++i) at[i] = TRY(IndexArg(indexes[i], size));
  for (std::size_t i = 0; i < 2; ++i) {
    if (at[i] > at[i + 1] && (i == 0 || indexes.size() == 3)) {
      return Fail(InvalidArgument("invalid slice index: " + std::to_string(at[i]) + " > " +
                                  std::to_string(at[i + 1])));
    }
  }
  if (item.is_string()) return Any::String(item.as_string().substr(at[0], at[1] - at[0]));
  TRY(context.budget().Spend(at[1] - at[0]));
  const std::vector<Any>& items = item.as_list()->items();
  return Any::List({items.begin() + static_cast<std::ptrdiff_t>(at[0]),
                    items.begin() + static_cast<std::ptrdiff_t>(at[1])},
                   item.type());
}

Result<Any> Len(Context&, Args args) {
  const Any& item = args[0];
  switch (item.kind()) {
    case Kind::kNil:
      return Fail(InvalidArgument(item.from_interface()
                                      ? "len of nil pointer"
                                      : "reflect: call of reflect.Value.Type on zero Value"));
    case Kind::kString:
      return Any::Int(static_cast<std::int64_t>(item.as_string().size()));
    case Kind::kSlice:
      return Any::Int(static_cast<std::int64_t>(item.as_list()->size()));
    case Kind::kMap:
      return Any::Int(static_cast<std::int64_t>(item.as_map()->size()));
    default:
      return Fail(InvalidArgument("len of type " + std::string(item.type_name())));
  }
}

// args[0] is the text of what is called. Templates of ours hold no function values.
Result<Any> CallFunction(Context&, Args args) {
  if (args[1].is_nil()) return Fail(InvalidArgument("call of nil"));
  return Fail(InvalidArgument("non-function " + args[0].str() + " of type " +
                              std::string(args[1].type_name())));
}

Result<Any> Not(Context&, Args args) { return Any::Bool(!Truth(args[0])); }

// and, or: evaluated by the engine, which never comes here.
Result<Any> Unreachable(Context&, Args) { return Fail(Internal("and/or called eagerly")); }

Result<Any> Eq(Context& context, Args args) {
  if (args.size() < 2) return Fail(InvalidArgument("missing argument for comparison"));
  for (const Any& other : args.subspan(1)) {
    if (TRY(BasicEqual(args[0], other, context.budget()))) return Any::Bool(true);
  }
  return Any::Bool(false);
}

Result<Any> Ne(Context& context, Args args) {
  return Any::Bool(!TRY(BasicEqual(args[0], args[1], context.budget())));
}

Result<Any> Lt(Context&, Args args) { return Any::Bool(TRY(BasicLess(args[0], args[1]))); }

Result<bool> LessOrEqual(Context& context, Args args) {
  if (TRY(BasicLess(args[0], args[1]))) return true;
  return BasicEqual(args[0], args[1], context.budget());
}

Result<Any> Le(Context& context, Args args) { return Any::Bool(TRY(LessOrEqual(context, args))); }
Result<Any> Gt(Context& context, Args args) { return Any::Bool(!TRY(LessOrEqual(context, args))); }
Result<Any> Ge(Context&, Args args) { return Any::Bool(!TRY(BasicLess(args[0], args[1]))); }

Result<Any> Print(Context& context, Args args) {
  return Any::String(TRY(Sprint(args, context.budget())));
}
Result<Any> Println(Context& context, Args args) {
  return Any::String(TRY(Sprintln(args, context.budget())));
}
Result<Any> Printf(Context& context, Args args) {
  return Any::String(TRY(Sprintf(args[0].as_string(), args.subspan(1), context.budget())));
}

// The text of the operands as the escaping functions take it: as Sprint, but nil and objects
// as {{ }} prints them.
Result<std::string> EscapeOperands(Context& context, Args args) {
  if (args.size() == 1 && args[0].is_string()) return args[0].str();
  std::vector<Any> shown(args.begin(), args.end());
  for (Any& any : shown) {
    if (!any.is_nil() && any.kind() != Kind::kObject) continue;
    std::string text;
    TRY(AppendAction(text, any, context.budget()));
    any = Any::String(std::move(text));
  }
  return Sprint(shown, context.budget());
}

Result<Any> Html(Context& context, Args args) {
  const std::string text = TRY(EscapeOperands(context, args));
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\0':
        out += "\uFFFD";
        break;
      case '"':
        out += "&#34;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out += c;
    }
  }
  TRY(context.budget().Allow(out.size()));
  return Any::String(std::move(out));
}

Result<Any> Js(Context& context, Args args) {
  const std::string text = TRY(EscapeOperands(context, args));
  std::string out;
  for (std::string_view rest = text; !rest.empty();) {
    const DecodedRune decoded = DecodeRune(rest);
    const char32_t rune = decoded.rune;
    if (rune == '\\' || rune == '\'' || rune == '"') {
      out += '\\';
      out += static_cast<char>(rune);
    } else if (rune < ' ' || rune == '<' || rune == '>' || rune == '&' || rune == '=' ||
               (rune >= 0x80 && !IsPrintable(rune))) {
      std::array<char, 16> buffer;
      std::snprintf(buffer.data(), buffer.size(), "\\u%04X", static_cast<unsigned>(rune));
      out += buffer.data();
    } else {
      AppendUtf8(out, rune);
    }
    rest.remove_prefix(static_cast<std::size_t>(decoded.length));
  }
  TRY(context.budget().Allow(out.size()));
  return Any::String(std::move(out));
}

Result<Any> UrlQuery(Context& context, Args args) {
  const std::string text = TRY(EscapeOperands(context, args));
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      constexpr std::string_view kHex = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  TRY(context.budget().Allow(out.size()));
  return Any::String(std::move(out));
}

}  // namespace

void RegisterBuiltins(FunctionMap& functions) {
  using namespace types;
  functions.Add({.name = "and",
                 .params = {kAny},
                 .variadic = kAny,
                 .call = &Unreachable,
                 .evaluation = Evaluation::kAnd});
  functions.Add({.name = "or",
                 .params = {kAny},
                 .variadic = kAny,
                 .call = &Unreachable,
                 .evaluation = Evaluation::kOr});
  functions.Add({.name = "call",
                 .params = {kAny},
                 .variadic = kAny,
                 .call = &CallFunction,
                 .evaluation = Evaluation::kCall});
  functions.AddVariadic("index", {kAny}, kAny, &Index);
  functions.AddVariadic("slice", {kAny}, kAny, &Slice);
  functions.Add("len", {kAny}, &Len);
  functions.Add("not", {kAny}, &Not);
  functions.AddVariadic("eq", {kAny}, kAny, &Eq);
  functions.Add("ne", {kAny, kAny}, &Ne);
  functions.Add("lt", {kAny, kAny}, &Lt);
  functions.Add("le", {kAny, kAny}, &Le);
  functions.Add("gt", {kAny, kAny}, &Gt);
  functions.Add("ge", {kAny, kAny}, &Ge);
  functions.AddVariadic("print", {}, kAny, &Print);
  functions.AddVariadic("println", {}, kAny, &Println);
  functions.AddVariadic("printf", {kString}, kAny, &Printf);
  functions.AddVariadic("html", {}, kAny, &Html);
  functions.AddVariadic("js", {}, kAny, &Js);
  functions.AddVariadic("urlquery", {}, kAny, &UrlQuery);
}

}  // namespace swell::gotemplate
