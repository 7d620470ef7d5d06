#include "server/control/kept.h"

#include <algorithm>
#include <utility>

namespace swell::control {
namespace {

constexpr int kPage = 200;
// Before anything was ever kept.
constexpr Timestamp kEver{Duration(1'735'689'600'000)};  // 2025-01-01
constexpr Duration kSweepStep{10'000'000'000};           // 115 days: ten digits of the key
constexpr std::size_t kSweepDigits = 5;                  // the others

constexpr std::size_t kIndexes = 1'000'000;  // six digits of the key

std::string WhyDeleted(const RolloutState& rollout) {
  if (rollout.phase == RolloutPhase::kRollingBack) return "brought by a rollout that failed";
  return rollout.kind == PlanKind::kDelete ? "its application was deleted" : "no longer declared";
}

template <class Visit>
Status ForEachRecord(const Ledger& ledger, const std::string& application, const Visit& visit) {
  RecordQuery query{.kind = RecordKind::kDeleted, .application = application, .limit = kPage};
  for (;;) {
    const auto page = TRY(ledger.ListRecords(query));
    if (page.empty()) return {};
    for (const LedgerRecord& record : page) TRY(visit(record));
    query.after = page.back().key;
  }
}

}  // namespace

Result<std::vector<std::string>*> Keeper::KeysOf(const std::string& application) {
  const auto known = keys_.find(application);
  if (known != keys_.end()) return &known->second;
  std::vector<std::string> keys;
  TRY(ForEachRecord(ledger_, application, [&](const LedgerRecord& record) -> Status {
    keys.push_back(record.key);
    return {};
  }));
  return &(keys_[application] = std::move(keys));
}

Result<Keeping> Keeper::Keep(const RolloutState& rollout,
                             const std::map<std::string, PlannedCluster>& clusters, Timestamp now) {
  Keeping out;
  std::vector<LedgerRecord> records;
  std::size_t bytes = 0;
  for (const auto& [name, cluster] : clusters) {
    if (!cluster.plan.operations || !rollout.clusters.contains(name)) continue;
    for (const Operation& operation : cluster.plan.operations->operations) {
      if (operation.type != OperationType::kDelete || operation.hook) continue;
      const auto live = cluster.live.find(operation.id);
      if (live == cluster.live.end() || !live->second) continue;
      heal::Restored form = heal::Restorable(*live->second);
      LedgerRecord record = heal::ToLedger(rollout.application,
                                           {.cluster = name,
                                            .id = operation.id,
                                            .version = operation.version,
                                            .rollout = rollout.id,
                                            .number = rollout.number,
                                            .at = now,
                                            .actor = rollout.actor,
                                            .why = WhyDeleted(rollout),
                                            .object = std::move(form.object),
                                            .notes = std::move(form.notes)},
                                           next_index_++ % kIndexes);
      if (records.size() >= heal::kMaxKept || bytes + record.content.size() > kMaxKeptBytes) {
        ++out.left_out;
        continue;
      }
      bytes += record.content.size();
      records.push_back(std::move(record));
    }
  }
  if (records.empty()) return out;
  std::vector<std::string>& keys = *TRY(KeysOf(rollout.application));
  for (LedgerRecord& record : records) {
    keys.push_back(record.key);
    out.mutations.push_back(PutRecord{std::move(record)});
  }
  out.kept = records.size();
  const std::string oldest = heal::KeptKeyAt(now - heal::kKeepFor);
  std::size_t gone = keys.size() > heal::kMaxKept ? keys.size() - heal::kMaxKept : 0;
  while (gone < keys.size() && keys[gone] < oldest) ++gone;
  for (std::size_t i = 0; i < gone; ++i) {
    out.mutations.push_back(DeleteRecord{RecordKind::kDeleted, rollout.application, keys[i]});
  }
  keys.erase(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(gone));
  return out;
}

Result<std::vector<std::pair<std::string, heal::KeptObject>>> ListKept(
    const Ledger& ledger, const std::string& application) {
  std::vector<std::pair<std::string, heal::KeptObject>> out;
  TRY(ForEachRecord(ledger, application, [&](const LedgerRecord& record) -> Status {
    out.emplace_back(record.key, TRY(heal::FromLedgerKept(record)));
    return {};
  }));
  return out;
}

Result<std::vector<Mutation>> SweepKept(const Ledger& ledger, Timestamp now) {
  const Timestamp cutoff = now - heal::kKeepFor;
  const std::string oldest = heal::KeptKeyAt(cutoff);
  std::vector<Mutation> out;
  for (Timestamp from = kEver; from < cutoff + kSweepStep; from += kSweepStep) {
    const auto records =
        TRY(ledger.ListRecords({.kind = RecordKind::kDeleted,
                                .application = {},
                                .prefix = heal::KeptKeyAt(from).substr(0, kSweepDigits)}));
    for (const LedgerRecord& record : records) {
      if (record.key >= oldest) continue;
      out.push_back(DeleteRecord{RecordKind::kDeleted, record.application, record.key});
    }
  }
  return out;
}

}  // namespace swell::control
