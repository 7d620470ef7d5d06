#include "reconciler/gate/freeze.h"

#include "base/core/strings.h"
#include "base/value/json.h"

namespace swell::gate {
namespace {

std::string Named(const std::string& application) {
  return application.empty() ? "the fleet" : application;
}

Error Damaged(const LedgerRecord& record, const std::string& why) {
  return {ErrorCode::kDataLoss, "recorded " + std::string(RecordKindName(record.kind)) + " of " +
                                    Named(record.application) + ": " + why};
}

// The fields that both kinds have.
struct Fields {
  std::string actor;
  std::string reason;
  std::optional<Timestamp> until;
};

std::string Write(const std::string& actor, const std::string& reason,
                  const std::optional<Timestamp>& until) {
  Value out = Value::EmptyObject().With("actor", Value(actor)).With("reason", Value(reason));
  if (until) out = out.With("until", Value(FormatTimestamp(*until)));
  return json::Write(out);
}

Result<Fields> Read(const LedgerRecord& record, RecordKind kind) {
  if (record.kind != kind) {
    return Fail(Damaged(record, "is no " + std::string(RecordKindName(kind))));
  }
  const auto value = json::Parse(record.content);
  if (!value) return Fail(Damaged(record, value.error().ToString()));
  if (!(*value)["actor"].is_string() || !(*value)["reason"].is_string()) {
    return Fail(Damaged(record, "has no actor or no reason"));
  }
  Fields out{(*value)["actor"].str(), (*value)["reason"].str(), std::nullopt};
  if (value->Has("until")) {
    const auto until = ParseTimestamp((*value)["until"].is_string() ? (*value)["until"].str() : "");
    if (!until) return Fail(Damaged(record, until.error().ToString()));
    out.until = *until;
  }
  return out;
}

template <class T>
std::vector<T> Current(const std::vector<T>& all, const std::string& application, Timestamp now) {
  std::vector<T> out;
  for (const T& one : all) {
    if (IsOver(one, now)) continue;
    if (one.application == application) out.insert(out.begin(), one);
    if (one.application.empty() && !application.empty()) out.push_back(one);
  }
  return out;
}

}  // namespace

Status Check(const Freeze& freeze) {
  if (Trim(freeze.reason).empty()) return Fail(InvalidArgument("a freeze needs a reason"));
  if (freeze.until && *freeze.until <= freeze.at) {
    return Fail(InvalidArgument("a freeze must end after it begins"));
  }
  return {};
}

Status Check(const Override& given) {
  if (Trim(given.reason).empty()) return Fail(InvalidArgument("an override needs a reason"));
  if (given.until <= given.at) {
    return Fail(InvalidArgument("say for how long the override is, at most " +
                                FormatDuration(kMaxOverride)));
  }
  if (given.until - given.at > kMaxOverride) {
    return Fail(InvalidArgument("an override of " + FormatDuration(given.until - given.at) +
                                " is too long: give at most " + FormatDuration(kMaxOverride)));
  }
  return {};
}

LedgerRecord ToRecord(const Freeze& freeze) {
  return {.kind = RecordKind::kFreeze,
          .application = freeze.application,
          .key = kOnlyKey,
          .at = freeze.at,
          .content = Write(freeze.actor, freeze.reason, freeze.until)};
}

LedgerRecord ToRecord(const Override& given) {
  return {.kind = RecordKind::kOverride,
          .application = given.application,
          .key = kOnlyKey,
          .at = given.at,
          .content = Write(given.actor, given.reason, given.until)};
}

Result<Freeze> FreezeFromRecord(const LedgerRecord& record) {
  Fields read = TRY(Read(record, RecordKind::kFreeze));
  return Freeze{.application = record.application,
                .actor = std::move(read.actor),
                .reason = std::move(read.reason),
                .at = record.at,
                .until = read.until};
}

Result<Override> OverrideFromRecord(const LedgerRecord& record) {
  Fields read = TRY(Read(record, RecordKind::kOverride));
  if (!read.until) return Fail(Damaged(record, "has no end"));
  return Override{.application = record.application,
                  .actor = std::move(read.actor),
                  .reason = std::move(read.reason),
                  .at = record.at,
                  .until = *read.until};
}

std::string Show(const Freeze& freeze) {
  return Named(freeze.application) + " is frozen by " + freeze.actor +
         (freeze.until ? " until " + FormatTimestamp(*freeze.until) : "") + ": " + freeze.reason;
}

std::string Show(const Override& given) {
  return "override of " + Named(given.application) + " by " + given.actor + " until " +
         FormatTimestamp(given.until) + ": " + given.reason;
}

std::vector<Freeze> FreezesOf(const std::vector<Freeze>& all, const std::string& application,
                              Timestamp now) {
  return Current(all, application, now);
}

std::vector<Override> OverridesOf(const std::vector<Override>& all, const std::string& application,
                                  Timestamp now) {
  return Current(all, application, now);
}

}  // namespace swell::gate
