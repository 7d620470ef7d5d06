// What a wave waits for: preflights, clusters that are away, gates, approvals, holds, people.

#include <gtest/gtest.h>

#include "reconciler/rollout/machine.h"
#include "reconciler/rollout/testing.h"

namespace swell::rollout {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// --- preflight and clusters that do not answer ---

RolloutState NotAsked(RolloutState state) {
  for (auto& [name, c] : state.clusters) c.preflight = PreflightPhase::kNotAsked;
  return state;
}

TEST(Machine, NothingOfAWaveIsWrittenBeforeAllOfItIsAsked) {
  Driver d(NotAsked(MakeRollout({{"a", "b"}, {"c"}})));
  d.Send(Started{});
  EXPECT_EQ(d.Asked<PreflightCluster>(), (Names{"a", "b"}));
  EXPECT_EQ(d.Asked<ApplyCluster>(), Names{});
  d.Send(ClusterPreflighted{"a", d.state().plan, PreflightAnswer::kPassed, ""});
  EXPECT_EQ(d.Asked<ApplyCluster>(), Names{});
  d.Send(ClusterPreflighted{"b", TestDigest("another plan"), PreflightAnswer::kPassed, ""});
  EXPECT_EQ(d.Asked<ApplyCluster>(), Names{});
  d.Send(ClusterPreflighted{"b", d.state().plan, PreflightAnswer::kPassed, ""});
  EXPECT_EQ(d.Asked<ApplyCluster>(), (Names{"a", "b"}));
  EXPECT_EQ(d.Asked<PreflightCluster>(), Names{}) << "the next wave is asked when it comes";
}

TEST(Machine, ARefusalStopsTheWaveBeforeTheFirstWrite) {
  Driver d(NotAsked(MakeRollout({{"a", "b"}})));
  d.Send(Started{});
  d.Send(ClusterPreflighted{"a", d.state().plan, PreflightAnswer::kPassed, ""});
  d.Send(ClusterPreflighted{"b", d.state().plan, PreflightAnswer::kRefused, "denied by policy x"});
  EXPECT_EQ(d.state().phase, RolloutPhase::kFailed) << "there is nothing to take back";
  EXPECT_EQ(d.Asked<ApplyCluster>(), Names{});
  EXPECT_EQ(d.Asked<RollBackCluster>(), Names{});
  EXPECT_EQ(d.state().message, "b: refused before anything was written: denied by policy x");
}

TEST(Machine, AnOfflineClusterIsLeftOutWhereItMayBe) {
  RolloutState state = NotAsked(MakeRollout({{"a", "b"}, {"c"}}));
  state.strategy.offline = OfflinePolicy::kSkip;
  Driver d(state);
  d.Send(Started{});
  d.Send(ClusterPreflighted{"a", d.state().plan, PreflightAnswer::kUnreachable, "no route"});
  d.Send(ClusterPreflighted{"b", d.state().plan, PreflightAnswer::kPassed, ""});
  EXPECT_EQ(d.Of("a"), ClusterPhase::kOffline);
  EXPECT_EQ(d.Asked<ApplyCluster>(), Names{"b"});
  d.Healthy("b");
  EXPECT_EQ(d.Asked<PreflightCluster>(), Names{"c"});
  d.Send(ClusterPreflighted{"c", d.state().plan, PreflightAnswer::kPassed, ""});
  d.Healthy("c");
  EXPECT_EQ(d.state().phase, RolloutPhase::kSucceeded);
  EXPECT_EQ(d.state().message, "1 cluster did not answer and will be caught up");
}

TEST(Machine, AWaveThatIsOfflineAsAWholeIsNeverPassed) {
  RolloutState state = NotAsked(MakeRollout({{"a"}, {"b"}}));
  state.strategy.offline = OfflinePolicy::kSkip;
  Driver d(state);
  d.Send(Started{});
  d.Send(ClusterPreflighted{"a", d.state().plan, PreflightAnswer::kUnreachable, "no route"});
  EXPECT_EQ(d.state().phase, RolloutPhase::kWaiting);
  EXPECT_EQ(d.state().message, "wave w0: a does not answer: no route");
  d.Advance(kOfflineRetry);
  EXPECT_EQ(d.Asked<PreflightCluster>(), Names{"a"});
  d.Send(ClusterPreflighted{"a", d.state().plan, PreflightAnswer::kPassed, ""});
  EXPECT_EQ(d.Asked<ApplyCluster>(), Names{"a"});
}

TEST(Machine, AnOfflineClusterIsWaitedForWhereThatIsAsked) {
  RolloutState state = NotAsked(MakeRollout({{"a", "b"}}));
  state.strategy.offline = OfflinePolicy::kWait;
  Driver d(state);
  d.Send(Started{});
  d.Send(ClusterPreflighted{"b", d.state().plan, PreflightAnswer::kPassed, ""});
  d.Send(ClusterPreflighted{"a", d.state().plan, PreflightAnswer::kUnreachable, "no route"});
  EXPECT_EQ(d.Asked<ApplyCluster>(), Names{});
  d.Advance(minutes(30));
  EXPECT_EQ(d.state().phase, RolloutPhase::kWaiting);
  d.Send(ClusterPreflighted{"a", d.state().plan, PreflightAnswer::kPassed, ""});
  EXPECT_EQ(d.Asked<ApplyCluster>(), (Names{"a", "b"}));
}

TEST(Machine, AClusterThatLeftTheFleetIsNotWaitedFor) {
  Driver d(MakeRollout({{"a", "b"}}));
  d.Send(Started{});
  d.Healthy("a");
  d.Send(ClusterRemoved{"b", "it is not declared any more"});
  EXPECT_EQ(d.Of("b"), ClusterPhase::kSkipped);
  EXPECT_EQ(d.state().phase, RolloutPhase::kSucceeded);
}

TEST(Machine, AClusterWaitsForWhatItDependsOn) {
  Driver d(MakeRollout({{"a", "b"}}));
  d.Send(ClusterBlocked{"a", "waits for db: Progressing"});
  d.Send(Started{});
  EXPECT_EQ(d.Asked<ApplyCluster>(), Names{"b"});
  d.Healthy("b");
  EXPECT_EQ(d.state().message, "a waits for db: Progressing");
  d.Send(ClusterBlocked{"a", ""});
  EXPECT_EQ(d.Asked<ApplyCluster>(), Names{"a"});
}

// --- what a wave waits for ---

RolloutState WithGate(std::vector<std::vector<std::string>> waves, GateSpec gate) {
  RolloutState state = MakeRollout(waves);
  state.waves[0].gates = {{.name = gate.name}};
  state.strategy.waves = {WaveSpec{.name = state.waves[0].name, .gates = {std::move(gate)}}};
  return state;
}

void Report(Driver& d, GateVerdict verdict, const std::string& message = "") {
  d.Send(GateReported{0, "errors", d.state().plan, verdict, message});
}

TEST(Machine, AGateIsAskedAfterTheBakeAndPassesTheWave) {
  RolloutState state = WithGate({{"a"}, {"b"}}, {.name = "errors"});
  state.waves[0].bake = minutes(1);
  Driver d(state);
  d.Send(Started{});
  Report(d, GateVerdict::kPass);  // never asked
  d.Healthy("a");
  EXPECT_EQ(d.AskedGates(), 0);
  d.Advance(minutes(1));
  EXPECT_EQ(d.AskedGates(), 1);
  d.Send(GateReported{0, "errors", TestDigest("another plan"), GateVerdict::kPass, ""});
  EXPECT_EQ(d.Of("b"), ClusterPhase::kPending);
  Report(d, GateVerdict::kPass, "0.001 < 0.01");
  EXPECT_EQ(d.Of("b"), ClusterPhase::kApplying);
  EXPECT_EQ(d.state().waves[0].gates[0].message, "0.001 < 0.01");
}

TEST(Machine, AGateThatCannotBeEvaluatedHoldsAndIsAskedAgain) {
  Driver d(WithGate({{"a"}, {"b"}}, {.name = "errors", .interval = seconds(30)}));
  d.Send(Started{});
  d.Healthy("a");
  Report(d, GateVerdict::kHold, "prometheus does not answer");
  EXPECT_EQ(d.state().phase, RolloutPhase::kWaiting);
  EXPECT_EQ(d.state().message, "wave w0: gate errors: prometheus does not answer");
  d.Advance(minutes(60 * 24));
  EXPECT_EQ(d.AskedGates(), 1);
  EXPECT_EQ(d.Of("b"), ClusterPhase::kPending) << "however long it holds, it does not pass";
  Report(d, GateVerdict::kPass);
  EXPECT_EQ(d.Of("b"), ClusterPhase::kApplying);
}

TEST(Machine, AGateFailsItsWave) {
  Driver d(WithGate({{"a"}, {"b"}}, {.name = "errors", .failures = 2}));
  d.Send(Started{});
  d.Healthy("a");
  Report(d, GateVerdict::kFail, "0.2 is not < 0.01");
  EXPECT_EQ(d.state().phase, RolloutPhase::kWaiting);
  d.Advance(minutes(1));
  Report(d, GateVerdict::kFail, "0.3 is not < 0.01");
  EXPECT_EQ(d.state().phase, RolloutPhase::kRollingBack);
  EXPECT_EQ(d.state().message, "gate errors: 0.3 is not < 0.01");
  EXPECT_EQ(d.Asked<RollBackCluster>(), Names{"a"});
}

TEST(Machine, AGateThatHoldsTooLongFails) {
  Driver d(WithGate({{"a"}, {"b"}}, {.name = "errors", .deadline = minutes(10)}));
  d.Send(Started{});
  d.Healthy("a");
  Report(d, GateVerdict::kHold, "no data");
  d.Advance(minutes(9));
  EXPECT_EQ(d.state().phase, RolloutPhase::kWaiting);
  d.Advance(minutes(1));
  EXPECT_EQ(d.state().phase, RolloutPhase::kRollingBack);
  EXPECT_EQ(d.state().message, "gate errors: did not pass within 10m; last: no data");
}

TEST(Machine, IllnessAfterAGateHasPassedVoidsItsVerdict) {
  RolloutState state = WithGate({{"a"}, {"b"}}, {.name = "errors", .successes = 2});
  Driver d(state);
  d.Send(Started{});
  d.Healthy("a");
  Report(d, GateVerdict::kPass);
  d.See("a", HealthStatus::kDegraded, "crash");
  EXPECT_EQ(d.state().waves[0].gates[0].successes, 0);
  d.See("a", HealthStatus::kHealthy);
  EXPECT_EQ(d.AskedGates(), 1);
  Report(d, GateVerdict::kPass);
  EXPECT_EQ(d.Of("b"), ClusterPhase::kPending);
  d.Advance(minutes(1));
  Report(d, GateVerdict::kPass);
  EXPECT_EQ(d.Of("b"), ClusterPhase::kApplying);
}

TEST(Machine, AWaveWaitsForItsApprovals) {
  RolloutState state = MakeRollout({{"a"}, {"b"}});
  state.waves[1].approvals = {{.name = kApprovalGate}};
  Driver d(state);
  d.Send(Started{});
  d.Healthy("a");
  EXPECT_EQ(d.state().phase, RolloutPhase::kWaiting);
  EXPECT_EQ(d.AskedGates(), 1);
  d.Send(GateReported{1, kApprovalGate, d.state().plan, GateVerdict::kHold, "1 of 2"});
  EXPECT_EQ(d.state().message, "wave w1: 1 of 2");
  d.Send(GateReported{1, kApprovalGate, d.state().plan, GateVerdict::kPass, "2 of 2"});
  EXPECT_EQ(d.Of("b"), ClusterPhase::kApplying);
}

TEST(Machine, PromotionPassesApprovalsBakesAndGatesButNotHealth) {
  RolloutState state = WithGate({{"a"}, {"b"}}, {.name = "errors"});
  state.waves[0].bake = minutes(10);
  state.waves[0].approvals = {{.name = kApprovalGate}};
  Driver d(state);
  d.Send(Started{});
  d.Send(PromoteRequested{"by ada: outage"});
  EXPECT_EQ(d.Of("a"), ClusterPhase::kApplying);
  d.Send(PromoteRequested{"by ada: outage"});
  EXPECT_EQ(d.Of("b"), ClusterPhase::kPending);
  d.Healthy("a");
  d.Send(PromoteRequested{"by ada: outage"});
  EXPECT_EQ(d.Of("b"), ClusterPhase::kApplying);
  EXPECT_EQ(d.state().waves[0].gates[0].message, "not asked: promoted by ada: outage");
}

TEST(Machine, HoldsStopWhatHasNotBegun) {
  RolloutState state = MakeRollout({{"a", "b"}, {"c"}});
  state.waves[0].max_parallel = 1;
  Driver d(state);
  d.Send(Started{});
  d.Send(HoldChanged{{HoldScope::kClusters, "frozen by ada"}});
  d.Healthy("a");
  EXPECT_EQ(d.Asked<ApplyCluster>(), Names{});
  EXPECT_EQ(d.state().message, "wave w0: frozen by ada");
  d.Send(HoldChanged{{HoldScope::kWaves, "the window night is closed"}});
  EXPECT_EQ(d.Asked<ApplyCluster>(), Names{"b"});
  d.Healthy("b");
  EXPECT_EQ(d.state().message, "wave w1: the window night is closed");
  EXPECT_EQ(d.Of("c"), ClusterPhase::kPending);
  d.Send(HoldChanged{{}});
  EXPECT_EQ(d.Of("c"), ClusterPhase::kApplying);
}

TEST(Machine, APausedRolloutBeginsNothing) {
  Driver d(MakeRollout({{"a"}, {"b"}}));
  d.Send(Started{});
  d.Send(PauseRequested{"by ada: lunch"});
  d.Healthy("a");
  EXPECT_EQ(d.state().message, "wave w1: paused by ada: lunch");
  d.Send(ResumeRequested{"by ada"});
  EXPECT_EQ(d.Of("b"), ClusterPhase::kApplying);
}

TEST(Machine, ARestartAsksPreflightsAndGatesAgain) {
  RolloutState state = NotAsked(WithGate({{"a"}}, {.name = "errors", .interval = minutes(30)}));
  Driver d(state);
  d.Send(Started{});
  d.Send(Started{});
  EXPECT_EQ(d.Asked<PreflightCluster>(), Names{"a"});
  d.Send(ClusterPreflighted{"a", d.state().plan, PreflightAnswer::kPassed, ""});
  d.Healthy("a");
  EXPECT_EQ(d.AskedGates(), 1);
  d.Send(Started{});
  EXPECT_EQ(d.AskedGates(), 1);
}

}  // namespace
}  // namespace swell::rollout
