#include "reconciler/plan/compare_plans.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace swell::plan {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const ObjectId kWeb = {"apps", "Deployment", "web", "web"};

Operation Update(std::vector<FieldChange> changes) {
  Operation op;
  op.type = OperationType::kUpdate;
  op.id = kWeb;
  op.changes = std::move(changes);
  return op;
}

Operation Delete(const std::string& uid) {
  Operation op;
  op.type = OperationType::kDelete;
  op.id = kWeb;
  op.uid = uid;
  return op;
}

ClusterPlan Cluster(const std::string& name, std::vector<Operation> operations,
                    const std::string& error = "") {
  auto set = std::make_shared<OperationSet>();
  set->digest = OperationSetDigest(operations);
  set->operations = std::move(operations);
  return {name, Digest::Of("m"), std::move(set), error};
}

Plan Of(std::vector<ClusterPlan> clusters, const std::string& commit = "a") {
  Plan plan;
  plan.application = "web";
  plan.revision.commit = std::string(40, commit[0]);
  plan.clusters = std::move(clusters);
  plan.digest = PlanDigest(plan, Digest::Of("setting"));
  return plan;
}

const Operation kScale = Update({{"/spec/replicas", ChangeCause::kChanged, "2", "5"}});

TEST(ComparePlansTest, OfTheSameStateThereIsNothingToSay) {
  const Plan plan = Of({Cluster("c1", {kScale})});
  const PlanComparison same = ComparePlans(plan, plan);
  EXPECT_TRUE(same.Same());
  EXPECT_THAT(Summarize(same, 5), IsEmpty());
}

TEST(ComparePlansTest, SaysInOneLineWhatDiffers) {
  struct Case {
    const char* what;
    Plan first;
    Plan second;
    std::vector<std::string> lines;
  };
  const Plan base = Of({Cluster("c1", {kScale}), Cluster("c2", {kScale})});
  Plan moved = base;
  moved.digest = PlanDigest(moved, Digest::Of("other waves"));
  Plan generation = base;
  generation.application_generation = 1;
  generation.digest = PlanDigest(generation, Digest::Of("setting"));
  const FieldChange secret = {"/data/key", ChangeCause::kDrifted, "***", "***", Digest::Of("1")};
  FieldChange rotated = secret;
  rotated.values = Digest::Of("2");
  const Case cases[] = {
      {"a drifted field in one cluster",
       base,
       Of({Cluster("c1", {Update({{"/spec/replicas", ChangeCause::kDrifted, "9", "5"}})}),
           Cluster("c2", {kScale})}),
       {"c1: apps/Deployment web/web: update /spec/replicas: 2 -> 5, now 9 -> 5"}},
      {"nothing left to do anywhere",
       base,
       Of({Cluster("c1", {}), Cluster("c2", {})}),
       {"c1, c2: apps/Deployment web/web: update -> none"}},
      {"another revision",
       base,
       Of({Cluster("c1", {kScale}), Cluster("c2", {kScale})}, "b"),
       {"revision aaaaaaa -> bbbbbbb"}},
      {"the fleet",
       base,
       Of({Cluster("c1", {kScale})}),
       {"c2: only in the first plan", "c2: apps/Deployment web/web: update -> none"}},
      {"a cluster that cannot be read",
       base,
       Of({Cluster("c1", {kScale}), Cluster("c2", {kScale}, "refused")}),
       {"c2: could be read in the first plan alone"}},
      {"the waves", base, moved, {"the split into waves, or the address of a cluster"}},
      {"the spec", base, generation, {"generation of the application 0 -> 1"}},
      {"another object of the name",
       Of({Cluster("c1", {Delete("u1")}), Cluster("c2", {Delete("u2")})}),
       Of({Cluster("c1", {Delete("u1")}), Cluster("c2", {Delete("u3")})}),
       {"c2: apps/Deployment web/web: delete /metadata/uid: u2, now u3"}},
      {"a secret",
       Of({Cluster("c1", {Update({secret})})}),
       Of({Cluster("c1", {Update({rotated})})}),
       {"c1: apps/Deployment web/web: update /data/key: *** -> ***, now *** -> *** (another "
        "value)"}},
  };
  for (const Case& c : cases) {
    ASSERT_NE(c.first.digest, c.second.digest) << c.what;
    EXPECT_EQ(Summarize(ComparePlans(c.first, c.second), 20), c.lines) << c.what;
  }
}

TEST(ComparePlansTest, AFleetThatDiffersAlikeIsOneLine) {
  std::vector<ClusterPlan> first, second;
  for (int i = 10; i < 30; ++i) {
    first.push_back(Cluster("c" + std::to_string(i), {Delete("a" + std::to_string(i))}));
    second.push_back(Cluster("c" + std::to_string(i), {kScale}));
  }
  const PlanComparison comparison = ComparePlans(Of(std::move(first)), Of(std::move(second)));
  ASSERT_EQ(comparison.clusters.size(), 1u);
  EXPECT_EQ(comparison.clusters[0].clusters.size(), 20u);
  EXPECT_THAT(Summarize(comparison, 5),
              ElementsAre("c10, c11, c12, c13, c14 and 15 more: apps/Deployment web/web: "
                          "delete -> update"));
}

TEST(ComparePlansTest, ASummaryHasAnEnd) {
  Plan first = Of({}), second = Of({}, "b");
  for (int i = 0; i < 9; ++i) {
    first.clusters.push_back(Cluster("c" + std::to_string(i), {kScale}));
    second.clusters.push_back(
        Cluster("c" + std::to_string(i),
                {Update({{"/spec/replicas", ChangeCause::kChanged, std::to_string(i), "5"}})}));
  }
  const auto lines = Summarize(ComparePlans(first, second), 3);
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[3], "and 6 differences more");
}

}  // namespace
}  // namespace swell::plan
