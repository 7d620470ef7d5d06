// dict, set, keys, dig, deepCopy and the other functions on dictionaries.

#include "renderer/funcs/cast.h"
#include "renderer/funcs/data_families.h"

namespace swell::funcs {
namespace {

using gotemplate::Any;
using gotemplate::Context;
using gotemplate::FunctionMap;
using gotemplate::List;
using gotemplate::Map;
namespace types = gotemplate::types;
using Args = std::span<const Any>;

// Inserting into a big map moves its entries.
Status ChargeSet(Context& context, const Map& map) {
  return context.budget().Spend(1 + map.size() / 64);
}

Status ChargeMap(Context& context, std::size_t entries) {
  TRY(context.budget().Spend(entries + 1));
  return context.budget().Allow(entries * sizeof(Map::Entry));
}

Result<Any> Dict(Context& context, Args args) {
  Any dict = Any::NewMap();
  TRY(ChargeMap(context, args.size() / 2 + 1));
  for (std::size_t i = 0; i < args.size(); i += 2) {
    Any value = i + 1 < args.size() ? args[i + 1] : Any::String("");
    if (args[i].is_string()) {
      dict.as_map()->Set(args[i].as_string(), std::move(value));
    } else {
      dict.as_map()->Set(TRY(StringOf(args[i], context.budget())), std::move(value));
    }
  }
  return dict;
}

Result<Any> Set(Context& context, Args args) {
  Map* map = args[0].as_map();
  if (map == nullptr) return Fail(InvalidArgument("assignment to entry in nil map"));
  TRY(ChargeSet(context, *map));
  context.cycles().Note(args[0], args[2]);
  map->Set(args[1].as_string(), args[2]);
  return args[0];
}

Result<Any> Unset(Context& context, Args args) {
  Map* map = args[0].as_map();
  if (map == nullptr) return Any::NewMap();
  TRY(ChargeSet(context, *map));
  map->Erase(args[1].as_string());
  return args[0];
}

Result<Any> HasKey(Context&, Args args) {
  const Map* map = args[0].as_map();
  return Any::Bool(map != nullptr && map->Has(args[1].as_string()));
}

Result<Any> Get(Context&, Args args) {
  const Map* map = args[0].as_map();
  const Any* found = map == nullptr ? nullptr : map->Find(args[1].as_string());
  return found == nullptr ? Any::String("") : *found;
}

Result<Any> Pluck(Context& context, Args args) {
  TRY(ChargeMap(context, args.size()));
  std::vector<Any> items;
  for (const Any& arg : args.subspan(1)) {
    const Map* map = arg.as_map();
    const Any* found = map == nullptr ? nullptr : map->Find(args[0].as_string());
    if (found != nullptr) items.push_back(*found);
  }
  return Any::List(std::move(items));
}

Result<Any> Keys(Context& context, Args args) {
  std::vector<Any> items;
  for (const Any& arg : args) {
    const Map* map = arg.as_map();
    if (map == nullptr) continue;
    TRY(ChargeMap(context, map->size()));
    for (const Map::Entry& entry : map->entries()) items.push_back(entry.key);
  }
  return Any::List(std::move(items), types::kStringList);
}

Result<Any> Values(Context& context, Args args) {
  std::vector<Any> items;
  if (const Map* map = args[0].as_map()) {
    TRY(ChargeMap(context, map->size()));
    for (const Map::Entry& entry : map->entries()) items.push_back(entry.value);
  }
  return Any::List(std::move(items));
}

Result<Any> Pick(Context& context, Args args) {
  Any out = Any::NewMap();
  const Map* map = args[0].as_map();
  if (map == nullptr) return out;
  TRY(ChargeMap(context, args.size()));
  for (const Any& key : args.subspan(1)) {
    if (const Any* found = map->Find(key.as_string())) {
      out.as_map()->Set(key.as_string(), *found);
    }
  }
  return out;
}

Result<Any> Omit(Context& context, Args args) {
  Any out = Any::NewMap();
  const Map* map = args[0].as_map();
  if (map == nullptr) return out;
  TRY(ChargeMap(context, map->size()));
  for (const Map::Entry& entry : map->entries()) out.as_map()->Set(entry.name(), entry.value);
  for (const Any& key : args.subspan(1)) out.as_map()->Erase(key.as_string());
  return out;
}

Error NotA(const Any& any, std::string_view wanted) {
  return InvalidArgument("interface conversion: interface {} is " +
                         std::string(any.is_nil() ? "nil" : any.type_name()) + ", not " +
                         std::string(wanted));
}

// Go's type assertion: exactly map[string]interface {}, not a named type such as .Values.
Result<const Map*> PlainMap(const Any& any) {
  if (any.type() != types::kAnyMap) return Fail(NotA(any, types::kAnyMap->name));
  return any.as_map();
}

// dig "a" "b" DEFAULT DICT
Result<Any> Dig(Context&, Args args) {
  if (args.size() < 3) return Fail(InvalidArgument("dig needs at least three arguments"));
  const Map* map = TRY(PlainMap(args.back()));
  const Args keys = args.first(args.size() - 2);
  for (const Any& key : keys) {
    if (!key.is_string()) return Fail(NotA(key, "string"));
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Any* found = map->Find(keys[i].as_string());
    if (found == nullptr) return args[args.size() - 2];
    if (i + 1 == keys.size()) return *found;
    map = TRY(PlainMap(*found));
  }
  return args[args.size() - 2];
}

Result<Any> Copy(Context& context, const Any& any, int depth) {
  if (!any.is_map() && !any.is_list()) return any;
  TRY(context.budget().CheckDepth(depth));
  if (const Map* map = any.as_map()) {
    TRY(ChargeMap(context, map->size()));
    Any out = Any::NewMap(any.type());
    for (const Map::Entry& entry : map->entries()) {
      out.as_map()->Set(entry.name(), TRY(Copy(context, entry.value, depth + 1)));
    }
    return out;
  }
  const List& list = *any.as_list();
  if (list.is_nil()) return any;
  TRY(ChargeMap(context, list.size()));
  std::vector<Any> items;
  items.reserve(list.size());
  for (const Any& item : list.items()) items.push_back(TRY(Copy(context, item, depth + 1)));
  return Any::List(std::move(items), list.type());
}

Result<Any> DeepCopy(Context& context, Args args) {
  if (args[0].is_nil()) {
    return Fail(InvalidArgument("reflect: call of reflect.Value.Type on zero Value"));
  }
  return Copy(context, args[0], 0);
}

}  // namespace

void RegisterDicts(FunctionMap& functions) {
  using namespace types;
  functions.AddVariadic("dict", {}, kAny, &Dict);
  functions.Add("set", {kAnyMap, kString, kAny}, &Set);
  functions.Add("unset", {kAnyMap, kString}, &Unset);
  functions.Add("hasKey", {kAnyMap, kString}, &HasKey);
  functions.Add("get", {kAnyMap, kString}, &Get);
  functions.AddVariadic("pluck", {kString}, kAnyMap, &Pluck);
  functions.AddVariadic("keys", {}, kAnyMap, &Keys);
  functions.Add("values", {kAnyMap}, &Values);
  functions.AddVariadic("pick", {kAnyMap}, kString, &Pick);
  functions.AddVariadic("omit", {kAnyMap}, kString, &Omit);
  functions.AddVariadic("dig", {}, kAny, &Dig);
  for (const char* name : {"deepCopy", "mustDeepCopy"}) functions.Add(name, {kAny}, &DeepCopy);
}

}  // namespace swell::funcs
