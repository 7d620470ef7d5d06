#include "reconciler/rollout/machine.h"

#include <gtest/gtest.h>

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
  EXPECT_EQ(d.Asked<RollBackCluster>(), (Names{"a", "b", "c"}));
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

}  // namespace
}  // namespace swell::rollout
