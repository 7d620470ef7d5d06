#include "reconciler/heal/tolerance.h"

#include "base/value/json.h"
#include "reconciler/domain/convert.h"

namespace swell::heal {

std::string KeyOf(const Tolerance& t) {
  return t.cluster + "|" + t.id.group + "|" + t.id.kind + "|" + t.id.ns + "|" + t.id.name + "|" +
         t.pointer;
}

LedgerRecord ToLedger(const std::string& application, const Tolerance& t) {
  const Value content = Value::Object({{"object", ToValue(t.id)},
                                       {"pointer", Value(t.pointer)},
                                       {"cluster", Value(t.cluster)},
                                       {"since", TimeToValue(t.since)},
                                       {"until", TimeToValue(t.until)},
                                       {"actor", Value(t.actor)},
                                       {"reason", Value(t.reason)}});
  return {.kind = RecordKind::kTolerance,
          .application = application,
          .key = KeyOf(t),
          .at = t.since,
          .content = json::Write(content)};
}

Result<Tolerance> FromLedgerTolerance(const LedgerRecord& record) {
  const Value v = TRY(json::Parse(record.content));
  return Tolerance{.id = ObjectIdFromValue(v["object"]),
                   .pointer = v["pointer"].str(),
                   .cluster = v["cluster"].str(),
                   .since = TRY(TimeFromValue(v["since"])),
                   .until = TRY(TimeFromValue(v["until"])),
                   .actor = v["actor"].str(),
                   .reason = v["reason"].str()};
}

std::string Describe(const Tolerance& t) {
  return t.id.ToString() + (t.pointer.empty() ? "" : " " + t.pointer) +
         (t.cluster.empty() ? " in every cluster" : " in " + t.cluster);
}

IgnoreDifference RuleOf(const Tolerance& t) {
  IgnoreDifference rule;
  rule.objects = {.group = t.id.group, .kind = t.id.kind, .ns = t.id.ns, .name = t.id.name};
  rule.json_pointers = {t.pointer};
  const auto second = std::chrono::floor<std::chrono::seconds>(t.until);
  rule.toleration = Toleration{.id = KeyOf(t),
                               .cluster = t.cluster,
                               .gives_way = Toleration::GivesWay::kToField,
                               .why = "tolerated until " + FormatTimestamp(second) + " by " +
                                      t.actor + (t.reason.empty() ? "" : ": " + t.reason)};
  return rule;
}

}  // namespace swell::heal
