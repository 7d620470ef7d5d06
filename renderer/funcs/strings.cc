// trim, quote, indent, replace and the other functions on one string.

#include "base/core/strings.h"

#include "base/text/utf8.h"
#include "renderer/funcs/cast.h"
#include "renderer/funcs/data_families.h"
#include "renderer/gotemplate/format.h"
#include "renderer/gotemplate/unicode.h"

namespace swell::funcs {
namespace {

using gotemplate::Any;
using gotemplate::Context;
using gotemplate::FunctionMap;
namespace types = gotemplate::types;
using Args = std::span<const Any>;

Error NegativeRepeat() { return InvalidArgument("strings: negative Repeat count"); }

Error OutOfBounds(const std::string& range) {
  return InvalidArgument("runtime error: slice bounds out of range [" + range);
}

// The rune at the end of `text` and its length.
DecodedRune DecodeLastRune(std::string_view text) {
  for (std::size_t n = 1; n <= 4 && n <= text.size(); ++n) {
    const DecodedRune decoded = DecodeRune(text.substr(text.size() - n));
    if (static_cast<std::size_t>(decoded.length) == n && (n > 1 || decoded.rune != 0xfffd)) {
      return decoded;
    }
  }
  return {0xfffd, 1};
}

template <class Predicate>
std::string_view TrimIf(std::string_view text, Predicate cut) {
  while (!text.empty()) {
    const DecodedRune decoded = DecodeRune(text);
    if (!cut(decoded.rune)) break;
    text.remove_prefix(static_cast<std::size_t>(decoded.length));
  }
  while (!text.empty()) {
    const DecodedRune decoded = DecodeLastRune(text);
    if (!cut(decoded.rune)) break;
    text.remove_suffix(static_cast<std::size_t>(decoded.length));
  }
  return text;
}

Result<Any> Trim(Context&, Args args) {
  return Any::String(TrimIf(args[0].as_string(), &gotemplate::IsSpace));
}

Result<Any> TrimAll(Context&, Args args) {
  const std::string_view set = args[0].as_string();
  const auto in_set = [set](char32_t rune) {
    std::string encoded;
    AppendUtf8(encoded, rune);
    return set.find(encoded) != std::string_view::npos;
  };
  return Any::String(TrimIf(args[1].as_string(), in_set));
}

Result<Any> TrimSuffix(Context&, Args args) {
  std::string_view text = args[1].as_string();
  if (text.ends_with(args[0].as_string())) text.remove_suffix(args[0].as_string().size());
  return Any::String(text);
}

Result<Any> TrimPrefix(Context&, Args args) {
  std::string_view text = args[1].as_string();
  if (text.starts_with(args[0].as_string())) text.remove_prefix(args[0].as_string().size());
  return Any::String(text);
}

Result<Any> Upper(Context&, Args args) {
  return Any::String(gotemplate::ToUpper(args[0].as_string()));
}

Result<Any> Lower(Context&, Args args) {
  return Any::String(gotemplate::ToLower(args[0].as_string()));
}

Result<Any> Contains(Context&, Args args) {
  return Any::Bool(args[1].as_string().find(args[0].as_string()) != std::string_view::npos);
}

Result<Any> HasPrefix(Context&, Args args) {
  return Any::Bool(args[1].as_string().starts_with(args[0].as_string()));
}

Result<Any> HasSuffix(Context&, Args args) {
  return Any::Bool(args[1].as_string().ends_with(args[0].as_string()));
}

Result<Any> Repeat(Context& context, Args args) {
  const std::int64_t count = args[0].as_int();
  const std::string_view text = args[1].as_string();
  if (count < 0) return Fail(NegativeRepeat());
  std::uint64_t bytes = 0;
  if (__builtin_mul_overflow(static_cast<std::uint64_t>(count), text.size(), &bytes)) {
    bytes = UINT64_MAX / 2;
  }
  TRY(context.budget().Allow(bytes));
  std::string out;
  out.reserve(bytes);
  if (!text.empty()) {
    for (std::int64_t i = 0; i < count; ++i) out += text;
  }
  return Any::String(std::move(out));
}

// Bytes, not runes, as sprig cuts.
Result<Any> Substr(Context&, Args args) {
  const std::int64_t start = args[0].as_int();
  std::int64_t end = args[1].as_int();
  const std::string_view text = args[2].as_string();
  const auto size = static_cast<std::int64_t>(text.size());
  if (start < 0) {
    if (end < 0 || end > size) {
      return Fail(OutOfBounds(":" + std::to_string(end) + "]" +
                              (end < 0 ? "" : " with length " + std::to_string(size))));
    }
    return Any::String(text.substr(0, static_cast<std::size_t>(end)));
  }
  if (end < 0 || end > size) end = size;
  if (start > end) {
    return Fail(OutOfBounds(std::to_string(start) + ":" + std::to_string(end) + "]"));
  }
  return Any::String(
      text.substr(static_cast<std::size_t>(start), static_cast<std::size_t>(end - start)));
}

Result<Any> Trunc(Context&, Args args) {
  const std::int64_t count = args[0].as_int();
  const std::string_view text = args[1].as_string();
  const auto size = static_cast<std::int64_t>(text.size());
  if (count < 0 && count > -size)
    return Any::String(text.substr(static_cast<std::size_t>(size + count)));
  if (count >= 0 && size > count)
    return Any::String(text.substr(0, static_cast<std::size_t>(count)));
  return args[1];
}

Result<Any> Quote(Context& context, Args args) {
  std::string out;
  for (const Any& any : args) {
    if (any.is_nil()) continue;
    if (!out.empty()) out += ' ';
    out += gotemplate::QuoteGo(TRY(StringOf(any, context.budget())));
  }
  TRY(context.budget().Allow(out.size()));
  return Any::String(std::move(out));
}

Result<Any> Squote(Context& context, Args args) {
  std::string out;
  for (const Any& any : args) {
    if (any.is_nil()) continue;
    if (!out.empty()) out += ' ';
    out += '\'';
    TRY(gotemplate::AppendValue(out, any, context.budget()));
    out += '\'';
  }
  TRY(context.budget().Allow(out.size()));
  return Any::String(std::move(out));
}

Result<Any> Cat(Context& context, Args args) {
  std::string out;
  bool first = true;
  for (const Any& any : args) {
    if (any.is_nil()) continue;
    if (!first) out += ' ';
    first = false;
    TRY(gotemplate::AppendValue(out, any, context.budget()));
  }
  TRY(context.budget().Allow(out.size()));
  return Any::String(std::move(out));
}

Result<std::string> IndentText(Context& context, std::int64_t spaces, std::string_view text,
                               std::string out) {
  if (spaces < 0) return Fail(NegativeRepeat());
  std::size_t lines = 1;
  for (const char c : text) lines += c == '\n' ? 1 : 0;
  std::uint64_t bytes = 0;
  if (__builtin_mul_overflow(static_cast<std::uint64_t>(spaces), lines, &bytes)) {
    bytes = UINT64_MAX / 2;
  }
  bytes += text.size() + out.size();
  TRY(context.budget().Allow(bytes));
  const std::string pad(static_cast<std::size_t>(spaces), ' ');
  out.reserve(bytes);
  out += pad;
  while (true) {
    const std::size_t newline = text.find('\n');
    if (newline == std::string_view::npos) break;
    out += text.substr(0, newline + 1);
    out += pad;
    text.remove_prefix(newline + 1);
  }
  out += text;
  return out;
}

Result<Any> Indent(Context& context, Args args) {
  return Any::String(TRY(IndentText(context, args[0].as_int(), args[1].as_string(), "")));
}

Result<Any> Nindent(Context& context, Args args) {
  return Any::String(TRY(IndentText(context, args[0].as_int(), args[1].as_string(), "\n")));
}

Result<Any> Replace(Context& context, Args args) {
  const std::string_view from = args[0].as_string();
  const std::string_view to = args[1].as_string();
  const std::string_view text = args[2].as_string();
  std::size_t count = 0;
  if (!from.empty()) {
    for (std::size_t i = text.find(from); i != std::string_view::npos;
         i = text.find(from, i + from.size())) {
      ++count;
    }
    if (count == 0) return args[2];
  } else {
    count = gotemplate::CountRunes(text) + 1;
  }
  TRY(context.budget().Allow(text.size() + count * to.size()));
  if (!from.empty()) return Any::String(ReplaceAll(text, from, to));
  // An empty pattern matches before every rune and at the end.
  std::string out(to);
  for (std::string_view rest = text; !rest.empty();) {
    const auto length = static_cast<std::size_t>(DecodeRune(rest).length);
    out += rest.substr(0, length);
    out += to;
    rest.remove_prefix(length);
  }
  return Any::String(std::move(out));
}

Result<Any> Plural(Context&, Args args) { return args[2].as_int() == 1 ? args[0] : args[1]; }

Result<Any> ToStringFunction(Context& context, Args args) {
  if (args[0].is_string()) return args[0];
  return Any::String(TRY(StringOf(args[0], context.budget())));
}

}  // namespace

void RegisterStrings(FunctionMap& functions) {
  using namespace types;
  functions.Add("trim", {kString}, &Trim);
  functions.Add("trimAll", {kString, kString}, &TrimAll);
  functions.Add("trimall", {kString, kString}, &TrimAll);
  functions.Add("trimSuffix", {kString, kString}, &TrimSuffix);
  functions.Add("trimPrefix", {kString, kString}, &TrimPrefix);
  functions.Add("upper", {kString}, &Upper);
  functions.Add("lower", {kString}, &Lower);
  functions.Add("contains", {kString, kString}, &Contains);
  functions.Add("hasPrefix", {kString, kString}, &HasPrefix);
  functions.Add("hasSuffix", {kString, kString}, &HasSuffix);
  functions.Add("repeat", {kInt, kString}, &Repeat);
  functions.Add("substr", {kInt, kInt, kString}, &Substr);
  functions.Add("trunc", {kInt, kString}, &Trunc);
  functions.AddVariadic("quote", {}, kAny, &Quote);
  functions.AddVariadic("squote", {}, kAny, &Squote);
  functions.AddVariadic("cat", {}, kAny, &Cat);
  functions.Add("indent", {kInt, kString}, &Indent);
  functions.Add("nindent", {kInt, kString}, &Nindent);
  functions.Add("replace", {kString, kString, kString}, &Replace);
  functions.Add("plural", {kString, kString, kInt}, &Plural);
  functions.Add("toString", {kAny}, &ToStringFunction);
}

}  // namespace swell::funcs
