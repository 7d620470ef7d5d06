// now, date, dateInZone, htmlDate, ago, duration, durationRound, toDate, unixEpoch, dateModify.

#include <charconv>

#include "renderer/funcs/go_time.h"
#include "renderer/funcs/stable.h"
#include "renderer/funcs/system_families.h"

namespace swell::funcs {
namespace {

using gotemplate::Any;
using gotemplate::Context;
using gotemplate::Function;
using gotemplate::FunctionMap;
using gotemplate::Kind;
using gotemplate::Type;
namespace types = gotemplate::types;
using Args = std::span<const Any>;

constexpr std::int64_t kSecond = 1'000'000'000;

const Type* TimeType();
const Function* TimeMethod(std::string_view name);

class TimeObject final : public gotemplate::Object {
 public:
  explicit TimeObject(GoTime time) : time_(std::move(time)) {}
  const Type* type() const override { return TimeType(); }
  const Function* FindMethod(std::string_view name) const override { return TimeMethod(name); }
  std::string PrintText() const override {
    return FormatGoTime(time_, "2006-01-02 15:04:05.999999999 -0700 MST");
  }
  Value ToJson() const override {
    return Value(FormatGoTime(time_, "2006-01-02T15:04:05.999999999Z07:00"));
  }
  bool Equals(const Object& other) const override {
    const GoTime& that = static_cast<const TimeObject&>(other).time_;
    return time_.seconds == that.seconds && time_.nanoseconds == that.nanoseconds &&
           time_.offset == that.offset;
  }
  const GoTime& time() const { return time_; }

 private:
  GoTime time_;
};

const Type* TimeType() {
  static const Type kType{.name = "time.Time", .kind = "struct"};
  return &kType;
}

Any MakeTime(GoTime time) { return Any::Of(new TimeObject(std::move(time))); }

const TimeObject* AsTime(const Any& any) {
  return dynamic_cast<const TimeObject*>(any.as_object());
}

Result<GoTime> Now(Context& context) {
  const auto since_epoch = TRY(StableNow(context)).time_since_epoch().count();
  GoTime now;
  now.seconds = since_epoch / 1000;
  now.nanoseconds = static_cast<std::int32_t>(since_epoch % 1000 * 1'000'000);
  return now;
}

// A time, or seconds since the epoch; everything else is now.
Result<GoTime> TimeOf(Context& context, const Any& any) {
  if (const TimeObject* object = AsTime(any)) return object->time();
  if (any.kind() != Kind::kInt && any.kind() != Kind::kInt64) return Now(context);
  GoTime time;
  time.seconds = any.as_int();
  return time;
}

std::int64_t NanosecondsBetween(const GoTime& from, const GoTime& to) {
  return (to.seconds - from.seconds) * kSecond + to.nanoseconds - from.nanoseconds;
}

GoTime AddNanoseconds(GoTime time, std::int64_t nanoseconds) {
  std::int64_t total = time.nanoseconds + nanoseconds % kSecond;
  time.seconds += nanoseconds / kSecond;
  if (total < 0) {
    total += kSecond;
    --time.seconds;
  }
  time.seconds += total / kSecond;
  time.nanoseconds = static_cast<std::int32_t>(total % kSecond);
  return time;
}

Result<Any> Formatted(Context& context, std::string_view layout, const Any& when,
                      std::string_view zone) {
  TRY(context.budget().Spend(100));  // the zone is read from its file
  return Any::String(FormatGoTime(InZone(TRY(TimeOf(context, when)), zone), layout));
}

Result<Any> Ago(Context& context, Args args) {
  const std::int64_t passed = NanosecondsBetween(TRY(TimeOf(context, args[0])), TRY(Now(context)));
  const std::int64_t rounded = (passed + (passed < 0 ? -kSecond / 2 : kSecond / 2)) / kSecond;
  return Any::String(FormatGoDuration(rounded * kSecond));
}

Result<Any> DurationText(Context&, Args args) {
  std::int64_t seconds = 0;
  if (args[0].is_string()) {
    const std::string_view text = args[0].as_string();
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) seconds = 0;
  } else if (args[0].kind() == Kind::kInt64) {
    seconds = args[0].as_int();
  }
  return Any::String(FormatGoDuration(seconds * kSecond));
}

Result<Any> DurationRound(Context& context, Args args) {
  std::int64_t nanoseconds = 0;
  if (args[0].is_string()) {
    nanoseconds = ParseGoDuration(args[0].as_string()).value_or(0);
  } else if (args[0].kind() == Kind::kInt64) {
    nanoseconds = args[0].as_int();
  } else if (const TimeObject* time = AsTime(args[0])) {
    nanoseconds = NanosecondsBetween(time->time(), TRY(Now(context)));
  }
  const std::int64_t size = nanoseconds < 0 ? -nanoseconds : nanoseconds;
  constexpr std::int64_t kHour = 3600 * kSecond;
  constexpr std::pair<std::int64_t, const char*> kUnits[] = {
      {kHour * 24 * 365, "y"}, {kHour * 24 * 30, "mo"}, {kHour * 24, "d"}, {kHour, "h"},
      {60 * kSecond, "m"},     {kSecond, "s"}};
  for (const auto& [unit, name] : kUnits) {
    if (size > unit) return Any::String(std::to_string(size / unit) + name);
  }
  return Any::String("0s");
}

Result<Any> DateModify(Context& context, Args args) {
  const auto by = ParseGoDuration(args[0].as_string());
  if (!by) return args[1];
  return MakeTime(AddNanoseconds(TRY(TimeOf(context, args[1])), *by));
}

Result<Any> MustDateModify(Context& context, Args args) {
  const std::int64_t by = TRY(ParseGoDuration(args[0].as_string()));
  return MakeTime(AddNanoseconds(TRY(TimeOf(context, args[1])), by));
}

Result<Any> ToDate(Context&, Args args) {
  auto time = ParseGoTime(args[0].as_string(), args[1].as_string());
  return MakeTime(time ? *std::move(time) : GoTime());
}

Result<Any> MustToDate(Context&, Args args) {
  return MakeTime(TRY(ParseGoTime(args[0].as_string(), args[1].as_string())));
}

// --- methods of time.Time ---

const GoTime& Receiver(Args args) {
  return static_cast<const TimeObject*>(args[0].as_object())->time();
}

template <class Get>
Function IntMethod(const char* name, Get get) {
  return {.name = name, .call = [get](Context&, Args args) -> Result<Any> {
            return Any::Int(get(Receiver(args)));
          }};
}

Result<Any> AddDate(Context&, Args args) {
  GoTime time = Receiver(args);
  const CivilTime c = ToCivil(time);
  time.seconds =
      FromCivil(c.year + args[1].as_int(), c.month + args[2].as_int(), c.day + args[3].as_int()) +
      c.hour * 3600 + c.minute * 60 + c.second - time.offset;
  return MakeTime(std::move(time));
}

template <class Compare>
Function CompareMethod(const char* name, Compare compare) {
  return {.name = name, .params = {TimeType()}, .call = [compare](Context&, Args args) {
            const std::int64_t d = NanosecondsBetween(
                Receiver(args), static_cast<const TimeObject*>(args[1].as_object())->time());
            return Result<Any>(Any::Bool(compare(d)));
          }};
}

const Function* TimeMethod(std::string_view name) {
  static const Function kMethods[] = {
      {.name = "Format",
       .params = {types::kString},
       .call = [](Context&, Args args) -> Result<Any> {
         return Any::String(FormatGoTime(Receiver(args), args[1].as_string()));
       }},
      {.name = "String",
       .call = [](Context&, Args args) -> Result<Any> {
         return Any::String(args[0].as_object()->PrintText());
       }},
      {.name = "Month",
       .call = [](Context&, Args args) -> Result<Any> {
         return Any::String(MonthName(ToCivil(Receiver(args)).month));
       }},
      {.name = "Weekday",
       .call = [](Context&, Args args) -> Result<Any> {
         return Any::String(WeekdayName(ToCivil(Receiver(args)).weekday));
       }},
      {.name = "AddDate", .params = {types::kInt, types::kInt, types::kInt}, .call = &AddDate},
      {.name = "UTC",
       .call = [](Context&, Args args) -> Result<Any> {
         return MakeTime(InZone(Receiver(args), "UTC"));
       }},
      {.name = "Local",
       .call = [](Context&, Args args) -> Result<Any> {
         return MakeTime(InZone(Receiver(args), "Local"));
       }},
      {.name = "IsZero",
       .call = [](Context&, Args args) -> Result<Any> {
         return Any::Bool(Receiver(args).seconds == GoTime().seconds);
       }},
      {.name = "Unix",
       .call = [](Context&, Args args) -> Result<Any> {
         return Any::Int64(Receiver(args).seconds);
       }},
      {.name = "UnixMilli",
       .call = [](Context&, Args args) -> Result<Any> {
         return Any::Int64(Receiver(args).seconds * 1000 + Receiver(args).nanoseconds / 1'000'000);
       }},
      {.name = "UnixNano",
       .call = [](Context&, Args args) -> Result<Any> {
         return Any::Int64(Receiver(args).seconds * kSecond + Receiver(args).nanoseconds);
       }},
      CompareMethod("Before", [](std::int64_t d) { return d > 0; }),
      CompareMethod("After", [](std::int64_t d) { return d < 0; }),
      CompareMethod("Equal", [](std::int64_t d) { return d == 0; }),
      IntMethod("Year", [](const GoTime& t) { return ToCivil(t).year; }),
      IntMethod("Day", [](const GoTime& t) { return ToCivil(t).day; }),
      IntMethod("YearDay", [](const GoTime& t) { return ToCivil(t).year_day; }),
      IntMethod("Hour", [](const GoTime& t) { return ToCivil(t).hour; }),
      IntMethod("Minute", [](const GoTime& t) { return ToCivil(t).minute; }),
      IntMethod("Second", [](const GoTime& t) { return ToCivil(t).second; }),
      IntMethod("Nanosecond", [](const GoTime& t) { return t.nanoseconds; }),
  };
  for (const Function& method : kMethods) {
    if (method.name == name) return &method;
  }
  return nullptr;
}

}  // namespace

void RegisterDates(FunctionMap& functions) {
  functions.Add("now", {},
                [](Context& context, Args) -> Result<Any> { return MakeTime(TRY(Now(context))); });
  functions.Add("date", {types::kString, types::kAny}, [](Context& c, Args a) -> Result<Any> {
    return Formatted(c, a[0].as_string(), a[1], "Local");
  });
  functions.Add("dateInZone", {types::kString, types::kAny, types::kString},
                [](Context& c, Args a) -> Result<Any> {
                  return Formatted(c, a[0].as_string(), a[1], a[2].as_string());
                });
  functions.Add("htmlDate", {types::kAny}, [](Context& c, Args a) -> Result<Any> {
    return Formatted(c, "2006-01-02", a[0], "Local");
  });
  functions.Add("htmlDateInZone", {types::kAny, types::kString},
                [](Context& c, Args a) -> Result<Any> {
                  return Formatted(c, "2006-01-02", a[0], a[1].as_string());
                });
  functions.Add("ago", {types::kAny}, &Ago);
  functions.Add("duration", {types::kAny}, &DurationText);
  functions.Add("durationRound", {types::kAny}, &DurationRound);
  functions.Add("dateModify", {types::kString, TimeType()}, &DateModify);
  functions.Add("mustDateModify", {types::kString, TimeType()}, &MustDateModify);
  functions.Add("toDate", {types::kString, types::kString}, &ToDate);
  functions.Add("mustToDate", {types::kString, types::kString}, &MustToDate);
  functions.Add("unixEpoch", {TimeType()}, [](Context& c, Args a) -> Result<Any> {
    return Any::String(std::to_string(TRY(TimeOf(c, a[0])).seconds));
  });
  functions.Alias("date_in_zone", "dateInZone");
  functions.Alias("date_modify", "dateModify");
  functions.Alias("must_date_modify", "mustDateModify");
}

}  // namespace swell::funcs
