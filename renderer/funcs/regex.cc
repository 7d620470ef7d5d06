// regexMatch, regexFind, regexFindAll, regexReplaceAll, regexReplaceAllLiteral, regexSplit,
// regexQuoteMeta and their must… twins.

#include "renderer/funcs/go_regexp.h"
#include "renderer/funcs/system_families.h"

namespace swell::funcs {
namespace {

using gotemplate::Any;
using gotemplate::Context;
using gotemplate::FunctionMap;
namespace types = gotemplate::types;
using Args = std::span<const Any>;

// How a bad pattern fails: must… returns Compile's error, the plain function panics with its own.
enum class OnError { kReturn, kPanic };

using Body = Result<Any> (*)(Context&, const Regex&, Args);

gotemplate::Callable WithRegexp(OnError on_error, Body body) {
  return [on_error, body](Context& context, Args args) -> Result<Any> {
    const std::string_view pattern = args[0].as_string();
    TRY(context.budget().Spend(args[1].as_string().size() / 16 + pattern.size()));
    auto regexp = CompileGoRegexp(pattern);
    if (regexp) return body(context, *regexp, args);
    if (on_error == OnError::kReturn) return Fail(std::move(regexp).error());
    return Fail(InvalidArgument("regexp: Compile(`" + std::string(pattern) +
                                "`): " + regexp.error().message()));
  };
}

Any Strings(const std::vector<std::string>& items) {
  return items.empty() ? Any::NilList(types::kStringList) : Any::StringList(items);
}

Result<Any> Match(Context&, const Regex& regexp, Args args) {
  return Any::Bool(regexp.Matches(args[1].as_string()));
}

Result<Any> Find(Context&, const Regex& regexp, Args args) {
  const std::string_view text = args[1].as_string();
  const auto match = regexp.Find(text);
  if (match.empty()) return Any::String("");
  return Any::String(text.substr(match[0].begin, match[0].end - match[0].begin));
}

Result<Any> FindAll(Context& context, const Regex& regexp, Args args) {
  auto found = FindAllGo(regexp, args[1].as_string(), args[2].as_int());
  TRY(context.budget().Allow(found.size() * sizeof(Any)));
  return Strings(found);
}

Result<Any> Replace(Context& context, const Regex& regexp, Args args) {
  std::string text = regexp.ReplaceAll(args[1].as_string(), args[2].as_string());
  TRY(context.budget().Allow(text.size()));
  return Any::String(std::move(text));
}

Result<Any> ReplaceLiteral(Context& context, const Regex& regexp, Args args) {
  std::string text = regexp.ReplaceAllLiteral(args[1].as_string(), args[2].as_string());
  TRY(context.budget().Allow(text.size()));
  return Any::String(std::move(text));
}

Result<Any> SplitAt(Context& context, const Regex& regexp, Args args) {
  auto parts = SplitGo(regexp, args[1].as_string(), args[2].as_int());
  TRY(context.budget().Allow(parts.size() * sizeof(Any)));
  return Strings(parts);
}

// regexMatch takes a bad pattern for one that does not match.
Result<Any> LenientMatch(Context& context, Args args) {
  TRY(context.budget().Spend(args[1].as_string().size() / 16));
  auto regexp = CompileGoRegexp(args[0].as_string());
  return Any::Bool(regexp && regexp->Matches(args[1].as_string()));
}

}  // namespace

void RegisterRegex(FunctionMap& functions) {
  const std::vector<const gotemplate::Type*> two = {types::kString, types::kString};
  const std::vector<const gotemplate::Type*> three = {types::kString, types::kString,
                                                      types::kString};
  const std::vector<const gotemplate::Type*> counted = {types::kString, types::kString,
                                                        types::kInt};
  functions.Add("regexMatch", two, &LenientMatch);
  functions.Add("mustRegexMatch", two, WithRegexp(OnError::kReturn, &Match));
  const auto both = [&](const std::string& name, const auto& params, Body body) {
    functions.Add("regex" + name, params, WithRegexp(OnError::kPanic, body));
    functions.Add("mustRegex" + name, params, WithRegexp(OnError::kReturn, body));
  };
  both("Find", two, &Find);
  both("FindAll", counted, &FindAll);
  both("ReplaceAll", three, &Replace);
  both("ReplaceAllLiteral", three, &ReplaceLiteral);
  both("Split", counted, &SplitAt);
  functions.Add("regexQuoteMeta", {types::kString}, [](Context&, Args args) -> Result<Any> {
    return Any::String(QuoteRegex(args[0].as_string()));
  });
}

}  // namespace swell::funcs
