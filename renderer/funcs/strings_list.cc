// join, split and the other functions between strings and lists.

#include <algorithm>

#include "base/core/strings.h"
#include "base/text/utf8.h"
#include "renderer/funcs/cast.h"
#include "renderer/funcs/data_families.h"

namespace swell::funcs {
namespace {

using gotemplate::Any;
using gotemplate::Context;
using gotemplate::FunctionMap;
namespace types = gotemplate::types;
using Args = std::span<const Any>;

// strings.SplitN: at most `limit` parts where it is positive, all where it is negative, none at
// 0. An empty separator splits between runes.
Result<std::vector<std::string_view>> SplitText(Context& context, std::string_view text,
                                                std::string_view separator, std::int64_t limit) {
  std::vector<std::string_view> parts;
  if (limit == 0) return parts;
  if (separator.empty() && text.empty()) return parts;
  while (limit < 0 || static_cast<std::int64_t>(parts.size()) + 1 < limit) {
    std::size_t at = 0;
    if (separator.empty()) {
      at = static_cast<std::size_t>(DecodeRune(text).length);
      if (at >= text.size()) break;
    } else {
      at = text.find(separator);
      if (at == std::string_view::npos) break;
    }
    parts.push_back(text.substr(0, at));
    text.remove_prefix(at + separator.size());
    TRY(context.budget().Spend());
  }
  parts.push_back(text);
  TRY(context.budget().Allow(parts.size() * sizeof(Any)));
  return parts;
}

Any Numbered(const std::vector<std::string_view>& parts) {
  Any map = Any::NewMap(types::kStringMap);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    map.as_map()->Set("_" + std::to_string(i), Any::String(parts[i]));
  }
  return map;
}

Result<Any> Split(Context& context, Args args) {
  return Numbered(TRY(SplitText(context, args[1].as_string(), args[0].as_string(), -1)));
}

Result<Any> Splitn(Context& context, Args args) {
  return Numbered(
      TRY(SplitText(context, args[2].as_string(), args[0].as_string(), args[1].as_int())));
}

Result<Any> SplitList(Context& context, Args args) {
  std::vector<Any> items;
  for (const std::string_view part :
       TRY(SplitText(context, args[1].as_string(), args[0].as_string(), -1))) {
    items.push_back(Any::String(part));
  }
  return Any::List(std::move(items), types::kStringList);
}

Result<Any> Join(Context& context, Args args) {
  const std::vector<std::string> parts = TRY(StringsOf(args[1], context.budget()));
  std::uint64_t bytes = parts.size() * args[0].as_string().size();
  for (const std::string& part : parts) bytes += part.size();
  TRY(context.budget().Allow(bytes));
  return Any::String(swell::Join(parts, args[0].as_string()));
}

Result<Any> ToStrings(Context& context, Args args) {
  return Any::StringList(TRY(StringsOf(args[0], context.budget())));
}

Result<Any> SortAlpha(Context& context, Args args) {
  if (!args[0].is_list()) {
    return Any::StringList({TRY(StringOf(args[0], context.budget()))});
  }
  std::vector<std::string> items = TRY(StringsOf(args[0], context.budget()));
  std::sort(items.begin(), items.end());
  return Any::StringList(items);
}

}  // namespace

void RegisterStringLists(FunctionMap& functions) {
  using namespace types;
  functions.Add("split", {kString, kString}, &Split);
  functions.Add("splitn", {kString, kInt, kString}, &Splitn);
  functions.Add("splitList", {kString, kString}, &SplitList);
  functions.Add("join", {kString, kAny}, &Join);
  functions.Add("toStrings", {kAny}, &ToStrings);
  functions.Add("sortAlpha", {kAny}, &SortAlpha);
}

}  // namespace swell::funcs
