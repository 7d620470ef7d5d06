// toYaml, mustToYaml, toYamlPretty, fromYaml, fromYamlArray.

#include "base/value/yaml.h"

#include "renderer/funcs/sigs_yaml.h"
#include "renderer/funcs/system_families.h"

namespace swell::funcs {
namespace {

using gotemplate::Any;
using gotemplate::Context;
using gotemplate::FunctionMap;
namespace types = gotemplate::types;
using Args = std::span<const Any>;

Result<std::string> Marshal(Context& context, const Any& any) {
  auto value = gotemplate::ToValue(any, context.budget());
  if (!value) {
    if (value.error().code() == ErrorCode::kResourceExhausted) return Fail(value.error());
    return Fail(InvalidArgument("error marshaling into JSON: " + value.error().message()));
  }
  std::string text = TRY(yaml::Marshal(*value));
  TRY(context.budget().Allow(text.size()));
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

// What cannot be printed is printed as nothing; budgets are not swallowed.
Result<Any> ToYaml(Context& context, Args args) {
  auto text = Marshal(context, args[0]);
  if (text) return Any::String(*std::move(text));
  if (text.error().code() == ErrorCode::kResourceExhausted) return Fail(std::move(text).error());
  return Any::String("");
}

Result<Any> MustToYaml(Context& context, Args args) {
  return Any::String(TRY(Marshal(context, args[0])));
}

Result<Any> ToYamlPretty(Context& context, Args args) {
  const Value value =
      TRY(gotemplate::ToValue(args[0], context.budget(), gotemplate::Encoding::kYaml));
  std::string text = yaml::Write(value, {.printer = yaml::Printer::kGoYaml3});
  TRY(context.budget().Allow(text.size()));
  if (text.ends_with('\n')) text.pop_back();
  return Any::String(std::move(text));
}

std::string WrongKind(const Value& value, std::string_view wanted) {
  return "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal " +
         std::string(GoJsonKind(value)) + " into Go value of type " + std::string(wanted);
}

Any ErrorMap(const std::string& message) {
  Any out = Any::NewMap();
  out.as_map()->Set("Error", Any::String(message));
  return out;
}

// Errors are results here, as in helm.
Result<Any> FromYaml(Context& context, Args args) {
  TRY(context.budget().Spend(args[0].as_string().size() / 16));
  auto value = ParseSigsYaml(args[0].as_string(), true);
  if (!value) {
    if (value.error().code() == ErrorCode::kResourceExhausted) return Fail(value.error());
    return ErrorMap(value.error().message());
  }
  if (value->is_null()) return Any::NewMap();
  if (!value->is_object()) return ErrorMap(WrongKind(*value, "map[string]interface {}"));
  return gotemplate::FromValue(*value, context.budget());
}

Result<Any> FromYamlArray(Context& context, Args args) {
  TRY(context.budget().Spend(args[0].as_string().size() / 16));
  auto value = ParseSigsYaml(args[0].as_string(), true);
  std::string message;
  if (!value) {
    if (value.error().code() == ErrorCode::kResourceExhausted) return Fail(value.error());
    message = value.error().message();
  } else if (value->is_null()) {
    return Any::List({});  // helm unmarshals into an empty slice, which null leaves alone
  } else if (value->is_array()) {
    return gotemplate::FromValue(*value, context.budget());
  } else {
    message = WrongKind(*value, "[]interface {}");
  }
  return Any::List({Any::String(message)});
}

}  // namespace

void RegisterYaml(FunctionMap& functions) {
  functions.Add("toYaml", {types::kAny}, &ToYaml);
  functions.Add("mustToYaml", {types::kAny}, &MustToYaml);
  functions.Add("toYamlPretty", {types::kAny}, &ToYamlPretty);
  functions.Add("fromYaml", {types::kString}, &FromYaml);
  functions.Add("fromYamlArray", {types::kString}, &FromYamlArray);
}

}  // namespace swell::funcs
