#include "reconciler/rollout/machine.h"

#include <gtest/gtest.h>

#include "reconciler/rollout/testing.h"

namespace swell::rollout {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

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

TEST(Machine, AStepTakesItsEventsTogether) {
  RolloutState state = MakeRollout({{"a", "b"}, {"c"}});
  Driver d(state);
  d.Send(Started{});
  const Digest plan = d.state().plan;
  const Health well;
  // One that was well and fell ill again within the step has no evidence.
  const std::vector<Event> events = {ClusterApplied{"a", plan}, ClusterApplied{"b", plan},
                                     ClusterHealthSeen{"a", plan, well},
                                     ClusterHealthSeen{"b", plan, well},
                                     ClusterHealthSeen{"b", plan, {HealthStatus::kDegraded, ""}}};
  const Transition t = Step(d.state(), events, Timestamp{minutes(2)});
  EXPECT_EQ(t.state.clusters.at("a").phase, ClusterPhase::kHealthy);
  EXPECT_EQ(t.state.clusters.at("b").phase, ClusterPhase::kVerifying);
  EXPECT_EQ(t.state.clusters.at("c").phase, ClusterPhase::kPending);
  // What comes after the end changes nothing any more.
  const std::vector<Event> cancelled = {CancelRequested{"by ada"}, ClusterApplied{"a", plan}};
  const Transition end = Step(d.state(), cancelled, Timestamp{minutes(2)});
  EXPECT_EQ(end.state.phase, RolloutPhase::kCancelled);
  EXPECT_EQ(end.state.clusters.at("a").phase, ClusterPhase::kFailed);
}

TEST(Machine, NeverWritesToAWholeLargeFleetAtATime) {
  Names names;
  for (int i = 1000; i < 1000 + 2 * kMaxApplies; ++i) names.push_back("c" + std::to_string(i));
  Driver d(MakeRollout({names}));
  d.Send(Started{});
  EXPECT_EQ(d.Asked<ApplyCluster>().size(), static_cast<std::size_t>(kMaxApplies));
  // One that is applied makes room, healthy or not.
  d.Send(ClusterApplied{names[0], d.state().plan});
  EXPECT_EQ(d.Asked<ApplyCluster>(), Names{names[kMaxApplies]});
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

TEST(Machine, IllnessThatPassesWithinAStepBeginsTheBakeAnew) {
  RolloutState state = MakeRollout({{"a"}, {"b"}});
  state.waves[0].bake = minutes(10);
  Driver d(state);
  d.Send(Started{});
  d.Healthy("a");
  d.Advance(minutes(9));
  const Digest plan = d.state().plan;
  const std::vector<Event> flap = {ClusterHealthSeen{"a", plan, {HealthStatus::kDegraded, ""}},
                                   ClusterHealthSeen{"a", plan, {}}};
  d.Send(flap);
  EXPECT_EQ(d.Of("a"), ClusterPhase::kHealthy);
  d.Advance(minutes(2));
  EXPECT_EQ(d.Of("b"), ClusterPhase::kPending);
  d.Advance(minutes(8));
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

}  // namespace
}  // namespace swell::rollout
