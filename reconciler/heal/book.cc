#include "reconciler/heal/book.h"

#include <algorithm>
#include <utility>

namespace swell::heal {
namespace {

// That something is still so is worth a write only now and then.
constexpr Duration kSeenAgain = std::chrono::minutes(1);
// Drift that comes back so soon after a repair is the same drift.
constexpr Duration kSameDrift = std::chrono::minutes(30);
constexpr int kPage = 500;

Result<std::vector<LedgerRecord>> ReadAll(const Ledger& ledger, RecordKind kind,
                                          const std::string& application) {
  std::vector<LedgerRecord> all;
  RecordQuery query{.kind = kind, .application = application, .limit = kPage};
  for (;;) {
    auto page = TRY(ledger.ListRecords(query));
    if (page.empty()) return all;
    query.after = page.back().key;
    std::ranges::move(page, std::back_inserter(all));
  }
}

std::string Plural(std::size_t n) { return n == 1 ? "1 object" : std::to_string(n) + " objects"; }

}  // namespace

Status Book::Load(const Ledger& ledger) {
  for (const LedgerRecord& r : TRY(ReadAll(ledger, RecordKind::kDrift, application_))) {
    records_.insert_or_assign(r.key, TRY(FromLedger(r)));
  }
  for (const LedgerRecord& r : TRY(ReadAll(ledger, RecordKind::kTolerance, application_))) {
    tolerances_.insert_or_assign(r.key, TRY(FromLedgerTolerance(r)));
  }
  return {};
}

const Record* Book::Find(const std::string& cluster, const ObjectId& id) const {
  const auto found = records_.find(KeyOf(cluster, id));
  return found == records_.end() ? nullptr : &found->second;
}

Record* Book::Mutable(const std::string& cluster, const ObjectId& id) {
  const auto found = records_.find(KeyOf(cluster, id));
  return found == records_.end() ? nullptr : &found->second;
}

void Book::Change(Record& record, Fate fate, Timestamp now) {
  if (record.fate != fate) record.fate_at = now;
  record.fate = fate;
  unwritten_records_.insert(KeyOf(record.cluster, record.id));
}

void Book::Note(const Look& look, Timestamp now) {
  std::set<std::string> found;
  for (const Finding& finding : *look.findings) {
    found.insert(KeyOf(look.cluster, finding.id));
    NoteOne(look.cluster, finding, now);
  }
  for (auto& [key, record] : records_) {
    if (record.cluster != look.cluster || !IsOpen(record.fate) || found.contains(key)) continue;
    // What is left alone is not read again as long as it stays as it is.
    const bool left = record.fate == Fate::kTolerated || record.fate == Fate::kStopped;
    if (left && !look.was_read(record.id)) continue;
    Change(record, Fate::kGone, now);
  }
}

void Book::NoteOne(const std::string& cluster, const Finding& finding, Timestamp now) {
  const std::string key = KeyOf(cluster, finding.id);
  const auto [at, added] = records_.try_emplace(key);
  Record& record = at->second;
  const Record before = record;
  if (added) {
    record.cluster = cluster;
    record.id = finding.id;
  }
  const bool back_again = !IsOpen(record.fate) && now - record.fate_at > kSameDrift;
  if (added || back_again) record.first_seen = now;
  record.fields = finding.fields;
  if (now - record.last_seen >= kSeenAgain || record.fields != before.fields) {
    record.last_seen = now;
  }
  Fate fate = IsOpen(record.fate) && !added ? record.fate : Fate::kFound;
  if (finding.IsLeftAlone()) {
    fate = record.stops.empty() ? Fate::kTolerated : Fate::kStopped;
    record.why = record.fields.empty() ? "" : record.fields.front().note;
  } else if (fate == Fate::kTolerated || fate == Fate::kStopped) {
    fate = Fate::kFound;
  }
  if (record.fate != fate || added) record.fate_at = now;
  record.fate = fate;
  if (added || record != before) unwritten_records_.insert(key);
}

Decision Book::Judge(const std::string& cluster, const ObjectId& id, Timestamp now,
                     const Policy& policy) {
  Record* record = Mutable(cluster, id);
  if (record == nullptr) return {};
  Decision decision = Decide(*record, record->fields, now, policy);
  if (!decision.stops.empty()) {
    std::ranges::copy(decision.stops, std::back_inserter(record->stops));
    ++rules_version_;
    Change(*record, record->fate, now);
  }
  if (decision.verdict == Decision::Verdict::kNothing) {
    Change(*record, Fate::kStopped, now);
  } else if (decision.verdict == Decision::Verdict::kWait) {
    record->until = decision.until;
    Change(*record, Fate::kWaiting, now);
  }
  return decision;
}

void Book::BeginRepair(const std::string& cluster, const ObjectId& id, const std::string& rollout,
                       Timestamp now, As as) {
  Record* record = Mutable(cluster, id);
  if (record == nullptr) return;
  record->rollout = rollout;
  record->why.clear();
  Change(*record, Fate::kRepairing, now);
  if (as == As::kSync) return;
  Repair repair{.at = now, .fields = {}};
  for (const Field& field : record->fields) {
    if (!field.left_alone) repair.fields.push_back({field.path, field.manager});
  }
  record->repairs.push_back(std::move(repair));
  if (record->repairs.size() > kMaxRepairs) record->repairs.erase(record->repairs.begin());
}

void Book::LeaveAlone(const std::string& cluster, const ObjectId& id, const std::string& why,
                      Timestamp now) {
  Record* record = Mutable(cluster, id);
  if (record == nullptr || (record->fate == Fate::kLeft && record->why == why)) return;
  record->why = why;
  Change(*record, Fate::kLeft, now);
}

void Book::Settle(const RolloutState& rollout, Timestamp now) {
  for (auto& [key, record] : records_) {
    if (record.fate != Fate::kRepairing || record.rollout != rollout.id) continue;
    const auto cluster = rollout.clusters.find(record.cluster);
    const bool well =
        cluster != rollout.clusters.end() && cluster->second.phase == ClusterPhase::kHealthy;
    if (!well) {
      record.why = cluster != rollout.clusters.end() && !cluster->second.error.empty()
                       ? cluster->second.error
                       : rollout.message;
    }
    Change(record, well ? Fate::kRepaired : Fate::kFailed, now);
  }
}

bool Book::Forgive(const std::string& key) {
  const auto found = records_.find(key);
  if (found == records_.end()) return false;
  Record& record = found->second;
  if (record.repairs.empty() && record.stops.empty()) return false;
  const bool stopped = !record.stops.empty();
  record.repairs.clear();
  record.stops.clear();
  if (stopped) ++rules_version_;
  unwritten_records_.insert(key);
  return stopped;
}

bool Book::ForgiveAll() {
  bool stopped = false;
  for (const auto& [key, record] : records_) stopped = Forgive(key) || stopped;
  return stopped;
}

std::string Book::Trouble() const {
  std::string stopped, waits;
  std::size_t all_stopped = 0, all_waiting = 0;
  for (const auto& [key, record] : records_) {
    if (!IsOpen(record.fate)) continue;
    if (!record.stops.empty()) {
      if (++all_stopped == 1) stopped = Describe(application_, record, record.stops.back());
    } else if (record.fate == Fate::kWaiting) {
      if (++all_waiting == 1) waits = DescribeWait(record);
    }
  }
  if (all_stopped > 1) stopped += " (and " + Plural(all_stopped - 1) + " more: `swell drift`)";
  if (all_stopped > 0) return stopped;
  if (all_waiting > 1) waits += " (and " + Plural(all_waiting - 1) + " more: `swell drift`)";
  return waits;
}

Status Book::Tolerate(Tolerance tolerance) {
  std::string key = KeyOf(tolerance);
  if (!tolerances_.contains(key) && tolerances_.size() >= kMaxTolerances) {
    return Fail(ResourceExhausted(application_ + " has " + std::to_string(kMaxTolerances) +
                                  " tolerations already: end some with `swell untolerate`, or "
                                  "declare ignoreDifferences"));
  }
  unwritten_tolerances_.insert(key);
  tolerances_.insert_or_assign(std::move(key), std::move(tolerance));
  ++rules_version_;
  return {};
}

bool Book::EndTolerance(const std::string& key) {
  if (tolerances_.erase(key) == 0) return false;
  unwritten_tolerances_.insert(key);
  ++rules_version_;
  return true;
}

std::vector<Tolerance> Book::Expired(Timestamp now) const {
  std::vector<Tolerance> out;
  for (const auto& [key, tolerance] : tolerances_) {
    if (tolerance.until <= now) out.push_back(tolerance);
  }
  return out;
}

std::vector<IgnoreDifference> Book::Rules(Stops stops) const {
  std::vector<IgnoreDifference> out;
  for (const auto& [key, tolerance] : tolerances_) out.push_back(RuleOf(tolerance));
  if (stops == Stops::kForgiven) return out;
  for (const auto& [key, record] : records_) {
    if (!record.stops.empty()) std::ranges::move(RulesOf(record), std::back_inserter(out));
  }
  return out;
}

void Book::Prune() {
  if (records_.size() <= kMaxRecords) return;
  // What is over goes first, then what was not seen for longest. What is stopped stays: its going
  // would start the loop anew.
  std::vector<std::pair<std::pair<int, Timestamp>, std::string>> order;
  for (const auto& [key, record] : records_) {
    const int worth = !record.stops.empty() ? 2 : IsOpen(record.fate) ? 1 : 0;
    order.push_back({{worth, record.last_seen}, key});
  }
  std::ranges::sort(order);
  order.resize(records_.size() - kMaxRecords);
  for (const auto& [rank, key] : order) {
    if (rank.first == 2) ++rules_version_;
    records_.erase(key);
    unwritten_records_.insert(key);
  }
}

std::vector<Mutation> Book::Unwritten() {
  Prune();
  std::vector<Mutation> out;
  for (const std::string& key : unwritten_records_) {
    const auto record = records_.find(key);
    if (record != records_.end()) {
      out.push_back(PutRecord{ToLedger(application_, record->second)});
    } else {
      out.push_back(DeleteRecord{RecordKind::kDrift, application_, key});
    }
  }
  for (const std::string& key : unwritten_tolerances_) {
    const auto tolerance = tolerances_.find(key);
    if (tolerance != tolerances_.end()) {
      out.push_back(PutRecord{ToLedger(application_, tolerance->second)});
    } else {
      out.push_back(DeleteRecord{RecordKind::kTolerance, application_, key});
    }
  }
  return out;
}

void Book::Written() {
  unwritten_records_.clear();
  unwritten_tolerances_.clear();
}

std::vector<Mutation> Book::Removal() const {
  std::vector<Mutation> out;
  for (const auto& [key, record] : records_) {
    out.push_back(DeleteRecord{RecordKind::kDrift, application_, key});
  }
  for (const auto& [key, tolerance] : tolerances_) {
    out.push_back(DeleteRecord{RecordKind::kTolerance, application_, key});
  }
  return out;
}

}  // namespace swell::heal
