#include "reconciler/rollout/machine.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "reconciler/rollout/testing.h"

namespace swell::rollout {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// Drives a rollout by hand and remembers what it asked for.
class Driver {
 public:
  explicit Driver(RolloutState state) : state_(std::move(state)) {}

  void Send(const Event& event) {
    Transition t = Step(std::move(state_), event, now_);
    state_ = std::move(t.state);
    actions_ = std::move(t.actions);
  }
  void Advance(Duration by) {
    now_ += by;
    Send(Ticked{});
  }
  void Healthy(const std::string& cluster) {
    Send(ClusterApplied{cluster, state_.plan});
    See(cluster, HealthStatus::kHealthy);
  }
  void See(const std::string& cluster, HealthStatus status, std::string message = "") {
    Send(ClusterHealthSeen{cluster, state_.plan, {status, std::move(message)}});
  }
  // The clusters of the last step's actions of one type.
  template <class A>
  std::vector<std::string> Asked() const {
    std::vector<std::string> out;
    for (const Action& action : actions_) {
      if (const auto* a = std::get_if<A>(&action)) out.push_back(a->cluster);
    }
    return out;
  }
  int AskedGates() const {
    return static_cast<int>(std::ranges::count_if(
        actions_, [](const Action& action) { return std::holds_alternative<AskGate>(action); }));
  }
  ClusterPhase Of(const std::string& cluster) const { return state_.clusters.at(cluster).phase; }
  const RolloutState& state() const { return state_; }
  RolloutState& state() { return state_; }

 private:
  RolloutState state_;
  Timestamp now_ = Timestamp{minutes(1)};
  std::vector<Action> actions_;
};

using Names = std::vector<std::string>;

TEST(Machine, OneWaveAfterTheOther) {
  Driver d(MakeRollout({{"a"}, {"b", "c"}}));
  d.Send(Started{});
  EXPECT_EQ(d.Asked<ApplyCluster>(), Names{"a"});
  d.Healthy("a");
  EXPECT_EQ(d.Asked<ApplyCluster>(), (Names{"b", "c"}));
  d.Healthy("b");
  EXPECT_EQ(d.state().phase, RolloutPhase::kProgressing);
  d.Healthy("c");
  EXPECT_EQ(d.state().phase, RolloutPhase::kSucceeded);
}

TEST(Machine, EvidenceForAnotherPlanCountsForNothing) {
  Driver d(MakeRollout({{"a"}, {"b"}}));
  d.Send(Started{});
  const Digest other = TestDigest("another plan");
  d.Send(ClusterApplied{"a", other});
  EXPECT_EQ(d.Of("a"), ClusterPhase::kApplying);
  d.Send(ClusterApplied{"a", d.state().plan});
  d.Send(ClusterHealthSeen{"a", other, {}});
  EXPECT_EQ(d.Of("a"), ClusterPhase::kVerifying);
  EXPECT_EQ(d.Of("b"), ClusterPhase::kPending);
}

TEST(Machine, HealthBeforeTheApplyCountsForNothing) {
  Driver d(MakeRollout({{"a"}, {"b"}}));
  d.Send(Started{});
  d.See("a", HealthStatus::kHealthy);
  EXPECT_EQ(d.Of("a"), ClusterPhase::kApplying);
}

TEST(Machine, BakesFromTheLastClustersHealth) {
  RolloutState state = MakeRollout({{"a", "b"}, {"c"}});
  state.waves[0].bake = minutes(10);
  Driver d(state);
  d.Send(Started{});
  d.Healthy("a");
  d.Advance(seconds(30));
  d.Healthy("b");
  EXPECT_EQ(d.state().phase, RolloutPhase::kBaking);
  d.Advance(minutes(9));
  EXPECT_EQ(d.Of("c"), ClusterPhase::kPending);
  d.Advance(minutes(1));
  EXPECT_EQ(d.Of("c"), ClusterPhase::kApplying);
}

TEST(Machine, IllnessWhileBakingVoidsTheEvidence) {
  RolloutState state = MakeRollout({{"a"}, {"b"}});
  state.waves[0].bake = minutes(10);
  Driver d(state);
  d.Send(Started{});
  d.Healthy("a");
  d.Advance(minutes(5));
  d.See("a", HealthStatus::kProgressing);
  EXPECT_EQ(d.Of("a"), ClusterPhase::kVerifying);
  EXPECT_TRUE(d.state().clusters.at("a").evidence.plan.empty());
  d.See("a", HealthStatus::kHealthy);
  d.Advance(minutes(9));  // the bake began anew
  EXPECT_EQ(d.Of("b"), ClusterPhase::kPending);
  d.Advance(minutes(1));
  EXPECT_EQ(d.Of("b"), ClusterPhase::kApplying);
}

TEST(Machine, AFailedCanaryGoesBackAndTheRestNeverSeesIt) {
  Driver d(MakeRollout({{"a"}, {"b", "c"}}));
  d.Send(Started{});
  d.Send(ClusterApplied{"a", d.state().plan});
  d.See("a", HealthStatus::kProgressing, "pod web-1: ImagePullBackOff");
  d.Advance(minutes(1));
  EXPECT_EQ(d.state().phase, RolloutPhase::kRollingBack);
  EXPECT_EQ(d.Asked<RollBackCluster>(), Names{"a"});
  EXPECT_EQ(d.Of("b"), ClusterPhase::kSkipped);
  d.Send(ClusterRolledBack{"a", d.state().plan});
  EXPECT_EQ(d.state().phase, RolloutPhase::kRolledBack);
  EXPECT_NE(d.state().message.find("ImagePullBackOff"), std::string::npos) << d.state().message;
}

TEST(Machine, RollsBackEarlierWavesToo) {
  Driver d(MakeRollout({{"a"}, {"b", "c"}}));
  d.Send(Started{});
  d.Healthy("a");
  d.Send(ClusterApplyFailed{"b", d.state().plan, "403 Forbidden"});
  EXPECT_EQ(d.Asked<RollBackCluster>(), (Names{"b", "c"})) << "the newest first";
  EXPECT_EQ(d.Of("a"), ClusterPhase::kAwaitingRollback);
  d.Send(ClusterRolledBack{"c", d.state().plan});
  d.Send(ClusterRollbackFailed{"b", d.state().plan, "boom"});
  EXPECT_EQ(d.Asked<RollBackCluster>(), Names{"a"});
}

TEST(Machine, RollsBackTheWaveAloneWhereThatIsAsked) {
  RolloutState state = MakeRollout({{"a"}, {"b"}});
  state.strategy.rollback = RollbackScope::kWave;
  Driver d(state);
  d.Send(Started{});
  d.Healthy("a");
  d.Send(ClusterApplyFailed{"b", d.state().plan, "403 Forbidden"});
  EXPECT_EQ(d.Asked<RollBackCluster>(), Names{"b"});
  d.Send(ClusterRolledBack{"b", d.state().plan});
  EXPECT_EQ(d.state().phase, RolloutPhase::kRolledBack);
  EXPECT_EQ(d.Of("a"), ClusterPhase::kHealthy);
}

TEST(Machine, HoldLeavesClustersAsTheyAre) {
  RolloutState state = MakeRollout({{"a"}, {"b"}});
  state.strategy.on_failure = OnFailure::kHold;
  Driver d(state);
  d.Send(Started{});
  d.Send(ClusterApplyFailed{"a", d.state().plan, "403 Forbidden"});
  EXPECT_EQ(d.state().phase, RolloutPhase::kFailed);
  EXPECT_TRUE(d.Asked<RollBackCluster>().empty());
}

TEST(Machine, AFirstRolloutHasNothingToGoBackTo) {
  RolloutState state = MakeRollout({{"a"}});
  state.clusters.at("a").previous_manifest = Digest();
  Driver d(state);
  d.Send(Started{});
  d.Send(ClusterApplyFailed{"a", d.state().plan, "boom"});
  EXPECT_EQ(d.state().phase, RolloutPhase::kFailed);
  EXPECT_EQ(d.Of("a"), ClusterPhase::kFailed);
}

TEST(Machine, ToleratesFailuresUpToTheBudget) {
  RolloutState state = MakeRollout({{"a", "b"}, {"c"}});
  state.strategy.max_failures = {1};
  Driver d(state);
  d.Send(Started{});
  d.Send(ClusterApplyFailed{"a", d.state().plan, "boom"});
  d.Healthy("b");
  EXPECT_EQ(d.Of("c"), ClusterPhase::kApplying);
  d.Send(ClusterApplyFailed{"c", d.state().plan, "boom"});
  EXPECT_EQ(d.state().phase, RolloutPhase::kRollingBack);
}

TEST(Machine, AWindowOfMaxParallelClusters) {
  RolloutState state = MakeRollout({{"a", "b", "c", "d"}});
  state.waves[0].max_parallel = 2;
  Driver d(state);
  d.Send(Started{});
  EXPECT_EQ(d.Asked<ApplyCluster>(), (Names{"a", "b"}));
  d.Healthy("b");
  EXPECT_EQ(d.Asked<ApplyCluster>(), Names{"c"});
}

TEST(Machine, DegradedFailsAfterTheGraceOnly) {
  RolloutState state = MakeRollout({{"a"}});
  state.strategy.deadline = minutes(15);
  Driver d(state);
  d.Send(Started{});
  d.Send(ClusterApplied{"a", d.state().plan});
  d.See("a", HealthStatus::kDegraded, "no metrics");
  d.Advance(seconds(59));
  EXPECT_EQ(d.Of("a"), ClusterPhase::kVerifying);
  d.See("a", HealthStatus::kProgressing);
  d.See("a", HealthStatus::kDegraded, "no metrics");
  d.Advance(seconds(59));
  EXPECT_EQ(d.Of("a"), ClusterPhase::kVerifying);
  d.Advance(seconds(1));
  EXPECT_EQ(d.state().phase, RolloutPhase::kRollingBack);
}

TEST(Machine, AnEmptyWavePasses) {
  Driver d(MakeRollout({{}, {"a"}}));
  d.Send(Started{});
  EXPECT_EQ(d.Asked<ApplyCluster>(), Names{"a"});
}

TEST(Machine, ARestartIssuesAgainWhatWasUnderWay) {
  Driver d(MakeRollout({{"a", "b"}}));
  d.Send(Started{});
  d.Send(ClusterApplied{"b", d.state().plan});
  d.Send(Started{});
  EXPECT_EQ(d.Asked<ApplyCluster>(), Names{"a"});
  EXPECT_EQ(d.Asked<WatchHealth>(), Names{"b"});
}

TEST(Machine, CancelSkipsWhatIsLeft) {
  Driver d(MakeRollout({{"a"}, {"b"}}));
  d.Send(Started{});
  d.Send(CancelRequested{"superseded by web-3"});
  EXPECT_EQ(d.state().phase, RolloutPhase::kCancelled);
  EXPECT_EQ(d.Of("a"), ClusterPhase::kFailed);
  EXPECT_EQ(d.Of("b"), ClusterPhase::kSkipped);
  d.Healthy("a");  // too late: terminal states do not change
  EXPECT_EQ(d.state().phase, RolloutPhase::kCancelled);
}

TEST(Machine, StateSurvivesTheLedger) {
  Driver d(MakeRollout({{"a"}, {"b"}}));
  d.Send(Started{});
  d.Healthy("a");
  const auto read = RolloutFromValue(RolloutToValue(d.state()));
  ASSERT_TRUE(read) << read.error().ToString();
  EXPECT_EQ(RolloutToValue(*read), RolloutToValue(d.state()));
}

TEST(Machine, ADeletionNeedsNoHealth) {
  RolloutState state = MakeRollout({{"a"}, {"b"}});
  state.kind = PlanKind::kDelete;
  Driver d(std::move(state));
  d.Send(Started{});
  d.Send(ClusterApplied{"a", d.state().plan});
  EXPECT_EQ(d.Of("a"), ClusterPhase::kHealthy);
  EXPECT_EQ(d.state().clusters.at("a").evidence.plan, d.state().plan);
  EXPECT_FALSE(NeedsHealth(d.state(), "a"));
  EXPECT_EQ(d.Asked<WatchHealth>(), Names{});
  EXPECT_EQ(d.Asked<ApplyCluster>(), Names{"b"});
  d.Send(ClusterApplied{"b", d.state().plan});
  EXPECT_EQ(d.state().phase, RolloutPhase::kSucceeded);
}

TEST(Machine, AFailedDeletionEndsItsWaveAndGoesNoFurther) {
  RolloutState state = MakeRollout({{"a", "b", "later"}, {"c"}});
  state.kind = PlanKind::kDelete;
  state.waves[0].max_parallel = 2;
  Driver d(std::move(state));
  d.Send(Started{});
  d.Send(ClusterApplyFailed{"a", d.state().plan, "a hook failed"});
  EXPECT_FALSE(IsTerminal(d.state().phase)) << "b has begun";
  EXPECT_EQ(d.Asked<ApplyCluster>(), Names{});
  d.Send(ClusterApplied{"b", d.state().plan});
  EXPECT_EQ(d.state().phase, RolloutPhase::kFailed);
  EXPECT_EQ(d.Of("b"), ClusterPhase::kHealthy);
  EXPECT_EQ(d.Of("later"), ClusterPhase::kSkipped);
  EXPECT_EQ(d.Of("c"), ClusterPhase::kSkipped);
  EXPECT_EQ(d.Asked<RollBackCluster>(), Names{}) << "there is nothing to go back to";
}

TEST(Machine, AWaveWithoutAWellClusterFailsWhateverTheBudget) {
  RolloutState state = MakeRollout({{"a"}, {"b"}});
  state.strategy.max_failures = {1};
  Driver d(state);
  d.Send(Started{});
  d.Send(ClusterApplyFailed{"a", d.state().plan, "boom"});
  EXPECT_EQ(d.state().phase, RolloutPhase::kRollingBack);
  EXPECT_EQ(d.state().message, "no cluster of wave w0 is well: a: boom");
  EXPECT_EQ(d.Of("b"), ClusterPhase::kSkipped);
}

TEST(Machine, AWavesOwnLimitOfFailures) {
  RolloutState state = MakeRollout({{"a", "b", "c"}, {"d", "e"}});
  state.waves[0].max_failures = 1;
  Driver d(state);
  d.Send(Started{});
  d.Send(ClusterApplyFailed{"a", d.state().plan, "boom"});
  d.Healthy("b");
  d.Healthy("c");
  EXPECT_EQ(d.Of("d"), ClusterPhase::kApplying);
  d.Send(ClusterApplyFailed{"d", d.state().plan, "bang"});
  EXPECT_EQ(d.state().phase, RolloutPhase::kRollingBack) << "the rollout's own limit is none";
}

TEST(Machine, FailedClustersAreNotAvailableEither) {
  RolloutState state = MakeRollout({{"a", "b", "c", "d"}});
  state.strategy.max_failures = {3};
  state.waves[0].max_unavailable = 2;
  Driver d(state);
  d.Send(Started{});
  EXPECT_EQ(d.Asked<ApplyCluster>(), (Names{"a", "b"}));
  d.Send(ClusterApplyFailed{"a", d.state().plan, "boom"});
  EXPECT_EQ(d.Asked<ApplyCluster>(), Names{});
  d.Healthy("b");
  EXPECT_EQ(d.Asked<ApplyCluster>(), Names{"c"});
  d.Send(ClusterApplyFailed{"c", d.state().plan, "boom"});
  EXPECT_EQ(d.state().phase, RolloutPhase::kRollingBack);
  EXPECT_EQ(d.state().message,
            "2 clusters of wave w0 are not available, as many as maxUnavailable lets be: a: boom");
}

TEST(Machine, ContinueLeavesWhatFailedAndStopsBeyondTheBudget) {
  RolloutState state = MakeRollout({{"a", "b"}, {"c"}});
  state.strategy.max_failures = {1};
  state.strategy.on_failure = OnFailure::kContinue;
  Driver d(state);
  d.Send(Started{});
  d.Send(ClusterApplyFailed{"a", d.state().plan, "boom"});
  d.Healthy("b");
  EXPECT_EQ(d.Of("c"), ClusterPhase::kApplying);
  d.Send(ClusterApplyFailed{"c", d.state().plan, "boom"});
  EXPECT_EQ(d.state().phase, RolloutPhase::kFailed);
  EXPECT_EQ(d.Asked<RollBackCluster>(), Names{});
}

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
