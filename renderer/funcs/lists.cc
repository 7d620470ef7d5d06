// list, first, append, has and the other functions on lists.

#include <algorithm>

#include "renderer/funcs/cast.h"
#include "renderer/funcs/data_families.h"
#include "renderer/gotemplate/compare.h"

namespace swell::funcs {
namespace {

using gotemplate::Any;
using gotemplate::Context;
using gotemplate::FunctionMap;
using gotemplate::List;
namespace types = gotemplate::types;
using Args = std::span<const Any>;

// The list, or sprig's complaint: "Cannot find first on type string". Nil trips Go's reflect.
Result<const List*> ListOf(const Any& any, std::string_view complaint) {
  if (any.is_nil()) {
    return Fail(
        InvalidArgument("runtime error: invalid memory address or nil pointer dereference"));
  }
  if (const List* list = any.as_list()) return list;
  return Fail(InvalidArgument(std::string(complaint) + " " + std::string(any.kind_name())));
}

Status Charge(Context& context, std::size_t items) {
  TRY(context.budget().Spend(items));
  return context.budget().Allow(items * sizeof(Any));
}

Result<bool> Holds(Context& context, const std::vector<Any>& items, const Any& needle) {
  for (const Any& item : items) {
    if (TRY(gotemplate::DeepEqual(item, needle, context.budget()))) return true;
  }
  return false;
}

Result<Any> MakeList(Context& context, Args args) {
  TRY(Charge(context, args.size()));
  return Any::List({args.begin(), args.end()});
}

Result<Any> Append(Context& context, Args args) {
  const List* list = TRY(ListOf(args[0], "Cannot push on type"));
  TRY(Charge(context, list->size() + 1));
  std::vector<Any> items;
  items.reserve(list->size() + 1);
  items.insert(items.end(), list->items().begin(), list->items().end());
  items.push_back(args[1]);
  return Any::List(std::move(items));
}

Result<Any> Prepend(Context& context, Args args) {
  const List* list = TRY(ListOf(args[0], "Cannot prepend on type"));
  TRY(Charge(context, list->size() + 1));
  std::vector<Any> items;
  items.reserve(list->size() + 1);
  items.push_back(args[1]);
  items.insert(items.end(), list->items().begin(), list->items().end());
  return Any::List(std::move(items));
}

Result<Any> First(Context&, Args args) {
  const List* list = TRY(ListOf(args[0], "Cannot find first on type"));
  return list->size() == 0 ? Any() : list->items().front();
}

Result<Any> Last(Context&, Args args) {
  const List* list = TRY(ListOf(args[0], "Cannot find last on type"));
  return list->size() == 0 ? Any() : list->items().back();
}

Result<Any> Rest(Context& context, Args args) {
  const List* list = TRY(ListOf(args[0], "Cannot find rest on type"));
  if (list->size() == 0) return Any::NilList();
  TRY(Charge(context, list->size()));
  return Any::List({list->items().begin() + 1, list->items().end()});
}

Result<Any> Initial(Context& context, Args args) {
  const List* list = TRY(ListOf(args[0], "Cannot find initial on type"));
  if (list->size() == 0) return Any::NilList();
  TRY(Charge(context, list->size()));
  return Any::List({list->items().begin(), list->items().end() - 1});
}

Result<Any> Reverse(Context& context, Args args) {
  const List* list = TRY(ListOf(args[0], "Cannot find reverse on type"));
  TRY(Charge(context, list->size()));
  return Any::List({list->items().rbegin(), list->items().rend()});
}

Result<Any> Compact(Context& context, Args args) {
  const List* list = TRY(ListOf(args[0], "Cannot compact on type"));
  TRY(Charge(context, list->size()));
  std::vector<Any> items;
  std::copy_if(list->items().begin(), list->items().end(), std::back_inserter(items),
               [](const Any& item) { return !IsEmpty(item); });
  return Any::List(std::move(items));
}

Result<Any> Uniq(Context& context, Args args) {
  const List* list = TRY(ListOf(args[0], "Cannot find uniq on type"));
  TRY(Charge(context, list->size()));
  std::vector<Any> items;
  for (const Any& item : list->items()) {
    if (!TRY(Holds(context, items, item))) items.push_back(item);
  }
  return Any::List(std::move(items));
}

Result<Any> Without(Context& context, Args args) {
  const List* list = TRY(ListOf(args[0], "Cannot find without on type"));
  TRY(Charge(context, list->size()));
  const std::vector<Any> omitted(args.begin() + 1, args.end());
  std::vector<Any> items;
  for (const Any& item : list->items()) {
    if (!TRY(Holds(context, omitted, item))) items.push_back(item);
  }
  return Any::List(std::move(items));
}

Result<Any> Has(Context& context, Args args) {
  if (args[1].is_nil()) return Any::Bool(false);
  const List* list = TRY(ListOf(args[1], "Cannot find has on type"));
  return Any::Bool(TRY(Holds(context, list->items(), args[0])));
}

// sprig's slice, which hides text/template's: lists only, and nil for an empty one.
Result<Any> Slice(Context& context, Args args) {
  const List* list = TRY(ListOf(args[0], "list should be type of slice or array but"));
  const auto size = static_cast<std::int64_t>(list->size());
  if (size == 0) return Any();
  const std::int64_t start = args.size() > 1 ? Int64Of(args[1]) : 0;
  const std::int64_t end = args.size() > 2 ? Int64Of(args[2]) : size;
  if (start < 0 || end > size || start > end) {
    return Fail(InvalidArgument("reflect.Value.Slice: slice index out of bounds"));
  }
  TRY(Charge(context, static_cast<std::size_t>(end - start)));
  return Any::List({list->items().begin() + start, list->items().begin() + end}, list->type());
}

Result<Any> Concat(Context& context, Args args) {
  std::vector<Any> items;
  for (const Any& arg : args) {
    if (!arg.is_nil() && !arg.is_list()) {
      return Fail(
          InvalidArgument("Cannot concat type " + std::string(arg.kind_name()) + " as list"));
    }
    const List* list = TRY(ListOf(arg, ""));
    TRY(Charge(context, list->size()));
    items.insert(items.end(), list->items().begin(), list->items().end());
  }
  if (items.empty()) return Any::NilList();
  return Any::List(std::move(items));
}

Result<Any> Chunk(Context& context, Args args) {
  const List* list = TRY(ListOf(args[1], "Cannot chunk type"));
  if (args[0].as_int() <= 0) {
    return Fail(InvalidArgument("runtime error: makeslice: len out of range"));
  }
  const auto size = static_cast<std::size_t>(args[0].as_int());
  TRY(Charge(context, list->size()));
  std::vector<Any> chunks;
  for (std::size_t i = 0; i < list->size();) {
    const std::size_t end = i + std::min(size, list->size() - i);
    chunks.push_back(Any::List({list->items().begin() + static_cast<std::ptrdiff_t>(i),
                                list->items().begin() + static_cast<std::ptrdiff_t>(end)}));
    i = end;
  }
  return Any::List(std::move(chunks), types::kListList);
}

}  // namespace

void RegisterLists(FunctionMap& functions) {
  using namespace types;
  functions.AddVariadic("list", {}, kAny, &MakeList);
  functions.AddVariadic("tuple", {}, kAny, &MakeList);
  for (const char* name : {"append", "push", "mustAppend", "mustPush"}) {
    functions.Add(name, {kAny, kAny}, &Append);
  }
  for (const char* name : {"prepend", "mustPrepend"}) functions.Add(name, {kAny, kAny}, &Prepend);
  for (const char* name : {"first", "mustFirst"}) functions.Add(name, {kAny}, &First);
  for (const char* name : {"last", "mustLast"}) functions.Add(name, {kAny}, &Last);
  for (const char* name : {"rest", "mustRest"}) functions.Add(name, {kAny}, &Rest);
  for (const char* name : {"initial", "mustInitial"}) functions.Add(name, {kAny}, &Initial);
  for (const char* name : {"reverse", "mustReverse"}) functions.Add(name, {kAny}, &Reverse);
  for (const char* name : {"compact", "mustCompact"}) functions.Add(name, {kAny}, &Compact);
  for (const char* name : {"uniq", "mustUniq"}) functions.Add(name, {kAny}, &Uniq);
  for (const char* name : {"without", "mustWithout"}) {
    functions.AddVariadic(name, {kAny}, kAny, &Without);
  }
  for (const char* name : {"has", "mustHas"}) functions.Add(name, {kAny, kAny}, &Has);
  for (const char* name : {"slice", "mustSlice"}) {
    functions.AddVariadic(name, {kAny}, kAny, &Slice);
  }
  functions.AddVariadic("concat", {}, kAny, &Concat);
  for (const char* name : {"chunk", "mustChunk"}) functions.Add(name, {kInt, kAny}, &Chunk);
}

}  // namespace swell::funcs
