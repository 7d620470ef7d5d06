// toJson, toPrettyJson, toRawJson, fromJson and their must… twins: Go's encoding/json.

#include "base/value/json.h"

#include <algorithm>

#include "base/core/strings.h"
#include "base/text/utf8.h"
#include "renderer/funcs/sigs_yaml.h"
#include "renderer/funcs/system_families.h"

namespace swell::funcs {
namespace {

using gotemplate::Any;
using gotemplate::Context;
using gotemplate::FunctionMap;
namespace types = gotemplate::types;
using Args = std::span<const Any>;

enum class Form { kCompact, kPretty, kRaw };

// <, > and & are escaped unless raw. They stand inside strings alone.
std::string EscapeHtml(std::string text) {
  if (text.find_first_of("<>&") == std::string::npos) return text;
  std::string out;
  out.reserve(text.size() + 64);
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "\\u003c";
        break;
      case '>':
        out += "\\u003e";
        break;
      case '&':
        out += "\\u0026";
        break;
      default:
        out += c;
    }
  }
  return out;
}

gotemplate::Callable ToJson(Form form) {
  return [form](Context& context, Args args) -> Result<Any> {
    const Value value = TRY(gotemplate::ToValue(args[0], context.budget()));
    std::string text = form == Form::kPretty ? json::WritePretty(value) : json::Write(value);
    TRY(context.budget().Allow(text.size()));
    return Any::String(form == Form::kRaw ? std::move(text) : EscapeHtml(std::move(text)));
  };
}

// Go reads bytes that are no UTF-8 as U+FFFD.
std::string WithValidUtf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const DecodedRune next = DecodeRune(text);
    AppendUtf8(out, next.rune);
    text.remove_prefix(static_cast<std::size_t>(next.length));
  }
  return out;
}

// The text from a place (line and column from 1) on.
std::string_view From(std::string_view text, const SourceSpan& span) {
  for (int line = 1; line < span.line; ++line) text.remove_prefix(text.find('\n') + 1);
  return text.substr(std::min(text.size(), static_cast<std::size_t>(span.column - 1)));
}

// A first character as Go's messages quote it. (line and column from 1) of the text, as Go's
// messages quote it.
std::string FirstCharacter(std::string_view text) {
  if (text.empty()) return "";
  std::string shown = Quote(text.substr(0, 1));
  shown = shown.substr(1, shown.size() - 2);
  if (shown == "\\\"") shown = "\"";
  if (shown == "'") shown = "\\'";
  return "'" + shown + "'";
}

// Of a text that starts like true, false or null and is none of them; "" for every other.
std::string LiteralMessage(std::string_view text) {
  for (std::string_view word : {"true", "false", "null"}) {
    if (!text.starts_with(word[0])) continue;
    std::size_t i = 1;
    while (i < word.size() && i < text.size() && text[i] == word[i]) ++i;
    if (i == text.size()) return "unexpected end of JSON input";
    if (i < word.size()) {
      return "invalid character " + FirstCharacter(text.substr(i)) + " in literal " +
             std::string(word) + " (expecting '" + word[i] + "')";
    }
  }
  return "";
}

// base/value/json.h's error in encoding/json's words.
std::string GoJsonMessage(std::string_view text, const Error& error) {
  const std::string& message = error.message();
  if (error.span()) text = From(text, *error.span());
  const std::string character = FirstCharacter(text);
  const auto mentions = [&](std::string_view part) {
    return message.find(part) != std::string::npos;
  };
  if (character.empty() || mentions("the text ends") || mentions("no closing quote")) {
    return "unexpected end of JSON input";
  }
  if (mentions("where a value belongs")) {
    if (std::string literal = LiteralMessage(text); !literal.empty()) return literal;
  }
  std::string where = "looking for beginning of value";
  if (mentions("after the document")) where = "after top-level value";
  if (mentions("',' or ']'")) where = "after array element";
  if (mentions("',' or '}'")) where = "after object key:value pair";
  if (mentions("a key in double quotes")) where = "looking for beginning of object key string";
  if (mentions("where ':' belongs")) where = "after object key";
  if (mentions("control character")) where = "in string literal";
  if (mentions("a digit belongs")) where = "in numeric literal";
  return "invalid character " + character + " " + where;
}

// Errors have Go's message; those of a budget are left as they are.
Result<Value> Decode(Context& context, std::string_view text) {
  TRY(context.budget().Spend(text.size() / 16));
  std::string repaired;
  if (!IsValidUtf8(text)) {
    repaired = WithValidUtf8(text);
    text = repaired;
  }
  auto value = json::Parse(text);
  if (value || value.error().code() == ErrorCode::kResourceExhausted) return value;
  return Fail(InvalidArgument(GoJsonMessage(text, value.error())));
}

std::string WrongKind(const Value& value, std::string_view wanted) {
  return "json: cannot unmarshal " + std::string(GoJsonKind(value)) + " into Go value of type " +
         std::string(wanted);
}

bool IsBudget(const Result<Value>& value) {
  return !value && value.error().code() == ErrorCode::kResourceExhausted;
}

Result<Any> FromJson(Context& context, Args args) {
  auto value = Decode(context, args[0].as_string());
  if (IsBudget(value)) return Fail(std::move(value).error());
  if (value && value->is_object()) return gotemplate::FromValue(*value, context.budget());
  Any out = Any::NewMap();
  if (value && value->is_null()) return out;
  out.as_map()->Set("Error", Any::String(value ? WrongKind(*value, "map[string]interface {}")
                                               : value.error().message()));
  return out;
}

Result<Any> FromJsonArray(Context& context, Args args) {
  auto value = Decode(context, args[0].as_string());
  if (IsBudget(value)) return Fail(std::move(value).error());
  if (value && value->is_array()) return gotemplate::FromValue(*value, context.budget());
  if (value && value->is_null()) return Any::NilList();
  return Any::List(
      {Any::String(value ? WrongKind(*value, "[]interface {}") : value.error().message())});
}

Result<Any> MustFromJson(Context& context, Args args) {
  return gotemplate::FromValue(TRY(Decode(context, args[0].as_string())), context.budget());
}

}  // namespace

void RegisterJson(FunctionMap& functions) {
  functions.Add("toJson", {types::kAny}, ToJson(Form::kCompact));
  functions.Alias("mustToJson", "toJson");
  functions.Add("toPrettyJson", {types::kAny}, ToJson(Form::kPretty));
  functions.Alias("mustToPrettyJson", "toPrettyJson");
  functions.Add("toRawJson", {types::kAny}, ToJson(Form::kRaw));
  functions.Alias("mustToRawJson", "toRawJson");
  functions.Add("fromJson", {types::kString}, &FromJson);
  functions.Add("fromJsonArray", {types::kString}, &FromJsonArray);
  functions.Add("mustFromJson", {types::kString}, &MustFromJson);
}

}  // namespace swell::funcs
