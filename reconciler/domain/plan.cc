#include "reconciler/domain/plan.h"

#include <algorithm>
#include <map>

#include "base/value/json.h"
#include "reconciler/domain/convert.h"
#include "reconciler/domain/names.h"

namespace swell {
namespace {

Value OperationToValue(const Operation& op) {
  std::vector<Value> changes;
  for (const FieldChange& c : op.changes) {
    Value change = Value::Object({{"path", Value(c.path)},
                                  {"cause", Value(ChangeCauseName(c.cause))},
                                  {"before", Value(c.before)},
                                  {"after", Value(c.after)}});
    if (!c.values.empty()) change = change.With("values", Value(c.values.Hex()));
    changes.push_back(std::move(change));
  }
  return Value::Object({{"type", Value(OperationTypeName(op.type))},
                        {"id", ToValue(op.id)},
                        {"version", Value(op.version)},
                        {"phase", Value(PhaseName(op.phase))},
                        {"wave", Value(op.wave)},
                        {"hook", Value(op.hook)},
                        {"changes", Value::Array(std::move(changes))},
                        {"uid", Value(op.uid)}});
}

Result<Operation> OperationFromValue(const Value& v) {
  Operation op;
  op.type = TRY(ParseOperationType(v["type"].as_string()));
  op.id = ObjectIdFromValue(v["id"]);
  op.version = v["version"].str();
  op.phase = TRY(ParsePhase(v["phase"].as_string()));
  op.wave = static_cast<int>(v["wave"].as_int());
  op.hook = v["hook"].as_bool();
  op.uid = v["uid"].str();
  for (const Value& c : v["changes"].items()) {
    FieldChange change{c["path"].str(), TRY(ParseChangeCause(c["cause"].as_string())),
                       c["before"].str(), c["after"].str()};
    if (!c["values"].is_null()) change.values = TRY(Digest::Parse(c["values"].as_string()));
    op.changes.push_back(std::move(change));
  }
  return op;
}

}  // namespace

int OperationSet::Count(OperationType type) const {
  return static_cast<int>(std::ranges::count(operations, type, &Operation::type));
}

bool ClusterPlan::HasChanges() const {
  return operations && std::ranges::any_of(operations->operations, [](const Operation& op) {
           return op.type != OperationType::kNone;
         });
}

bool Plan::HasChanges() const { return std::ranges::any_of(clusters, &ClusterPlan::HasChanges); }

Digest OperationSetDigest(const std::vector<Operation>& operations) {
  Hasher hasher;
  for (const Operation& op : operations) hasher.Add(json::Write(OperationToValue(op)));
  return hasher.Finish();
}

Digest PlanDigest(const Plan& plan, const Digest& setting) {
  Hasher hasher;
  hasher.Add("swell plan 2").Add(PlanKindName(plan.kind)).Add(plan.application);
  hasher.Add(plan.application_generation).Add(plan.revision.repository).Add(plan.revision.commit);
  hasher.Add(setting);
  for (const ClusterPlan& c : plan.clusters) {
    hasher.Add(c.cluster).Add(c.manifest).Add(c.error.empty() ? "" : "not readable");
    hasher.Add(c.operations ? c.operations->digest : Digest());
  }
  return hasher.Finish();
}

std::string SerializePlan(const Plan& plan) {
  std::vector<Member> sets;
  std::vector<Value> clusters;
  for (const ClusterPlan& c : plan.clusters) {
    std::string set;
    if (c.operations) {
      set = c.operations->digest.Hex();
      const bool known =
          std::ranges::any_of(sets, [&](const Member& m) { return m.name() == set; });
      if (!known) {
        std::vector<Value> operations;
        for (const Operation& op : c.operations->operations) {
          operations.push_back(OperationToValue(op));
        }
        sets.emplace_back(set, Value::Array(std::move(operations)));
      }
    }
    clusters.push_back(Value::Object({{"cluster", Value(c.cluster)},
                                      {"manifest", Value(c.manifest.Hex())},
                                      {"operations", Value(set)},
                                      {"error", Value(c.error)}}));
  }
  return json::Write(Value::Object({{"kind", Value(PlanKindName(plan.kind))},
                                    {"application", Value(plan.application)},
                                    {"generation", Value(plan.application_generation)},
                                    {"revision", ToValue(plan.revision)},
                                    {"digest", Value(plan.digest.Hex())},
                                    {"operationSets", Value::Object(std::move(sets))},
                                    {"clusters", Value::Array(std::move(clusters))}}));
}

Result<Plan> ParsePlan(std::string_view text) {
  const Value v = TRY_WRAP(json::Parse(text), "read a recorded plan");
  Plan plan;
  plan.kind = TRY(ParsePlanKind(v["kind"].as_string()));
  plan.application = v["application"].str();
  plan.application_generation = v["generation"].as_int();
  plan.revision = TRY(RevisionFromValue(v["revision"]));
  plan.digest = TRY(Digest::Parse(v["digest"].as_string()));
  std::map<std::string, std::shared_ptr<const OperationSet>, std::less<>> sets;
  for (const Member& m : v["operationSets"].members()) {
    auto set = std::make_shared<OperationSet>();
    for (const Value& op : m.value.items()) {
      set->operations.push_back(TRY(OperationFromValue(op)));
    }
    set->digest = OperationSetDigest(set->operations);
    if (set->digest.Hex() != m.name()) {
      return Fail(
          Error(ErrorCode::kDataLoss, "recorded plan " + plan.digest.Short() +
                                          " holds operations that do not match their digest"));
    }
    sets.emplace(m.name(), std::move(set));
  }
  for (const Value& c : v["clusters"].items()) {
    ClusterPlan cluster;
    cluster.cluster = c["cluster"].str();
    cluster.manifest = TRY(Digest::Parse(c["manifest"].as_string()));
    cluster.error = c["error"].str();
    const auto set = sets.find(c["operations"].as_string());
    if (set != sets.end()) cluster.operations = set->second;
    plan.clusters.push_back(std::move(cluster));
  }
  return plan;
}

}  // namespace swell
