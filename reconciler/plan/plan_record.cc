#include "reconciler/plan/plan_record.h"

#include "base/value/json.h"
#include "reconciler/domain/convert.h"
#include "reconciler/domain/names.h"

namespace swell::plan {
namespace {

Value Texts(const std::vector<std::string>& texts) {
  std::vector<Value> out;
  for (const std::string& text : texts) out.push_back(Value(text));
  return Value::Array(std::move(out));
}

std::vector<std::string> TextsFrom(const Value& value) {
  std::vector<std::string> out;
  for (const Value& text : value.items()) out.push_back(text.str());
  return out;
}

Result<PlanRecord> Read(const LedgerRecord& record) {
  const Value v = TRY(json::Parse(record.content));
  PlanRecord out;
  out.plan = TRY(Digest::Parse(record.key));
  out.application = record.application;
  out.kind = TRY(ParsePlanKind(v["kind"].as_string()));
  out.revision = TRY(RevisionFromValue(v["revision"]));
  out.generation = v["generation"].as_int();
  out.confirmed = v["confirmed"].as_bool();
  out.rollback_to = v["rollbackTo"].as_int();
  out.selection = TextsFrom(v["selection"]);
  out.at = record.at;
  out.actor = v["actor"].str();
  out.reason = v["reason"].str();
  out.radius = TRY(BlastRadiusFromValue(v["blastRadius"]));
  out.warnings = TextsFrom(v["warnings"]);
  return out;
}

}  // namespace

LedgerRecord ToLedger(const PlanRecord& record) {
  LedgerRecord out;
  out.kind = RecordKind::kPlan;
  out.application = record.application;
  out.key = record.plan.Hex();
  out.at = record.at;
  out.content = json::Write(Value::Object({{"kind", Value(PlanKindName(record.kind))},
                                           {"revision", ToValue(record.revision)},
                                           {"generation", Value(record.generation)},
                                           {"confirmed", Value(record.confirmed)},
                                           {"rollbackTo", Value(record.rollback_to)},
                                           {"selection", Texts(record.selection)},
                                           {"actor", Value(record.actor)},
                                           {"reason", Value(record.reason)},
                                           {"blastRadius", ToValue(record.radius)},
                                           {"warnings", Texts(record.warnings)}}));
  return out;
}

Result<PlanRecord> PlanRecordFromLedger(const LedgerRecord& record) {
  auto read = Read(record);
  if (!read) {
    return Fail(Error(ErrorCode::kDataLoss, "the record of plan " + record.key.substr(0, 12) +
                                                " of " + record.application +
                                                " cannot be read: " + read.error().ToString()));
  }
  return read;
}

}  // namespace swell::plan
