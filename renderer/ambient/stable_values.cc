#include "renderer/ambient/stable_values.h"

#include <algorithm>
#include <string>

#include "base/value/json.h"

namespace swell {

bool IsDue(const StableValue& value, Timestamp now) {
  return value.renew_at != Timestamp{} && now >= value.renew_at;
}

bool Agree(const StableValues& used, const StableValues& known, Timestamp now) {
  return std::ranges::all_of(used, [&](const auto& entry) {
    if (IsDue(entry.second, now)) return false;
    const auto it = known.find(entry.first);
    return it == known.end() || it->second == entry.second || IsDue(it->second, now);
  });
}

Digest StableSource::Key(const CallSite& site) {
  const Digest call = Hasher()
                          .Add("call site")
                          .Add(site.file)
                          .Add(site.define)
                          .Add(site.name)
                          .Add(site.key)
                          .Add(site.object)
                          .Add(site.field)
                          .Add(site.function)
                          .Add(site.arguments)
                          .Finish();
  return Hasher().Add(call).Add(equal_calls_[call]++).Finish();
}

Result<Value> StableSource::Get(const CallSite& site, const std::function<Result<Made>()>& make) {
  drawn_ = true;
  if (known_ == nullptr) return TRY(make()).value;
  const Digest key = Key(site);
  if (const auto it = known_->find(key); it != known_->end() && !IsDue(it->second, now_)) {
    TRY(Keep(key, it->second));
    return json::Parse(it->second.json.Reveal());
  }
  Made made = TRY(make());
  TRY(Keep(key, {Secret(json::Write(made.value)), made.renew_at}));
  return std::move(made.value);
}

Status StableSource::Keep(const Digest& key, StableValue value) {
  bytes_ += value.json.Reveal().size();
  used_.emplace(key, std::move(value));
  if (used_.size() <= limits_.max_values && bytes_ <= limits_.max_bytes) return {};
  return Fail(ResourceExhausted(
      "the chart draws more random values and times than are kept: at most " +
      std::to_string(limits_.max_values) + " of " + std::to_string(limits_.max_bytes) +
      " bytes in all (budget stable values); spec.source.helm.randomValues: fresh keeps none"));
}

}  // namespace swell
