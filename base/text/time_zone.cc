#include "base/text/time_zone.h"

#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include <algorithm>

#include "base/core/strings.h"

namespace swell {
namespace {

// The library takes paths, too: no name of a zone leads out of the database.
bool IsZoneName(std::string_view name) {
  const bool plain = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
           c == '_' || c == '-' || c == '+';
  });
  // "right/…" counts leap seconds, which no clock of ours does.
  return plain && !name.starts_with('/') && !name.starts_with("right/") && name != "localtime" &&
         name.size() <= 64;
}

Timestamp FromAbsl(absl::Time time) { return Timestamp{Duration{absl::ToUnixMillis(time)}}; }

}  // namespace

struct TimeZone::Zone {
  absl::TimeZone zone;
};

TimeZone::TimeZone() : TimeZone("UTC", std::make_shared<const Zone>(absl::UTCTimeZone())) {}

TimeZone::TimeZone(std::string name, std::shared_ptr<const Zone> zone)
    : name_(std::move(name)), zone_(std::move(zone)) {}

Result<TimeZone> TimeZone::Load(std::string_view name) {
  if (name.empty() || name == "UTC") return TimeZone();
  absl::TimeZone zone;
  if (!IsZoneName(name) || !absl::LoadTimeZone(std::string(name), &zone)) {
    return Fail(InvalidArgument("there is no time zone " + Quote(name) +
                                ": give a name of the IANA database, as in \"Europe/Berlin\""));
  }
  return TimeZone(std::string(name), std::make_shared<const Zone>(zone));
}

LocalMinute TimeZone::ToLocal(Timestamp at) const {
  const absl::CivilMinute civil(
      zone_->zone.At(absl::FromUnixMillis(at.time_since_epoch().count())).cs);
  return LocalMinute{std::chrono::minutes{civil - absl::CivilMinute(1970, 1, 1)}};
}

TimeZone::Moments TimeZone::FromLocal(LocalMinute local) const {
  const absl::CivilMinute civil = absl::CivilMinute(1970, 1, 1) + local.time_since_epoch().count();
  const absl::TimeZone::TimeInfo info = zone_->zone.At(absl::CivilSecond(civil));
  switch (info.kind) {
    case absl::TimeZone::TimeInfo::SKIPPED:
      return {Kind::kSkipped, FromAbsl(info.trans), FromAbsl(info.trans)};
    case absl::TimeZone::TimeInfo::REPEATED:
      return {Kind::kRepeated, FromAbsl(info.pre), FromAbsl(info.post)};
    case absl::TimeZone::TimeInfo::UNIQUE:
      break;
  }
  return {Kind::kOnce, FromAbsl(info.pre), FromAbsl(info.pre)};
}

}  // namespace swell
