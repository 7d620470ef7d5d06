#include "reconciler/apply/steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/value/json.h"
#include "reconciler/apply/selector.h"

namespace swell::apply {
namespace {

using ::testing::ElementsAre;

Operation Make(const char* kind, Phase phase, int wave, OperationType type = OperationType::kUpdate,
               const char* group = "") {
  Operation operation;
  operation.type = type;
  operation.id = {group, kind, "web", "x"};
  operation.phase = phase;
  operation.wave = wave;
  return operation;
}

TEST(SplitIntoStepsTest, ByStageRankAndKind) {
  std::vector<Operation> operations = {
      Make("Job", Phase::kPreSync, 0),
      Make("Namespace", Phase::kSync, 0),
      Make("ConfigMap", Phase::kSync, 0),
      Make("ConfigMap", Phase::kSync, 0),
      Make("ConfigMap", Phase::kSync, 0, OperationType::kNone),
      Make("CustomResourceDefinition", Phase::kSync, 0, OperationType::kCreate,
           "apiextensions.k8s.io"),
      Make("Deployment", Phase::kSync, 0, OperationType::kUpdate, "apps"),
      Make("ConfigMap", Phase::kSync, 1, OperationType::kNone),
      Make("ConfigMap", Phase::kPrune, 0, OperationType::kDelete),
  };
  operations[0].hook = true;
  const auto stages = SplitIntoSteps(operations);
  ASSERT_EQ(stages.size(), 4u);
  EXPECT_THAT(stages[0].objects, ElementsAre());
  ASSERT_EQ(stages[1].steps.size(), 4u);
  EXPECT_THAT(stages[1].steps[0].operations, ElementsAre(1u));
  EXPECT_THAT(stages[1].steps[1].operations, ElementsAre(2u, 3u));
  EXPECT_EQ(stages[1].steps[2].kind, Step::Kind::kDefinitions);
  EXPECT_THAT(stages[1].steps[3].operations, ElementsAre(6u));
  EXPECT_THAT(stages[1].objects, ElementsAre(1u, 2u, 3u, 4u, 5u, 6u));
  EXPECT_TRUE(stages[2].steps.empty());
  EXPECT_EQ(stages[3].steps[0].kind, Step::Kind::kDeletions);
  EXPECT_THAT(stages[3].objects, ElementsAre());
  EXPECT_EQ(DescribeStage(stages[2].stage), "sync wave 1");
}

TEST(SelectorTextTest, LabelsAndExpressions) {
  EXPECT_EQ(SelectorText(*json::Parse(R"({"matchLabels":{"app":"web","tier":"a"},
      "matchExpressions":[{"key":"e","operator":"In","values":["x","y"]},
      {"key":"n","operator":"NotIn","values":["z"]},{"key":"h","operator":"Exists"},
      {"key":"d","operator":"DoesNotExist"}]})")),
            "app=web,tier=a,e in (x,y),n notin (z),h,!d");
  EXPECT_EQ(SelectorText(Value()), "");
}

}  // namespace
}  // namespace swell::apply
