// toJson, toPrettyJson, toRawJson, fromJson and their must… twins: Go's encoding/json.

#include "base/value/json.h"

#include <algorithm>

#include "base/core/strings.h"
#include "base/text/utf8.h"
#include "renderer/funcs/json_writer.h"
#include "renderer/funcs/sigs_yaml.h"
#include "renderer/funcs/system_families.h"

namespace swell::funcs {
namespace {

using gotemplate::Any;
using gotemplate::Context;
using gotemplate::FunctionMap;
namespace types = gotemplate::types;
using Args = std::span<const Any>;

constexpr JsonOptions kCompact{};
constexpr JsonOptions kPretty{.layout = JsonOptions::Layout::kPretty};
constexpr JsonOptions kRaw{.escaping = json::Escaping::kPlain};

enum class OnError { kFail, kPrintNothing };

// Budgets are not swallowed.
gotemplate::Callable ToJson(const JsonOptions& options, OnError on_error) {
  return [options, on_error](Context& context, Args args) -> Result<Any> {
    auto text = WriteJson(args[0], context.budget(), options);
    if (!text && on_error == OnError::kPrintNothing &&
        text.error().code() != ErrorCode::kResourceExhausted) {
      return Any::String("");
    }
    std::string written = TRY(std::move(text));
    TRY(context.budget().Allow(written.size()));
    return Any::String(std::move(written));
  };
}

// The text from a place (line and column from 1) on.
std::string_view From(std::string_view text, const SourceSpan& span) {
  for (int line = 1; line < span.line; ++line) text.remove_prefix(text.find('\n') + 1);
  return text.substr(std::min(text.size(), static_cast<std::size_t>(span.column - 1)));
}

// A text's first character as Go's messages quote it.
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
    repaired = ReplaceInvalidUtf8(text);
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
  functions.Add("toJson", {types::kAny}, ToJson(kCompact, OnError::kPrintNothing));
  functions.Add("mustToJson", {types::kAny}, ToJson(kCompact, OnError::kFail));
  functions.Add("toPrettyJson", {types::kAny}, ToJson(kPretty, OnError::kPrintNothing));
  functions.Add("mustToPrettyJson", {types::kAny}, ToJson(kPretty, OnError::kFail));
  functions.Add("toRawJson", {types::kAny}, ToJson(kRaw, OnError::kFail));
  functions.Alias("mustToRawJson", "toRawJson");
  functions.Add("fromJson", {types::kString}, &FromJson);
  functions.Add("fromJsonArray", {types::kString}, &FromJsonArray);
  functions.Add("mustFromJson", {types::kString}, &MustFromJson);
}

}  // namespace swell::funcs
