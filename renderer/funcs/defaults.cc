// default, empty, coalesce, ternary: choosing between values.

#include <algorithm>

#include "renderer/funcs/cast.h"
#include "renderer/funcs/data_families.h"

namespace swell::funcs {
namespace {

using gotemplate::Any;
using gotemplate::Context;
using gotemplate::FunctionMap;
namespace types = gotemplate::types;
using Args = std::span<const Any>;

Result<Any> Default(Context&, Args args) {
  return args.size() < 2 || IsEmpty(args[1]) ? args[0] : args[1];
}

Result<Any> Empty(Context&, Args args) { return Any::Bool(IsEmpty(args[0])); }

Result<Any> Coalesce(Context&, Args args) {
  const auto it = std::find_if_not(args.begin(), args.end(), &IsEmpty);
  return it == args.end() ? Any() : *it;
}

Result<Any> All(Context&, Args args) {
  return Any::Bool(std::none_of(args.begin(), args.end(), &IsEmpty));
}

Result<Any> AnyOf(Context&, Args args) {
  return Any::Bool(!std::all_of(args.begin(), args.end(), &IsEmpty));
}

Result<Any> Ternary(Context&, Args args) { return args[2].as_bool() ? args[0] : args[1]; }

}  // namespace

void RegisterDefaults(FunctionMap& functions) {
  using namespace types;
  functions.AddVariadic("default", {kAny}, kAny, &Default);
  functions.Add("empty", {kAny}, &Empty);
  functions.AddVariadic("coalesce", {}, kAny, &Coalesce);
  functions.AddVariadic("all", {}, kAny, &All);
  functions.AddVariadic("any", {}, kAny, &AnyOf);
  functions.Add("ternary", {kAny, kAny, kBool}, &Ternary);
}

}  // namespace swell::funcs
