// typeOf, kindIs, deepEqual: what a value is.

#include "renderer/funcs/data_families.h"
#include "renderer/gotemplate/compare.h"

namespace swell::funcs {
namespace {

using gotemplate::Any;
using gotemplate::Context;
using gotemplate::FunctionMap;
namespace types = gotemplate::types;
using Args = std::span<const Any>;

Result<Any> TypeOf(Context&, Args args) { return Any::String(args[0].type_name()); }
Result<Any> KindOf(Context&, Args args) { return Any::String(args[0].kind_name()); }

Result<Any> TypeIs(Context&, Args args) {
  return Any::Bool(args[0].as_string() == args[1].type_name());
}

Result<Any> TypeIsLike(Context&, Args args) {
  std::string_view type = args[1].type_name();
  if (args[0].as_string() == type) return Any::Bool(true);
  if (!type.starts_with('*')) return Any::Bool(false);
  type.remove_prefix(1);
  return Any::Bool(args[0].as_string() == type);
}

Result<Any> KindIs(Context&, Args args) {
  return Any::Bool(args[0].as_string() == args[1].kind_name());
}

Result<Any> DeepEqual(Context& context, Args args) {
  return Any::Bool(TRY(gotemplate::DeepEqual(args[0], args[1], context.budget())));
}

}  // namespace

void RegisterReflection(FunctionMap& functions) {
  using namespace types;
  functions.Add("typeOf", {kAny}, &TypeOf);
  functions.Add("kindOf", {kAny}, &KindOf);
  functions.Add("typeIs", {kString, kAny}, &TypeIs);
  functions.Add("typeIsLike", {kString, kAny}, &TypeIsLike);
  functions.Add("kindIs", {kString, kAny}, &KindIs);
  functions.Add("deepEqual", {kAny, kAny}, &DeepEqual);
}

}  // namespace swell::funcs
