#include "reconciler/report/report.h"

#include <algorithm>
#include <set>

#include "base/value/json.h"

namespace swell::report {
namespace {

constexpr double kDay = 24 * 60 * 60 * 1000.0;

// Everything that is counted, of one application or of several.
struct Tally {
  Delivery counts;
  std::vector<Duration> lead;
  std::vector<std::pair<std::string, std::vector<Duration>>> waves;  // by name
  std::vector<Duration> restore;
  std::vector<Duration> repair;

  std::vector<Duration>& Wave(const std::string& name) {
    for (auto& [known, lengths] : waves) {
      if (known == name) return lengths;
    }
    return waves.emplace_back(name, std::vector<Duration>()).second;
  }

  void Add(const Tally& other) {
    const Delivery& from = other.counts;
    counts.rollouts += from.rollouts;
    counts.succeeded += from.succeeded;
    counts.failed += from.failed;
    counts.cancelled += from.cancelled;
    counts.rolled_back_by_hand += from.rolled_back_by_hand;
    counts.unknown_commit_times += from.unknown_commit_times;
    counts.unrestored += from.unrestored;
    counts.drifts += from.drifts;
    counts.unrepaired += from.unrepaired;
    counts.heals += from.heals;
    const auto append = [](std::vector<Duration>& to, const std::vector<Duration>& more) {
      to.insert(to.end(), more.begin(), more.end());
    };
    append(lead, other.lead);
    append(restore, other.restore);
    append(repair, other.repair);
    for (const auto& [name, lengths] : other.waves) append(Wave(name), lengths);
  }

  Delivery Finish(const Window& window) const {
    Delivery out = counts;
    const double days = window.Days();
    if (days > 0) {
      out.deployments_per_day = out.succeeded / days;
      out.drifts_per_day = out.drifts / days;
    }
    if (out.rollouts > 0) {
      out.success_rate = static_cast<double>(out.succeeded) / out.rollouts;
      out.change_failure_rate =
          static_cast<double>(out.failed + out.rolled_back_by_hand) / out.rollouts;
    }
    out.lead_time = SpreadOf(lead);
    for (const auto& [name, lengths] : waves) out.lead_times.push_back({name, SpreadOf(lengths)});
    out.restore = SpreadOf(restore);
    out.repair = SpreadOf(repair);
    return out;
  }
};

// Clocks of committers go ahead at times; nothing takes less than no time.
Duration Between(Timestamp from, Timestamp to) { return std::max(Duration{0}, to - from); }

class Counter {
 public:
  Counter(const Window& window, const Rows& rows) : window_(window) {
    for (const RolloutState& rollout : rows.rollouts) {
      if (rollout.created_at < window.until) rollouts_.push_back(&rollout);
    }
    std::ranges::sort(rollouts_, {}, &RolloutState::number);
    FindRolledBack();
    for (std::size_t i = 0; i < rollouts_.size(); ++i) Count(i);
    for (const LedgerRecord& record : rows.drifts) CountDrift(record);
  }

  Tally Take() { return std::move(out_); }

 private:
  // What ends later has not ended yet.
  bool Ended(const RolloutState& rollout) const {
    return IsTerminal(rollout.phase) && rollout.finished_at < window_.until;
  }
  bool Succeeded(const RolloutState& rollout) const {
    return Ended(rollout) && rollout.phase == RolloutPhase::kSucceeded;
  }
  static bool Failed(const RolloutState& rollout) {
    return rollout.phase == RolloutPhase::kFailed || rollout.phase == RolloutPhase::kRolledBack;
  }

  // A rollback by hand condemns the newest rollout before it, unless that had failed by itself.
  void FindRolledBack() {
    for (std::size_t i = 0; i < rollouts_.size(); ++i) {
      if (rollouts_[i]->kind != PlanKind::kRollback) continue;
      for (std::size_t j = i; j-- > 0;) {
        const RolloutState& before = *rollouts_[j];
        if (before.number <= rollouts_[i]->rollback_to) break;
        if (before.kind != PlanKind::kSync) continue;
        if (!Failed(before)) {
          rolled_back_.insert(before.number);
          condemned_by_.insert(rollouts_[i]->number);
        }
        break;
      }
    }
  }

  void Count(std::size_t i) {
    const RolloutState& rollout = *rollouts_[i];
    if (condemned_by_.contains(rollout.number)) CountRestore(i, rollout.created_at);
    if (!Ended(rollout)) return;
    if (rollout.kind == PlanKind::kSync && Failed(rollout)) CountRestore(i, FailedAt(rollout));
    const bool counts = window_.Contains(rollout.finished_at);
    if (counts && rollout.kind == PlanKind::kHeal) ++out_.counts.heals;
    if (rollout.kind != PlanKind::kSync) return;
    if (counts) CountSync(rollout);
    if (rollout.phase == RolloutPhase::kSucceeded) known_.insert(rollout.revision.commit);
  }

  void CountSync(const RolloutState& rollout) {
    ++out_.counts.rollouts;
    if (Failed(rollout)) ++out_.counts.failed;
    if (rollout.phase == RolloutPhase::kCancelled) ++out_.counts.cancelled;
    if (rolled_back_.contains(rollout.number)) ++out_.counts.rolled_back_by_hand;
    if (rollout.phase != RolloutPhase::kSucceeded) return;
    ++out_.counts.succeeded;
    // A change of the spec brings the same commit again, however old.
    if (known_.contains(rollout.revision.commit)) return;
    const Timestamp committed = rollout.revision.time;
    if (committed == Timestamp{}) {
      ++out_.counts.unknown_commit_times;
      return;
    }
    Timestamp last{};
    for (const WaveProgress& wave : rollout.waves) {
      if (wave.clusters.empty() || wave.healthy_at == Timestamp{}) continue;
      out_.Wave(wave.name).push_back(Between(committed, wave.healthy_at));
      last = std::max(last, wave.healthy_at);
    }
    if (last != Timestamp{}) out_.lead.push_back(Between(committed, last));
  }

  static Timestamp FailedAt(const RolloutState& rollout) {
    for (const WaveProgress& wave : rollout.waves) {
      if (wave.phase == WavePhase::kFailed && wave.finished_at != Timestamp{}) {
        return wave.finished_at;
      }
    }
    return rollout.finished_at;
  }

  // Rollout i failed, or is the rollback of one that was found to be bad.
  void CountRestore(std::size_t i, Timestamp failed_at) {
    if (!window_.Contains(failed_at)) return;
    if (Ended(*rollouts_[i]) && rollouts_[i]->phase == RolloutPhase::kRolledBack) {
      out_.restore.push_back(Between(failed_at, rollouts_[i]->finished_at));
      return;
    }
    for (std::size_t j = i; j < rollouts_.size(); ++j) {
      if (!Succeeded(*rollouts_[j]) || rollouts_[j]->kind == PlanKind::kDelete) continue;
      out_.restore.push_back(Between(failed_at, rollouts_[j]->finished_at));
      return;
    }
    ++out_.counts.unrestored;
  }

  // A record is of one object in one cluster: when it was first seen, and what became of it when.
  // What says nothing of that was seen at the record's time and is there still.
  void CountDrift(const LedgerRecord& record) {
    const auto content = json::Parse(record.content);
    const auto time = [&](const char* field) {
      const auto at =
          content ? ParseTimestamp((*content)[field].as_string()) : Result<Timestamp>(Timestamp{});
      return at.value_or(Timestamp{});
    };
    const Timestamp first = time("firstSeen");
    const Timestamp seen = first == Timestamp{} ? record.at : first;
    if (record.kind != RecordKind::kDrift || !window_.Contains(seen)) return;
    ++out_.counts.drifts;
    const std::string fate = content ? (*content)["fate"].str() : "";
    const Timestamp ended = time("fateAt");
    const bool over = (fate == "repaired" || fate == "gone") && ended != Timestamp{};
    if (over && ended < window_.until) {
      out_.repair.push_back(Between(seen, ended));
    } else {
      ++out_.counts.unrepaired;
    }
  }

  const Window window_;
  std::vector<const RolloutState*> rollouts_;  // oldest first
  std::set<std::int64_t> rolled_back_;         // by hand
  std::set<std::int64_t> condemned_by_;        // rollbacks by hand that condemned something
  std::set<std::string> known_;                // commits that were deployed
  Tally out_;
};

}  // namespace

double Window::Days() const { return static_cast<double>((until - since).count()) / kDay; }

Spread SpreadOf(std::vector<Duration> lengths) {
  Spread out;
  out.count = static_cast<int>(lengths.size());
  if (lengths.empty()) return out;
  std::ranges::sort(lengths);
  const auto rank = [&](std::size_t percent) {
    return lengths[(percent * lengths.size() + 99) / 100 - 1];
  };
  out.p50 = rank(50);
  out.p90 = rank(90);
  out.longest = lengths.back();
  return out;
}

Report MakeReport(const Window& window, const std::vector<Rows>& rows) {
  Report out{window, {}, {}};
  Tally total;
  for (const Rows& mine : rows) {
    const Tally tally = Counter(window, mine).Take();
    total.Add(tally);
    out.applications.push_back({mine.application, tally.Finish(window)});
  }
  out.total = total.Finish(window);
  return out;
}

}  // namespace swell::report
