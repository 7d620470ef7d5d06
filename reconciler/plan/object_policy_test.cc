#include "reconciler/plan/object_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/value/json.h"
#include "reconciler/plan/planner.h"

namespace swell::plan {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Value Json(std::string_view text) {
  auto value = json::Parse(text);
  EXPECT_TRUE(value) << (value ? "" : value.error().ToString()) << "\n" << text;
  return value.value_or(Value());
}

// `annotations` begin with a comma.
Object ConfigMap(const std::string& data, const std::string& annotations = "") {
  return {Json(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"web",
      "annotations":{"swell.dev/owner":"shop")" +
               annotations + R"(}},"data":)" + data + "}"),
          "test.yaml:1"};
}

struct Outcome {
  OperationType type = OperationType::kNone;
  std::vector<FieldChange> changes;
  std::vector<std::string> warnings;
};

// What is planned for one object; without `live` it is absent.
Outcome Decide(const Object& desired, const std::optional<Object>& live,
               std::vector<IgnoreDifference> rules = {}) {
  Application application;
  application.name = "shop";
  application.ignore_differences = std::move(rules);
  const std::vector<Object> all = {desired};
  Inputs inputs;
  inputs.application = &application;
  inputs.desired = &all;
  if (live) inputs.inventory = {{desired.id(), desired.gvk().version, ""}};
  inputs.live[desired.id()] = live ? std::optional<Value>(live->value) : std::nullopt;
  if (live) inputs.inventory = {{desired.id(), "v1", ""}};  // nothing to adopt
  const Planned planned = PlanCluster(inputs);
  const Operation& operation = planned.plan.operations->operations.at(0);
  return {operation.type, operation.changes, planned.warnings};
}

constexpr char kSsaIgnore[] = R"(,"kustomize.toolkit.fluxcd.io/ssa":"Ignore")";
constexpr char kIfNotPresent[] = R"(,"kustomize.toolkit.fluxcd.io/ssa":"IfNotPresent")";
constexpr char kDisabled[] = R"(,"kustomize.toolkit.fluxcd.io/reconcile":"disabled")";
constexpr char kMerge[] = R"(,"kustomize.toolkit.fluxcd.io/ssa":"Merge")";

TEST(ObjectPolicyTest, FluxAnnotations) {
  struct Case {
    const char* annotation;
    OperationType absent;
    OperationType differs;
  };
  for (const Case& c : {Case{"", OperationType::kCreate, OperationType::kUpdate},
                        Case{kMerge, OperationType::kCreate, OperationType::kUpdate},
                        Case{kIfNotPresent, OperationType::kCreate, OperationType::kNone},
                        Case{kSsaIgnore, OperationType::kNone, OperationType::kNone},
                        Case{kDisabled, OperationType::kNone, OperationType::kNone}}) {
    const Object desired = ConfigMap(R"({"k":"2"})", c.annotation);
    const Outcome absent = Decide(desired, std::nullopt);
    EXPECT_EQ(absent.type, c.absent) << c.annotation;
    EXPECT_EQ(absent.warnings.empty(), c.absent == OperationType::kCreate);
    const Outcome differs = Decide(desired, ConfigMap(R"({"k":"1"})", c.annotation));
    EXPECT_EQ(differs.type, c.differs) << c.annotation;
    EXPECT_EQ(differs.warnings.empty(), c.differs == OperationType::kUpdate);
    EXPECT_EQ(differs.changes.empty(), c.differs == OperationType::kNone);
    // In sync: nothing to say.
    EXPECT_THAT(Decide(desired, desired).warnings, IsEmpty()) << c.annotation;
  }
}

TEST(ObjectPolicyTest, TheLiveObjectMayAskToBeLeftAlone) {
  const Outcome outcome = Decide(ConfigMap(R"({"k":"2"})"), ConfigMap(R"({"k":"1"})", kDisabled));
  EXPECT_EQ(outcome.type, OperationType::kNone);
  EXPECT_THAT(outcome.warnings, ElementsAre("ConfigMap web/a differs, but is left as it is: "
                                            "kustomize.toolkit.fluxcd.io/reconcile: disabled"));
}

TEST(ObjectPolicyTest, WhatWasNotReadIsNotTouchedEither) {
  Application application;
  const std::vector<Object> desired = {ConfigMap("{}", kIfNotPresent)};
  Inputs inputs;
  inputs.application = &application;
  inputs.desired = &desired;
  EXPECT_EQ(PlanUnreadable(inputs, "down").operations->operations.at(0).type, OperationType::kNone);
  EXPECT_EQ(PlanCluster(inputs).plan.operations->operations.at(0).type, OperationType::kNone);
}

TEST(ObjectPolicyTest, IgnoreRulesTakeChangesOutOfThePlan) {
  const Object desired = ConfigMap(R"({"k":"2","other":"2"})");
  const Object live = ConfigMap(R"({"k":"1","other":"1"})");
  std::vector<IgnoreDifference> rules(1);
  rules[0].objects = {.group = "", .kind = "ConfigMap"};
  rules[0].jq_path_expressions = {R"(select(.metadata.name == "a").data.k)"};
  const Outcome one = Decide(desired, live, rules);
  EXPECT_EQ(one.type, OperationType::kUpdate);
  ASSERT_EQ(one.changes.size(), 1u);
  EXPECT_EQ(one.changes[0].path, "/data/other");
  rules[0].json_pointers = {"/data/other"};
  EXPECT_EQ(Decide(desired, live, rules).type, OperationType::kNone);
  rules[0].objects.kind = "Secret";
  EXPECT_EQ(Decide(desired, live, rules).changes.size(), 2u);
}

TEST(ObjectPolicyTest, RulesThatCannotBeReadAreTold) {
  std::vector<IgnoreDifference> rules(1);
  rules[0].objects = {.group = "*", .kind = "*"};
  rules[0].jq_path_expressions = {"keys"};
  const Outcome outcome = Decide(ConfigMap(R"({"k":"2"})"), ConfigMap("{}"), rules);
  EXPECT_EQ(outcome.type, OperationType::kUpdate);
  EXPECT_THAT(outcome.warnings, Contains(HasSubstr("no ignore rule is in force")));
}

TEST(ObjectPolicyTest, ArgoCompareOptions) {
  const auto warnings = [](const char* options) {
    const Object object =
        ConfigMap("{}", R"(,"argocd.argoproj.io/compare-options":")" + std::string(options) + "\"");
    return Decide(object, object).warnings;
  };
  EXPECT_THAT(warnings("IgnoreExtraneous"), IsEmpty());
  EXPECT_THAT(warnings("IgnoreExtraneous, ServerSideDiff=true"),
              ElementsAre(HasSubstr("ConfigMap web/a: argocd.argoproj.io/compare-options: "
                                    "ServerSideDiff=true has no effect")));
  EXPECT_THAT(warnings("Bogus=1"), ElementsAre(HasSubstr("Bogus=1 is not known")));
}

TEST(ObjectPolicyTest, ExtraneousObjectsAreKeptInSilence) {
  Application application;
  application.name = "shop";
  const std::vector<Object> desired;
  const Object live =
      ConfigMap("{}", R"(,"argocd.argoproj.io/compare-options":"IgnoreExtraneous")");
  Inputs inputs;
  inputs.application = &application;
  inputs.desired = &desired;
  inputs.live[live.id()] = live.value;
  inputs.inventory = {{live.id(), "v1", ""}};
  EXPECT_THAT(PlanCluster(inputs).warnings, IsEmpty());
  inputs.live[live.id()] = ConfigMap("{}").value;
  EXPECT_THAT(PlanCluster(inputs).warnings, ElementsAre(HasSubstr("no longer declared but kept")));
}

}  // namespace
}  // namespace swell::plan
