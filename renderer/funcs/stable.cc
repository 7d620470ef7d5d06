#include "renderer/funcs/stable.h"

#include <utility>

#include "base/value/json.h"
#include "renderer/funcs/call_site.h"
#include "renderer/funcs/helm_host.h"

namespace swell::funcs {
namespace {

using gotemplate::Any;
using gotemplate::Context;
using Args = std::span<const Any>;

Result<Digest> DigestOf(Context& context, Args args) {
  Hasher hasher;
  for (const Any& arg : args)
    hasher.Add(json::Write(TRY(gotemplate::ToValue(arg, context.budget()))));
  return hasher.Finish();
}

}  // namespace

const StableForm kStableText = {[](const Any& result) { return Value(result.as_string()); },
                                [](const Value& value) { return Any::String(value.str()); }};
const StableForm kStableInt = {[](const Any& result) { return Value(result.as_int()); },
                               [](const Value& value) { return Any::Int(value.as_int()); }};

gotemplate::Callable Stable(std::string name, gotemplate::Callable call, const StableForm& form) {
  return [name = std::move(name), call = std::move(call), form](Context& context,
                                                                Args args) -> Result<Any> {
    const HelmHost* host = HelmHost::Of(context);
    StableSource* source = host == nullptr ? nullptr : host->stable();
    if (source == nullptr) return call(context, args);
    const auto make = [&]() -> Result<StableSource::Made> {
      const Any result = TRY(call(context, args));
      const Timestamp renew_at =
          form.renew_at == nullptr ? Timestamp{} : form.renew_at(host->Now(), args);
      return StableSource::Made{form.write(result), renew_at};
    };
    const Digest arguments = TRY(DigestOf(context, args));
    TRY(ChargeSite(context));
    return form.read(TRY(source->Get(SiteOf(context, name, arguments), make)));
  };
}

Result<Timestamp> StableNow(Context& context) {
  const HelmHost* host = HelmHost::Of(context);
  if (host == nullptr || host->stable() == nullptr) return context.host().Now();
  const auto make = [&]() -> Result<StableSource::Made> {
    return StableSource::Made{Value(host->Now().time_since_epoch().count()), {}};
  };
  TRY(ChargeSite(context));
  const Value kept = TRY(host->stable()->Get(SiteOf(context, "now", {}), make));
  return Timestamp{Duration{kept.as_int()}};
}

}  // namespace swell::funcs
