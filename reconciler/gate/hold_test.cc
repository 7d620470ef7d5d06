// What a rollout that is under way must not begin, and what people are told of it.
#include <gtest/gtest.h>

#include "reconciler/gate/gate.h"

namespace swell::gate {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Timestamp kNow = ParseTimestamp("2026-11-27T12:00:00Z").value();

Cluster Named(std::string name) {
  Cluster out;
  out.name = std::move(name);
  return out;
}

Window Compiled(ChangeWindow declared) { return Window::Compile(std::move(declared)).value(); }

struct Running {
  Running() {
    rollout.application = "web";
    rollout.actor = "auto";
    rollout.phase = RolloutPhase::kProgressing;
    rollout.created_at = kNow - hours(1);
    rollout.waves = {{.name = "first", .clusters = {"c1", "c2"}},
                     {.name = "rest", .clusters = {"c3"}}};
    rollout.waves[0].started_at = kNow - minutes(50);
    for (const char* name : {"c1", "c2", "c3"}) {
      ClusterProgress progress;
      progress.cluster = name;
      rollout.clusters.emplace(name, progress);
      fleet.push_back(Named(name));
    }
    rollout.clusters["c1"].phase = ClusterPhase::kApplying;
    application.name = "web";
  }
  Hold Ask() const { return HoldFor(application, rollout, safeguards, fleet, kNow); }

  Application application;
  RolloutState rollout;
  Safeguards safeguards;
  std::vector<Cluster> fleet;
};

// Closed since `ago`.
ChangeWindow ClosedSince(Duration ago, Overrun overrun) {
  ChangeWindow out;
  out.name = "closed";
  out.window = WindowKind::kDeny;
  const auto begin = kNow - ago - std::chrono::floor<std::chrono::days>(kNow - ago);
  out.schedule = std::to_string(begin % hours(1) / minutes(1)) + " " +
                 std::to_string(begin / hours(1)) + " * * *";
  out.duration = hours(5);
  out.overrun = overrun;
  return out;
}

TEST(HoldFor, NothingWhereAllIsOpen) { EXPECT_EQ(Running().Ask(), Hold{}); }

TEST(HoldFor, AWindowThatClosesInAWaveGoesByItsPolicy) {
  const struct {
    Overrun overrun;
    HoldScope scope;
  } cases[] = {{Overrun::kFinish, HoldScope::kNothing},
               {Overrun::kWave, HoldScope::kWaves},
               {Overrun::kStop, HoldScope::kClusters}};
  for (const auto& c : cases) {
    Running running;
    running.safeguards.windows.push_back(Compiled(ClosedSince(minutes(5), c.overrun)));
    const Hold hold = running.Ask();
    EXPECT_EQ(hold.scope, c.scope);
    EXPECT_EQ(hold.reason, c.scope == HoldScope::kNothing
                               ? ""
                               : "closed by deny window closed until 2026-11-27T16:55:00Z");
  }
}

TEST(HoldFor, ClustersThatNeverWereOpenWaitWhateverThePolicy) {
  Running running;
  ChangeWindow window = ClosedSince(hours(2), Overrun::kFinish);
  window.clusters.names = {"c3"};
  running.safeguards.windows.push_back(Compiled(window));
  // They are of the next wave: this one goes on.
  EXPECT_EQ(running.Ask(),
            (Hold{HoldScope::kWaves, "closed by deny window closed until 2026-11-27T15:00:00Z"}));
  window.clusters.names = {"c2"};
  running.safeguards.windows = {Compiled(window)};
  EXPECT_EQ(running.Ask().scope, HoldScope::kClusters);
  // Those that are begun already are brought to their end.
  window.clusters.names = {"c1"};
  running.safeguards.windows = {Compiled(window)};
  EXPECT_EQ(running.Ask(), Hold{});
}

TEST(HoldFor, AWaveThatBeganInTheOpenGoesByThePolicyToo) {
  // Closed when the rollout began, an hour ago, open when the wave began, closed now.
  Running running;
  running.rollout.created_at = kNow - hours(26);
  running.rollout.waves[0].started_at = kNow - minutes(50);
  ChangeWindow window = ClosedSince(minutes(5), Overrun::kFinish);
  running.safeguards.windows.push_back(Compiled(window));
  running.rollout.created_at = kNow - hours(23);      // within yesterday's
  EXPECT_EQ(running.Ask().scope, HoldScope::kWaves);  // the next wave has not begun
  running.rollout.waves.pop_back();
  EXPECT_EQ(running.Ask(), Hold{});
}

TEST(HoldFor, AFreezeHoldsEveryCluster) {
  Running running;
  running.safeguards.freezes = {
      {.application = "", .actor = "ada", .reason = "incident 42", .at = kNow}};
  EXPECT_EQ(running.Ask(), (Hold{HoldScope::kClusters, "the fleet is frozen by ada: incident 42"}));
  // What has failed is always taken back.
  running.rollout.phase = RolloutPhase::kRollingBack;
  EXPECT_EQ(running.Ask(), Hold{});
}

TEST(HoldFor, AnOverrideReleasesWhatWasBegunByHand) {
  Running running;
  running.safeguards.freezes = {
      {.application = "web", .actor = "ada", .reason = "incident 42", .at = kNow}};
  running.safeguards.overrides = {{.application = "web",
                                   .actor = "ada",
                                   .reason = "hotfix",
                                   .at = kNow,
                                   .until = kNow + hours(1)}};
  EXPECT_EQ(running.Ask().scope, HoldScope::kClusters);
  running.rollout.actor = "ada";
  EXPECT_EQ(running.Ask(), Hold{});
  running.rollout.kind = PlanKind::kHeal;
  EXPECT_EQ(running.Ask().scope, HoldScope::kClusters);
  running.rollout.kind = PlanKind::kRollback;
  EXPECT_EQ(running.Ask(), Hold{});
}

TEST(HoldFor, WindowsThatLetPassByHandDo) {
  Running running;
  ChangeWindow window = ClosedSince(minutes(5), Overrun::kStop);
  window.manual = true;
  running.safeguards.windows.push_back(Compiled(window));
  EXPECT_EQ(running.Ask().scope, HoldScope::kClusters);
  running.rollout.actor = "ada";
  EXPECT_EQ(running.Ask(), Hold{});
}

TEST(Barriers, AreWhatPeopleRead) {
  Running running;
  running.safeguards.freezes = {
      {.application = "web", .actor = "ada", .reason = "incident 42", .at = kNow}};
  running.safeguards.windows.push_back(Compiled(ClosedSince(minutes(5), Overrun::kStop)));
  EXPECT_EQ(Barriers(running.application, running.safeguards, running.fleet, kNow),
            (std::vector<std::string>{"web is frozen by ada: incident 42",
                                      "closed by deny window closed until 2026-11-27T16:55:00Z"}));
  EXPECT_TRUE(Barriers(running.application, {}, running.fleet, kNow).empty());
}

}  // namespace
}  // namespace swell::gate
