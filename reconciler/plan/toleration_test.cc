// What is left alone for a while, in plans.

#include <gmock/gmock.h>

#include "reconciler/plan/testing.h"

namespace swell::plan {
namespace {

using namespace plan_testing;
using testing::ElementsAre;
using testing::IsEmpty;

IgnoreDifference Tolerate(const std::string& pointer) {
  IgnoreDifference rule;
  rule.objects = {.group = "", .kind = "ConfigMap", .ns = "web", .name = "a"};
  rule.json_pointers = {pointer};
  rule.toleration = Toleration{.id = "t", .cluster = "", .why = "tolerated"};
  return rule;
}

struct Outcome {
  OperationType type;
  std::vector<std::string> gave_way;
};

// `last` and `live` null: never applied, absent.
Outcome PlanOne(const Object& desired, const Object* last, const Object* live,
                const std::string& pointer) {
  Application application;
  application.name = "shop";
  application.ignore_differences = {Tolerate(pointer)};
  const std::vector<Object> all = {desired};
  std::vector<Object> before;
  if (last) before.push_back(*last);
  Inputs inputs;
  inputs.application = &application;
  inputs.cluster = "c01";
  inputs.desired = &all;
  inputs.last_applied = last ? &before : nullptr;
  inputs.live[desired.id()] = live ? std::optional<Value>(live->value) : std::nullopt;
  const Planned planned = PlanCluster(inputs);
  return {planned.plan.operations->operations.at(0).type, planned.gave_way};
}

TEST(TolerationPlanTest, LeavesDriftAlone) {
  const Object desired = ConfigMap("a", R"({"k":"1","o":"1"})");
  const Object drifted = ConfigMap("a", R"({"k":"2","o":"1"})");
  const Object both = ConfigMap("a", R"({"k":"2","o":"2"})");
  EXPECT_EQ(PlanOne(desired, &desired, &drifted, "/data/k").type, OperationType::kNone);
  EXPECT_EQ(PlanOne(desired, &desired, &both, "/data/k").type, OperationType::kUpdate);
  EXPECT_EQ(PlanOne(desired, &desired, &both, "").type, OperationType::kNone);
  // A field of something that is not there cannot be left alone; the whole can.
  EXPECT_EQ(PlanOne(desired, &desired, nullptr, "/data/k").type, OperationType::kCreate);
  EXPECT_EQ(PlanOne(desired, &desired, nullptr, "").type, OperationType::kNone);
  EXPECT_EQ(PlanOne(desired, nullptr, nullptr, "").type, OperationType::kCreate);
}

TEST(TolerationPlanTest, ACommitThatChangesItEndsIt) {
  const Object was = ConfigMap("a", R"({"k":"1","o":"1"})");
  const Object drifted = ConfigMap("a", R"({"k":"2","o":"1"})");
  const Object other = ConfigMap("a", R"({"k":"1","o":"3"})");
  const Object changed = ConfigMap("a", R"({"k":"3","o":"1"})");
  EXPECT_THAT(PlanOne(other, &was, &drifted, "/data/k").gave_way, IsEmpty());
  const Outcome ended = PlanOne(changed, &was, &drifted, "/data/k");
  EXPECT_THAT(ended.gave_way, ElementsAre("t"));
  EXPECT_EQ(ended.type, OperationType::kUpdate);
  EXPECT_EQ(PlanOne(changed, &was, nullptr, "").type, OperationType::kCreate);
}

}  // namespace
}  // namespace swell::plan
