#include "reconciler/report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconciler/domain/ledger.h"

namespace swell::report {
namespace {

using namespace std::chrono_literals;

const Timestamp kStart = *ParseTimestamp("2026-03-01T00:00:00Z");
const Window kWindow = {kStart, kStart + 240h};  // ten days

// Hours after the window's begin.
Timestamp At(int hours) { return kStart + std::chrono::hours(hours); }

RolloutState Rollout(std::int64_t number, RolloutPhase phase, int created, int finished,
                     PlanKind kind = PlanKind::kSync) {
  RolloutState state;
  state.application = "web";
  state.number = number;
  state.id = "web-" + std::to_string(number);
  state.kind = kind;
  state.phase = phase;
  state.created_at = At(created);
  if (IsTerminal(phase)) state.finished_at = At(finished);
  state.revision.commit = "commit" + std::to_string(number);
  state.revision.time = At(created - 1);
  WaveProgress canary{.name = "canary", .clusters = {"c1"}, .phase = WavePhase::kDone};
  canary.healthy_at = At(created) + 10min;
  WaveProgress rest{.name = "rest", .clusters = {"c2"}, .phase = WavePhase::kDone};
  rest.healthy_at = At(finished);
  state.waves = {canary, rest};
  return state;
}

RolloutState Rollback(std::int64_t number, std::int64_t to, RolloutPhase phase, int created,
                      int finished) {
  RolloutState state = Rollout(number, phase, created, finished, PlanKind::kRollback);
  state.rollback_to = to;
  return state;
}

// Through a ledger, as the server has them: newest first.
Delivery Of(const std::vector<RolloutState>& rollouts,
            const std::vector<LedgerRecord>& drifts = {}) {
  const auto ledger = MakeMemoryLedger();
  std::vector<Mutation> mutations;
  for (const RolloutState& rollout : rollouts) mutations.push_back(PutRollout{rollout});
  for (const LedgerRecord& record : drifts) mutations.push_back(PutRecord{record});
  EXPECT_TRUE(ledger->Commit(std::move(mutations)));
  Rows rows{"web", *ledger->ListRollouts("web", 0, 1000),
            *ledger->ListRecords({.kind = RecordKind::kDrift})};
  const Report report = MakeReport(kWindow, {rows});
  EXPECT_EQ(report.applications.size(), 1u);
  EXPECT_EQ(report.total.rollouts, report.applications[0].delivery.rollouts);
  EXPECT_EQ(report.total.restore, report.applications[0].delivery.restore);
  EXPECT_EQ(report.total.lead_time, report.applications[0].delivery.lead_time);
  return report.applications[0].delivery;
}

TEST(SpreadTest, TakesTheNearestRank) {
  struct Case {
    std::vector<int> minutes;
    int p50, p90, longest;
  };
  const Case cases[] = {
      {{7}, 7, 7, 7},
      {{9, 1}, 1, 9, 9},
      {{3, 1, 2}, 2, 3, 3},
      {{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 5, 9, 10},
      {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 6, 10, 11},
  };
  for (const Case& c : cases) {
    std::vector<Duration> lengths;
    for (const int m : c.minutes) lengths.push_back(std::chrono::minutes(m));
    const Spread spread = SpreadOf(lengths);
    EXPECT_EQ(spread.count, static_cast<int>(c.minutes.size()));
    EXPECT_EQ(spread.p50, std::chrono::minutes(c.p50)) << c.minutes.size();
    EXPECT_EQ(spread.p90, std::chrono::minutes(c.p90)) << c.minutes.size();
    EXPECT_EQ(spread.longest, std::chrono::minutes(c.longest));
  }
  EXPECT_EQ(SpreadOf({}), Spread{});
}

TEST(ReportTest, OfNothingThereAreNoShares) {
  const Delivery none = Of({});
  EXPECT_EQ(none.rollouts, 0);
  EXPECT_EQ(none.success_rate, std::nullopt);
  EXPECT_EQ(none.change_failure_rate, std::nullopt);
  EXPECT_EQ(none.lead_time.count, 0);
}

TEST(ReportTest, CountsWhatEndedInTheWindow) {
  constexpr auto kOk = RolloutPhase::kSucceeded;
  RolloutState before = Rollout(1, kOk, -48, -47);
  RolloutState across = Rollout(2, kOk, -1, 1);  // began before, ended within
  RolloutState after = Rollout(6, kOk, 239, 241);
  const Delivery d = Of({before, across, Rollout(3, RolloutPhase::kFailed, 10, 11),
                         Rollout(4, RolloutPhase::kCancelled, 12, 13),
                         Rollout(5, RolloutPhase::kProgressing, 14, 14), after,
                         Rollout(7, kOk, 20, 21, PlanKind::kHeal)});
  EXPECT_EQ(d.rollouts, 3);
  EXPECT_EQ(d.succeeded, 1);
  EXPECT_EQ(d.failed, 1);
  EXPECT_EQ(d.cancelled, 1);
  EXPECT_EQ(d.heals, 1);
  EXPECT_DOUBLE_EQ(d.deployments_per_day, 0.1);
  EXPECT_DOUBLE_EQ(*d.success_rate, 1.0 / 3);
  EXPECT_DOUBLE_EQ(*d.change_failure_rate, 1.0 / 3);
}

TEST(ReportTest, LeadTimesAreFromTheCommitByWave) {
  constexpr auto kOk = RolloutPhase::kSucceeded;
  RolloutState again = Rollout(3, kOk, 100, 102);
  again.revision = Rollout(1, kOk, 10, 12).revision;  // the spec changed; the commit is old
  RolloutState unknown = Rollout(4, kOk, 110, 111);
  unknown.revision.time = {};
  RolloutState ahead = Rollout(5, kOk, 120, 121);
  ahead.revision.time = At(130);  // by the committer's clock
  RolloutState empty = Rollout(6, kOk, 140, 141);
  empty.waves.push_back({.name = "nobody", .phase = WavePhase::kDone, .healthy_at = At(141)});
  const Delivery d = Of({Rollout(1, kOk, 10, 12), Rollout(2, RolloutPhase::kFailed, 20, 25), again,
                         unknown, ahead, empty});
  EXPECT_EQ(d.lead_time.count, 3);
  EXPECT_EQ(d.lead_time.p50, 2h);
  EXPECT_EQ(d.lead_time.longest, 3h);
  EXPECT_EQ(d.unknown_commit_times, 1);
  ASSERT_EQ(d.lead_times.size(), 2u) << "waves without clusters have none";
  EXPECT_EQ(d.lead_times[0].wave, "canary");
  EXPECT_EQ(d.lead_times[0].lead_time.p90, 70min);
  EXPECT_EQ(d.lead_times[1].wave, "rest");
  EXPECT_EQ(d.lead_times[1].lead_time.p90, 3h);
}

TEST(ReportTest, FailuresAndTheirEnd) {
  constexpr auto kOk = RolloutPhase::kSucceeded;
  RolloutState undone = Rollout(2, RolloutPhase::kRolledBack, 10, 14);
  undone.waves[1].phase = WavePhase::kFailed;
  undone.waves[1].finished_at = At(13);
  struct Case {
    const char* what;
    std::vector<RolloutState> rollouts;
    int failures;  // failed and rolled back by hand
    std::vector<Duration> restored;
    int unrestored;
  };
  const Case cases[] = {
      {"rolled back by itself: from its failed wave", {Rollout(1, kOk, 1, 2), undone}, 1, {1h}, 0},
      {"failed and left so: until a rollout succeeds",
       {Rollout(1, RolloutPhase::kFailed, 1, 2), Rollout(2, RolloutPhase::kFailed, 3, 4),
        Rollout(3, kOk, 5, 6)},
       2,
       {2h, 4h},
       0},
      {"nothing has made it good", {Rollout(1, RolloutPhase::kFailed, 1, 2)}, 1, {}, 1},
      {"made good after the window only",
       {Rollout(1, RolloutPhase::kFailed, 1, 2), Rollout(2, kOk, 238, 250)},
       1,
       {},
       1},
      {"rolled back by hand: from when somebody asked",
       {Rollout(1, kOk, 1, 2), Rollout(2, kOk, 3, 4), Rollback(3, 1, kOk, 10, 11)},
       1,
       {1h},
       0},
      {"by hand while it ran",
       {Rollout(1, kOk, 1, 2), Rollout(2, RolloutPhase::kCancelled, 3, 4),
        Rollback(3, 1, kOk, 4, 6)},
       1,
       {2h},
       0},
      {"by hand after it had failed: one failure",
       {Rollout(1, kOk, 1, 2), Rollout(2, RolloutPhase::kFailed, 3, 4), Rollback(3, 1, kOk, 5, 6)},
       1,
       {2h},
       0},
      {"two back: the newest alone was found bad",
       {Rollout(1, kOk, 1, 2), Rollout(2, kOk, 3, 4), Rollout(3, kOk, 5, 6),
        Rollback(4, 1, kOk, 7, 8)},
       1,
       {1h},
       0},
      {"to what is there already", {Rollout(1, kOk, 1, 2), Rollback(2, 1, kOk, 7, 8)}, 0, {}, 0},
      {"a rollback that failed: until the next success",
       {Rollout(1, kOk, 1, 2), Rollout(2, kOk, 3, 4), Rollback(3, 1, RolloutPhase::kFailed, 10, 11),
        Rollout(4, kOk, 12, 13)},
       1,
       {3h},
       0},
      {"a repair that succeeds makes it good",
       {Rollout(1, RolloutPhase::kFailed, 1, 2), Rollout(2, kOk, 3, 4, PlanKind::kHeal)},
       1,
       {2h},
       0},
      {"that the application was deleted does not",
       {Rollout(1, RolloutPhase::kFailed, 1, 2), Rollout(2, kOk, 3, 4, PlanKind::kDelete)},
       1,
       {},
       1},
  };
  for (const Case& c : cases) {
    const Delivery d = Of(c.rollouts);
    EXPECT_EQ(d.failed + d.rolled_back_by_hand, c.failures) << c.what;
    EXPECT_EQ(d.restore, SpreadOf(c.restored)) << c.what;
    EXPECT_EQ(d.unrestored, c.unrestored) << c.what;
  }
}

LedgerRecord Drift(const std::string& key, int at, const std::string& content) {
  return {.kind = RecordKind::kDrift,
          .application = "web",
          .key = key,
          .at = At(at),
          .content = content};
}

TEST(ReportTest, DriftsAndTheirRepair) {
  const auto content = [](const char* seen, const char* fate, const char* at) {
    return std::string(R"({"firstSeen":")") + seen + R"(","fate":")" + fate + R"(","fateAt":")" +
           at + R"("})";
  };
  const Delivery d = Of(
      {}, {Drift("before", 1, content("2026-02-27T00:00:00Z", "repaired", "2026-03-01T00:00:00Z")),
           Drift("b", 5, content("2026-03-01T01:00:00Z", "repaired", "2026-03-01T01:30:00Z")),
           Drift("c", 5, content("2026-03-01T01:00:00Z", "gone", "2026-03-01T03:00:00Z")),
           Drift("d", 5, content("2026-03-01T01:00:00Z", "tolerated", "2026-03-01T03:00:00Z")),
           Drift("e", 5, content("2026-03-01T01:00:00Z", "repaired", "2027-03-01T03:00:00Z")),
           Drift("f", 3, "no JSON"), Drift("g", -1, "{}")});
  EXPECT_EQ(d.drifts, 5);
  EXPECT_DOUBLE_EQ(d.drifts_per_day, 0.5);
  EXPECT_EQ(d.repair, SpreadOf({30min, 2h}));
  EXPECT_EQ(d.unrepaired, 3);
}

TEST(ReportTest, TheTotalIsOverAllRollouts) {
  constexpr auto kOk = RolloutPhase::kSucceeded;
  const Report report = MakeReport(
      kWindow, {{"a", {Rollout(1, kOk, 10, 12)}, {}},
                {"b", {Rollout(1, RolloutPhase::kFailed, 10, 12), Rollout(2, kOk, 20, 24)}, {}}});
  EXPECT_EQ(report.applications[0].application, "a");
  EXPECT_EQ(report.total.rollouts, 3);
  EXPECT_EQ(report.total.lead_time, SpreadOf({3h, 5h}));
  EXPECT_EQ(report.total.restore, SpreadOf({12h}));
  ASSERT_EQ(report.total.lead_times.size(), 2u);
  EXPECT_EQ(report.total.lead_times[0].lead_time.count, 2);
}

}  // namespace
}  // namespace swell::report
