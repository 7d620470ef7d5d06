// add, int, floor, until, seq and the other functions on numbers.

#include <algorithm>
#include <cmath>

#include "renderer/funcs/cast.h"
#include "renderer/funcs/data_families.h"
#include "renderer/funcs/decimal.h"
#include "renderer/gotemplate/format.h"

namespace swell::funcs {
namespace {

using gotemplate::Any;
using gotemplate::Context;
using gotemplate::FunctionMap;
namespace types = gotemplate::types;
using Args = std::span<const Any>;

// Go's integers wrap around.
std::int64_t Wrap(std::uint64_t bits) { return static_cast<std::int64_t>(bits); }
std::uint64_t Bits(const Any& any) { return static_cast<std::uint64_t>(Int64Of(any)); }

Result<Any> ToInt(Context&, Args args) { return Any::Int(Int64Of(args[0])); }
Result<Any> ToInt64(Context&, Args args) { return Any::Int64(Int64Of(args[0])); }
Result<Any> ToFloat64(Context&, Args args) { return Any::Float(FloatOf(args[0])); }

Result<Any> Atoi(Context&, Args args) {
  return Any::Int(gotemplate::ParseInt(args[0].as_string(), 10).value_or(0));
}

// The digits read as octal.
Result<Any> ToDecimal(Context& context, Args args) {
  const std::string text = TRY(gotemplate::FormatValue(args[0], context.budget()));
  return Any::Int64(gotemplate::ParseInt(text, 8).value_or(0));
}

Result<Any> Add(Context&, Args args) {
  std::uint64_t sum = 0;
  for (const Any& arg : args) sum += Bits(arg);
  return Any::Int64(Wrap(sum));
}

Result<Any> Add1(Context&, Args args) { return Any::Int64(Wrap(Bits(args[0]) + 1)); }
Result<Any> Sub(Context&, Args args) { return Any::Int64(Wrap(Bits(args[0]) - Bits(args[1]))); }

Result<Any> Mul(Context&, Args args) {
  std::uint64_t product = 1;
  for (const Any& arg : args) product *= Bits(arg);
  return Any::Int64(Wrap(product));
}

Error DivideByZero() { return InvalidArgument("runtime error: integer divide by zero"); }

Result<Any> Div(Context&, Args args) {
  const std::int64_t divisor = Int64Of(args[1]);
  if (divisor == 0) return Fail(DivideByZero());
  if (divisor == -1) return Any::Int64(Wrap(0 - Bits(args[0])));
  return Any::Int64(Int64Of(args[0]) / divisor);
}

Result<Any> Mod(Context&, Args args) {
  const std::int64_t divisor = Int64Of(args[1]);
  if (divisor == 0) return Fail(DivideByZero());
  return Any::Int64(divisor == -1 ? 0 : Int64Of(args[0]) % divisor);
}

using DecimalStep = Result<Decimal> (*)(const Decimal&, const Decimal&);

Result<Decimal> PlusStep(const Decimal& a, const Decimal& b) { return a.Plus(b); }
Result<Decimal> MinusStep(const Decimal& a, const Decimal& b) { return a.Minus(b); }
Result<Decimal> TimesStep(const Decimal& a, const Decimal& b) { return a.Times(b); }
Result<Decimal> DivideStep(const Decimal& a, const Decimal& b) { return a.DividedBy(b); }

// Folds the operands into `start`. The digits grow with every operand, hence the charge.
Result<Any> FoldDecimals(Context& context, double start, Args args, DecimalStep step) {
  Decimal value = TRY(Decimal::FromFloat(start));
  for (std::size_t i = 0; i < args.size(); ++i) {
    TRY(context.budget().Spend(1 + i * i));
    value = TRY(step(value, TRY(Decimal::FromFloat(FloatOf(args[i])))));
  }
  return Any::Float(value.ToFloat());
}

Result<Any> Addf(Context& context, Args args) { return FoldDecimals(context, 0, args, &PlusStep); }
Result<Any> Add1f(Context& context, Args args) { return FoldDecimals(context, 1, args, &PlusStep); }
Result<Any> Subf(Context& context, Args args) {
  return FoldDecimals(context, FloatOf(args[0]), args.subspan(1), &MinusStep);
}
Result<Any> Mulf(Context& context, Args args) {
  return FoldDecimals(context, FloatOf(args[0]), args.subspan(1), &TimesStep);
}
Result<Any> Divf(Context& context, Args args) {
  return FoldDecimals(context, FloatOf(args[0]), args.subspan(1), &DivideStep);
}

Result<Any> Max(Context&, Args args) {
  std::int64_t best = Int64Of(args[0]);
  for (const Any& arg : args) best = std::max(best, Int64Of(arg));
  return Any::Int64(best);
}

Result<Any> Min(Context&, Args args) {
  std::int64_t best = Int64Of(args[0]);
  for (const Any& arg : args) best = std::min(best, Int64Of(arg));
  return Any::Int64(best);
}

// As math.Max and math.Min of Go: NaN wins.
Result<Any> Maxf(Context&, Args args) {
  double best = FloatOf(args[0]);
  for (const Any& arg : args) best = std::isnan(best) ? best : std::max(FloatOf(arg), best);
  return Any::Float(best);
}

Result<Any> Minf(Context&, Args args) {
  double best = FloatOf(args[0]);
  for (const Any& arg : args) best = std::isnan(best) ? best : std::min(FloatOf(arg), best);
  return Any::Float(best);
}

Result<Any> Ceil(Context&, Args args) { return Any::Float(std::ceil(FloatOf(args[0]))); }
Result<Any> Floor(Context&, Args args) { return Any::Float(std::floor(FloatOf(args[0]))); }

// round VALUE PLACES [ROUND_ON]: up from ROUND_ON of the last place, .5 if not given.
Result<Any> Round(Context&, Args args) {
  const double round_on = args.size() > 2 ? args[2].as_float() : 0.5;
  const double power = std::pow(10.0, static_cast<double>(args[1].as_int()));
  const double digit = power * FloatOf(args[0]);
  double whole = 0;
  const double fraction = std::modf(digit, &whole);
  return Any::Float((fraction >= round_on ? std::ceil(digit) : std::floor(digit)) / power);
}

// start, start + step, … before stop; nothing where the step leads away from it.
Result<std::vector<std::int64_t>> Steps(Context& context, std::int64_t start, std::int64_t stop,
                                        std::int64_t step) {
  std::vector<std::int64_t> out;
  if (stop < start ? step >= 0 : step <= 0) return out;
  const __int128 distance = static_cast<__int128>(stop) - start;
  const __int128 count = (distance + step + (step > 0 ? -1 : 1)) / step;
  TRY(context.budget().Spend(static_cast<std::uint64_t>(count)));
  TRY(context.budget().Allow(static_cast<std::uint64_t>(count) * sizeof(Any)));
  out.reserve(static_cast<std::size_t>(count));
  for (__int128 i = 0; i < count; ++i) {
    out.push_back(static_cast<std::int64_t>(start + i * step));
  }
  return out;
}

Result<Any> IntList(Context& context, std::int64_t start, std::int64_t stop, std::int64_t step) {
  std::vector<Any> items;
  for (const std::int64_t i : TRY(Steps(context, start, stop, step))) items.push_back(Any::Int(i));
  return Any::List(std::move(items), types::kIntList);
}

Result<Any> Until(Context& context, Args args) {
  const std::int64_t count = args[0].as_int();
  return IntList(context, 0, count, count < 0 ? -1 : 1);
}

Result<Any> UntilStep(Context& context, Args args) {
  return IntList(context, args[0].as_int(), args[1].as_int(), args[2].as_int());
}

// As the shell's seq: the end is part of it.
Result<Any> Seq(Context& context, Args args) {
  if (args.empty() || args.size() > 3) return Any::String("");
  const std::int64_t start = args.size() == 1 ? 1 : args.front().as_int();
  const std::int64_t end = args.back().as_int();
  const std::int64_t direction = end < start ? -1 : 1;
  const std::int64_t step = args.size() == 3 ? args[1].as_int() : direction;
  if (args.size() == 3 && end < start && step > 0) return Any::String("");
  std::string out;
  const std::int64_t stop =
      Wrap(static_cast<std::uint64_t>(end) + static_cast<std::uint64_t>(direction));
  for (const std::int64_t i : TRY(Steps(context, start, stop, step))) {
    if (!out.empty()) out += ' ';
    out += std::to_string(i);
  }
  return Any::String(std::move(out));
}

}  // namespace

void RegisterMath(FunctionMap& functions) {
  using namespace types;
  functions.Add("int", {kAny}, &ToInt);
  functions.Add("int64", {kAny}, &ToInt64);
  functions.Add("float64", {kAny}, &ToFloat64);
  functions.Add("atoi", {kString}, &Atoi);
  functions.Add("toDecimal", {kAny}, &ToDecimal);
  functions.AddVariadic("add", {}, kAny, &Add);
  functions.Add("add1", {kAny}, &Add1);
  functions.Add("sub", {kAny, kAny}, &Sub);
  functions.AddVariadic("mul", {kAny}, kAny, &Mul);
  functions.Add("div", {kAny, kAny}, &Div);
  functions.Add("mod", {kAny, kAny}, &Mod);
  functions.AddVariadic("addf", {}, kAny, &Addf);
  functions.Add("add1f", {kAny}, &Add1f);
  functions.AddVariadic("subf", {kAny}, kAny, &Subf);
  functions.AddVariadic("mulf", {kAny}, kAny, &Mulf);
  functions.AddVariadic("divf", {kAny}, kAny, &Divf);
  for (const char* name : {"max", "biggest"}) functions.AddVariadic(name, {kAny}, kAny, &Max);
  functions.AddVariadic("min", {kAny}, kAny, &Min);
  functions.AddVariadic("maxf", {kAny}, kAny, &Maxf);
  functions.AddVariadic("minf", {kAny}, kAny, &Minf);
  functions.Add("ceil", {kAny}, &Ceil);
  functions.Add("floor", {kAny}, &Floor);
  functions.AddVariadic("round", {kAny, kInt}, kFloat64, &Round);
  functions.Add("until", {kInt}, &Until);
  functions.Add("untilStep", {kInt, kInt, kInt}, &UntilStep);
  functions.AddVariadic("seq", {}, kInt, &Seq);
}

}  // namespace swell::funcs
