// toToml and fromToml. Errors are results here, as in helm.

#include "renderer/funcs/toml.h"

#include "renderer/funcs/system_families.h"

namespace swell::funcs {
namespace {

using gotemplate::Any;
using gotemplate::Context;
using gotemplate::FunctionMap;
namespace types = gotemplate::types;
using Args = std::span<const Any>;

Result<Any> ToToml(Context& context, Args args) {
  auto text = WriteToml(TRY(gotemplate::ToValue(args[0], context.budget())));
  if (!text) return Any::String(text.error().message());
  TRY(context.budget().Allow(text->size()));
  return Any::String(*std::move(text));
}

Result<Any> FromToml(Context& context, Args args) {
  TRY(context.budget().Spend(args[0].as_string().size() / 16));
  auto value = ParseToml(args[0].as_string());
  if (value) return gotemplate::FromValue(*value, context.budget(), gotemplate::Numbers::kKeep);
  if (value.error().code() == ErrorCode::kResourceExhausted) return Fail(value.error());
  Any out = Any::NewMap();
  out.as_map()->Set("Error", Any::String(value.error().message()));
  return out;
}

}  // namespace

void RegisterToml(FunctionMap& functions) {
  functions.Add("toToml", {types::kAny}, &ToToml);
  functions.Add("fromToml", {types::kString}, &FromToml);
}

}  // namespace swell::funcs
