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
    auto regexp = CompileGoRegexp(pattern, context.budget());
    if (regexp) return body(context, *regexp, args);
    const bool budget_ended = regexp.error().code() == ErrorCode::kResourceExhausted;
    if (budget_ended || on_error == OnError::kReturn) return Fail(std::move(regexp).error());
    return Fail(InvalidArgument("regexp: Compile(`" + std::string(pattern) +
                                "`): " + regexp.error().message()));
  };
}

Any Strings(const std::vector<std::string>& items) {
  return items.empty() ? Any::NilList(types::kStringList) : Any::StringList(items);
}

Result<Any> Match(Context& context, const Regex& regexp, Args args) {
  return Any::Bool(TRY(MatchesGo(regexp, args[1].as_string(), context.budget())));
}

Result<Any> Find(Context& context, const Regex& regexp, Args args) {
  return Any::String(TRY(FindGo(regexp, args[1].as_string(), context.budget())));
}

Result<Any> FindAll(Context& context, const Regex& regexp, Args args) {
  return Strings(TRY(FindAllGo(regexp, args[1].as_string(), args[2].as_int(), context.budget())));
}

Result<Any> Replace(Context& context, const Regex& regexp, Args args) {
  return Any::String(TRY(ReplaceAllGo(regexp, args[1].as_string(), args[2].as_string(),
                                      Replacement::kTemplate, context.budget())));
}

Result<Any> ReplaceLiteral(Context& context, const Regex& regexp, Args args) {
  return Any::String(TRY(ReplaceAllGo(regexp, args[1].as_string(), args[2].as_string(),
                                      Replacement::kLiteral, context.budget())));
}

Result<Any> SplitAt(Context& context, const Regex& regexp, Args args) {
  return Strings(TRY(SplitGo(regexp, args[1].as_string(), args[2].as_int(), context.budget())));
}

// regexMatch takes a bad pattern for one that does not match.
Result<Any> LenientMatch(Context& context, Args args) {
  auto regexp = CompileGoRegexp(args[0].as_string(), context.budget());
  if (regexp) return Match(context, *regexp, args);
  if (regexp.error().code() == ErrorCode::kResourceExhausted) {
    return Fail(std::move(regexp).error());
  }
  return Any::Bool(false);
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
