#include "reconciler/health/checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/value/json.h"
#include "reconciler/health/health.h"

namespace swell::health {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Value Json(std::string_view text) {
  auto value = json::Parse(text);
  EXPECT_TRUE(value) << (value ? "" : value.error().ToString()) << "\n" << text;
  return value.value_or(Value());
}

HealthCheck Saying(const std::string& group, const std::string& kind, const std::string& message) {
  return {group, kind, "return {status = 'Suspended', message = '" + message + "'}"};
}

Checks Compiled(const std::vector<HealthCheck>& checks) {
  auto compiled = Checks::Compile(checks, "spec.healthChecks");
  EXPECT_TRUE(compiled) << (compiled ? "" : compiled.error().ToString());
  return compiled.value_or(Checks());
}

Health Judge(const Checks& checks, const std::string& object, std::int64_t applied = 0) {
  CheckBudget budget;
  return Assess(Json(object),
                {.applied_generation = applied, .checks = &checks, .budget = &budget});
}

constexpr char kWidget[] = R"({"apiVersion":"e.com/v1","kind":"Widget","metadata":{"name":"w",
  "generation":2},"status":{"phase":"Broken"}})";

TEST(ChecksTest, TheNearestCheckJudges) {
  const Checks server =
      Compiled({Saying("e.com", "Widget", "server exact"), Saying("*", "*", "server wildcard")});
  const struct {
    const char* what;
    std::vector<HealthCheck> own;
    const char* message;
  } cases[] = {
      {"exact before wildcard whatever the order",
       {Saying("*.com", "*", "wildcard"), Saying("e.com", "Widget", "exact")},
       "exact"},
      {"the first of two wildcards",
       {Saying("*", "Wid*", "first"), Saying("*.com", "*", "second")},
       "first"},
      {"a set", {Saying("[a-e].com", "W?dget", "set")}, "set"},
      {"the application's wildcard before the server's exact", {Saying("*", "*", "own")}, "own"},
      {"another kind", {Saying("e.com", "Gadget", "own")}, "server exact"},
      {"another group", {Saying("", "Widget", "own")}, "server exact"},
      {"nothing", {}, "server exact"},
  };
  for (const auto& c : cases) {
    const Health health = Judge(Compiled(c.own).Before(server), kWidget);
    EXPECT_EQ(health.status, HealthStatus::kSuspended) << c.what;
    EXPECT_EQ(health.message, c.message) << c.what;
  }
  const Checks core = Compiled({Saying("", "Pod", "own pod")});
  EXPECT_EQ(Judge(core, R"({"apiVersion":"v1","kind":"Pod","metadata":{}})").message, "own pod");
}

TEST(ChecksTest, Answers) {
  const struct {
    const char* lua;
    HealthStatus status;
    const char* message;
  } cases[] = {
      {"return {status = 'Degraded', message = obj.status.phase}", HealthStatus::kDegraded,
       "Broken"},
      {"return {status = 'Missing'}", HealthStatus::kMissing, ""},
      {"return {status = 'degraded'}", HealthStatus::kUnknown,
       "Lua returned an invalid health status"},
      {"return {message = 'no status'}", HealthStatus::kUnknown,
       "Lua returned an invalid health status"},
      {"return obj.status.conditions[1]", HealthStatus::kUnknown,
       "health check of e.com/Widget: lua:1: attempt to index field 'conditions'"},
      {"while true do end", HealthStatus::kUnknown,
       "health check of e.com/Widget: the script took more than 10000000 steps"},
      // No opinion: the generic rules find nothing wrong.
      {"return {}", HealthStatus::kHealthy, ""},
      {"return nil", HealthStatus::kHealthy, ""},
  };
  for (const auto& c : cases) {
    const Health health = Judge(Compiled({{"e.com", "Widget", c.lua}}), kWidget);
    EXPECT_EQ(HealthStatusName(health.status), HealthStatusName(c.status)) << c.lua;
    EXPECT_THAT(health.message, HasSubstr(c.message)) << c.lua;
  }
}

TEST(ChecksTest, DeletionAndThePresentGenerationComeFirst) {
  const Checks checks = Compiled({Saying("*", "*", "own")});
  EXPECT_EQ(Judge(checks, R"({"apiVersion":"e.com/v1","kind":"Widget","metadata":{
    "deletionTimestamp":"2026-01-01T00:00:00Z"}})")
                .message,
            "Pending deletion");
  EXPECT_EQ(Judge(checks, kWidget, 3).status, HealthStatus::kProgressing);
  EXPECT_EQ(Judge(checks, kWidget, 2).message, "own");
  CheckBudget budget;
  EXPECT_EQ(Assess(Value(), {.checks = &checks, .budget = &budget}).status, HealthStatus::kMissing);
}

TEST(ChecksTest, WhatDoesNotCompileIsRefusedWithItsField) {
  const struct {
    HealthCheck check;
    const char* error;
  } cases[] = {
      {{"e.com", "Widget", "return {"}, "spec.healthChecks[1].lua: lua:1: unexpected symbol"},
      {{"[", "Widget", "return {}"}, "spec.healthChecks[1].group: syntax error in pattern"},
      {{"e.com", "[", "return {}"}, "spec.healthChecks[1].kind: syntax error in pattern"},
  };
  for (const auto& c : cases) {
    const std::vector<HealthCheck> checks = {Saying("a", "B", ""), c.check};
    const auto compiled = Checks::Compile(checks, "spec.healthChecks");
    ASSERT_FALSE(compiled);
    EXPECT_EQ(compiled.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(compiled.error().ToString(), HasSubstr(c.error));
  }
}

TEST(ChecksTest, BrokenChecksAreToldAndNotPassedOver) {
  const Health health = Judge(Checks::Broken(InvalidArgument("no script")), kWidget);
  EXPECT_EQ(health.status, HealthStatus::kUnknown);
  EXPECT_THAT(health.message, HasSubstr("no script"));
}

TEST(ChecksTest, NoScriptSeesASecretsValues) {
  constexpr char kSecret[] = R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"s",
    "annotations":{"kubectl.kubernetes.io/last-applied-configuration":
    "{\"kind\":\"Secret\",\"stringData\":{\"password\":\"hunter2\"}}"}},
    "data":{"password":"aHVudGVyMg=="},"stringData":{"password":"hunter2"}})";
  for (const char* lua :
       {"return {status = 'Healthy', message = obj.data.password .. obj.stringData.password .. "
        "obj.metadata.annotations['kubectl.kubernetes.io/last-applied-configuration']}",
        "error(obj.data.password .. obj.stringData.password)",
        "error(obj.metadata.annotations['kubectl.kubernetes.io/last-applied-configuration'])"}) {
    const Health health = Judge(Compiled({{"", "Secret", lua}}), kSecret);
    EXPECT_THAT(health.message, HasSubstr("***")) << lua;
    EXPECT_THAT(health.message, Not(HasSubstr("hunter2"))) << lua;
    EXPECT_THAT(health.message, Not(HasSubstr("aHVudGVyMg"))) << lua;
  }
}

TEST(ChecksTest, AReportHasABudget) {
  const Checks checks = Compiled({{"*", "*", "while true do end"}});
  CheckBudget budget{.steps = 15'000'000};
  const AssessOptions options = {.checks = &checks, .budget = &budget};
  EXPECT_THAT(Assess(Json(kWidget), options).message, HasSubstr("10000000 steps"));
  EXPECT_THAT(Assess(Json(kWidget), options).message, HasSubstr("5000000 steps"));
  const Health last = Assess(Json(kWidget), options);
  EXPECT_EQ(last.status, HealthStatus::kUnknown);
  EXPECT_THAT(last.message, HasSubstr("not run"));
}

TEST(ChecksTest, TheTimeIsGiven) {
  const Checks checks = Compiled({{"*", "*", "return {status = 'Healthy', message = os.time()}"}});
  CheckBudget budget;
  const Timestamp now{std::chrono::seconds(1'700'000'000)};
  EXPECT_EQ(Assess(Json(kWidget), {.checks = &checks, .budget = &budget, .now = now}).message,
            "1700000000");
}

}  // namespace
}  // namespace swell::health
