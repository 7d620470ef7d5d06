#include "server/control/plan_records.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/core/strings.h"
#include "reconciler/fleet/partition.h"
#include "server/control/plans.h"

namespace swell::control {
namespace {

constexpr int kMostApprovals = 1000;
constexpr std::string_view kHexDigits = "0123456789abcdef";

// The oldest of those beyond what is kept, but none that somebody approved.
Result<std::vector<Mutation>> DropOldPlans(const Ledger& ledger, const std::string& application) {
  auto records = TRY(ledger.ListRecords({.kind = RecordKind::kPlan,
                                         .application = application,
                                         .prefix = "",
                                         .after = "",
                                         .limit = static_cast<int>(kMaxRecordedPlans) * 2}));
  std::vector<Mutation> out;
  if (records.size() < kMaxRecordedPlans) return out;
  std::ranges::stable_sort(records, {}, &LedgerRecord::at);
  records.resize(records.size() + 1 - kMaxRecordedPlans);
  for (const LedgerRecord& record : records) {
    const auto approved = TRY(ledger.ListRecords({.kind = RecordKind::kApproval,
                                                  .application = application,
                                                  .prefix = record.key + "/",
                                                  .after = "",
                                                  .limit = 1}));
    if (approved.empty()) out.push_back(DeleteRecord{RecordKind::kPlan, application, record.key});
  }
  return out;
}

}  // namespace

std::vector<WaveProgress> WavesOf(const StrategySpec& strategy,
                                  const std::vector<Cluster>& clusters, const Plan& plan) {
  std::vector<Cluster> members;
  for (const Cluster& cluster : clusters) {
    const auto mine =
        std::ranges::lower_bound(plan.clusters, cluster.name, {}, &ClusterPlan::cluster);
    if (mine == plan.clusters.end() || mine->cluster != cluster.name) continue;
    if (plan.kind == PlanKind::kHeal && !mine->HasChanges()) continue;
    members.push_back(cluster);
  }
  auto waves = fleet::Partition(strategy, members);
  if (plan.kind == PlanKind::kSync) return waves;
  for (WaveProgress& wave : waves) {
    wave.approvals.clear();
    wave.gates.clear();
  }
  return waves;
}

bool IsSensitive(const Manifest& manifest) {
  if (manifest.nondeterministic || !manifest.lookups.empty()) return true;
  return std::ranges::any_of(manifest.objects,
                             [](const Object& object) { return IsSecret(object.value); });
}

std::vector<std::string> WarningsOf(const Planned& planned) {
  std::map<std::string, std::set<std::string>> warned;
  for (const auto& [name, cluster] : planned.clusters) {
    for (const std::string& warning : cluster.warnings) warned[warning].insert(name);
  }
  std::vector<std::string> out = planned.warnings;
  for (const auto& [warning, clusters] : warned) {
    const std::size_t more = clusters.size() - 1;
    out.push_back(*clusters.begin() + (more == 0 ? "" : " and " + std::to_string(more) + " more") +
                  ": " + warning);
  }
  return out;
}

plan::PlanRecord RecordOf(const Planned& planned, const std::vector<WaveProgress>& waves) {
  std::map<std::string, plan::ClusterObjects> objects;
  for (const auto& [name, cluster] : planned.clusters) {
    objects.emplace(name, plan::ClusterObjects{cluster.desired.get(), &cluster.live});
  }
  plan::PlanRecord out;
  out.plan = planned.plan.digest;
  out.application = planned.plan.application;
  out.kind = planned.plan.kind;
  out.revision = planned.plan.revision;
  out.generation = planned.plan.application_generation;
  out.radius = plan::MeasureBlastRadius(planned.plan, waves, objects);
  out.warnings = WarningsOf(planned);
  return out;
}

Result<std::vector<Mutation>> PutPlan(const Ledger& ledger, const Plan& plan,
                                      const plan::PlanRecord& record) {
  std::vector<Mutation> out;
  out.push_back(PutBlob{BlobKind::kPlan, plan.digest, SerializePlan(plan), true});
  const LedgerRecord kept = plan::ToLedger(record);
  const auto known = TRY(ledger.ListRecords({.kind = RecordKind::kPlan,
                                             .application = record.application,
                                             .prefix = kept.key,
                                             .after = "",
                                             .limit = 1}));
  if (!known.empty()) return out;
  std::ranges::move(TRY(DropOldPlans(ledger, record.application)), std::back_inserter(out));
  out.push_back(PutRecord{kept});
  return out;
}

std::vector<Mutation> PutManifests(const Planned& planned, const std::vector<WaveProgress>& waves) {
  std::vector<Mutation> out;
  std::set<Digest> put;
  for (const WaveProgress& wave : waves) {
    for (const std::string& name : wave.clusters) {
      const PlannedCluster& cluster = planned.clusters.at(name);
      // One that was rendered and could not be read then has no manifest in the plan.
      if (!cluster.manifest || !cluster.plan.error.empty()) continue;
      if (!put.insert(cluster.plan.manifest).second) continue;
      out.push_back(PutBlob{BlobKind::kManifest, cluster.plan.manifest,
                            SerializeManifest(*cluster.manifest), IsSensitive(*cluster.manifest)});
    }
  }
  return out;
}

Result<std::vector<gate::Approval>> ApprovalsOf(const Ledger& ledger,
                                                const std::string& application,
                                                const Digest& plan) {
  std::vector<gate::Approval> out;
  for (const LedgerRecord& record : TRY(ledger.ListRecords({.kind = RecordKind::kApproval,
                                                            .application = application,
                                                            .prefix = gate::ApprovalPrefix(plan),
                                                            .after = "",
                                                            .limit = kMostApprovals}))) {
    out.push_back(TRY(gate::ApprovalFromRecord(record)));
  }
  std::ranges::stable_sort(out, {}, &gate::Approval::at);
  return out;
}

Result<plan::PlanRecord> FindPlan(const Ledger& ledger, const std::string& application,
                                  const std::string& digits) {
  std::string prefix = ToLower(digits);
  if (prefix.starts_with("sha256:")) prefix.erase(0, 7);
  if (prefix.size() < kMinPlanDigits || prefix.size() > 2 * Digest::kBytes ||
      prefix.find_first_not_of(kHexDigits) != std::string::npos) {
    return Fail(InvalidArgument("plan " + Quote(digits) + ": give the digest of a plan, or at " +
                                "least its first " + std::to_string(kMinPlanDigits) +
                                " hex digits"));
  }
  RecordQuery query{
      .kind = RecordKind::kPlan, .application = {}, .prefix = prefix, .after = "", .limit = 3};
  if (!application.empty()) query.application = application;
  const auto found = TRY(ledger.ListRecords(query));
  if (found.size() == 1) return plan::PlanRecordFromLedger(found.front());
  const std::string of = application.empty() ? "" : " of " + application;
  if (found.empty()) {
    return Fail(NotFound("there is no plan " + prefix.substr(0, 12) + of +
                         ": look with `swell plan list " +
                         (application.empty() ? "APP" : application) + "`"));
  }
  std::string names;
  for (const LedgerRecord& record : found) {
    names += (names.empty() ? "" : ", ") + record.key.substr(0, prefix.size() + 6) + " (" +
             record.application + ")";
  }
  return Fail(FailedPrecondition("several plans" + of + " begin with " + prefix + ": " + names +
                                 ": give more digits"));
}

}  // namespace swell::control
