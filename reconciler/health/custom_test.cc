#include "reconciler/health/custom.h"

#include <gtest/gtest.h>

#include "base/value/json.h"
#include "reconciler/health/health.h"
#include "reconciler/health/rule_table.h"

namespace swell::health {
namespace {

Value Json(std::string_view text) {
  auto value = json::Parse(text);
  EXPECT_TRUE(value) << (value ? "" : value.error().ToString()) << "\n" << text;
  return value.value_or(Value());
}

// The status that one block of rules gives, or "" where no rule holds.
std::string Judge(const std::string& rules, const std::string& object) {
  const auto blocks = ParseRules("e.com/Thing\n" + rules);
  const Value value = Json(object);
  for (const Rule& rule : blocks.at(0).rules) {
    bool holds = true;
    std::string why;
    for (const Term& term : rule.terms) holds = holds && Holds(term, value, why);
    if (holds) return std::string(HealthStatusName(rule.status));
  }
  return "";
}

TEST(RuleTest, Terms) {
  const struct {
    const char* term;
    const char* object;
    bool holds;
  } cases[] = {
      {"@Ready=True", R"({"status":{"conditions":[{"type":"Ready","status":"True"}]}})", true},
      {"@Ready=True", R"({"status":{"conditions":[{"type":"Ready","status":true}]}})", true},
      {"@Ready=False", R"({"status":{"conditions":[{"type":"Ready","status":"True"}]}})", false},
      {"@Ready", R"({"status":{"conditions":[{"type":"Ready","status":"Unknown"}]}})", true},
      {"@*Sync=False|Unknown",
       R"({"status":{"conditions":[{"type":"DbSync","status":"Unknown"}]}})", true},
      {"@Ready=False/*Fail*|Err*",
       R"({"status":{"conditions":[{"type":"Ready","status":"False","reason":"SyncFailed"}]}})",
       true},
      {"@Ready=False/*Fail*|Err*",
       R"({"status":{"conditions":[{"type":"Ready","status":"False","reason":"Waiting"}]}})",
       false},
      {"@A.B=True", R"({"status":{"conditions":[{"type":"A.B","status":"True"}]}})", true},
      {"status.parents.*.conditions.@Accepted=False",
       R"({"status":{"parents":[{"conditions":[]},{"conditions":[{"type":"Accepted",
         "status":"False"}]}]}})",
       true},
      {"status.phase=Failed|Error", R"({"status":{"phase":"Error"}})", true},
      {"status.phase!=Failed", R"({"status":{"phase":"Error"}})", true},
      {"status.phase!=Failed", R"({"status":{}})", true},
      {"status.state=2", R"({"status":{"state":2}})", true},
      {"spec.suspend=true", R"({"spec":{"suspend":true}})", true},
      {"status.brokers.*.state=Bad", R"({"status":{"brokers":{"0":{"state":"Bad"}}}})", true},
      {"status.list.1.x=y", R"({"status":{"list":[{},{"x":"y"}]}})", true},
      {"metadata.annotations.a\\.io/b=on", R"({"metadata":{"annotations":{"a.io/b":"on"}}})", true},
      {"status", R"({"status":{}})", false},
      {"!status", R"({"status":{}})", true},
      {"status", R"({"status":{"x":0}})", true},
      {"!status.text", R"({"status":{"text":""}})", true},
      {"status.ready<spec.replicas", R"({"spec":{"replicas":2},"status":{}})", true},
      {"status.ready<spec.replicas", R"({"spec":{"replicas":2},"status":{"ready":2}})", false},
      {"status.alerts>0", R"({"status":{"alerts":1}})", true},
      {"status.a==status.b", R"({"status":{"a":3,"b":"3"}})", true},
      {"status.hash<metadata.generation",
       R"({"metadata":{"generation":9},"status":{"hash":"7f2"}})", false},
      {"@Ready.observedGeneration<metadata.generation",
       R"({"metadata":{"generation":2},"status":{"conditions":[{"type":"Ready",
         "observedGeneration":1}]}})",
       true},
      {"@Ready.observedGeneration<metadata.generation",
       R"({"metadata":{"generation":2},"status":{"conditions":[{"type":"Ready"}]}})", false},
      {"!@Ready=True", R"({"status":{"conditions":[{"type":"Ready","status":"False"}]}})", true},
      {"!@Ready", R"({"status":{"conditions":[{"type":"Ready","status":"False"}]}})", false},
      {"@Ready=False;severity!=Info",
       R"({"status":{"conditions":[{"type":"Ready","status":"False"}]}})", true},
      {"@Ready=False;severity!=Info",
       R"({"status":{"conditions":[{"type":"Ready","status":"False","severity":"Info"}]}})", false},
      {"@Ready=False/A;severity=Error|Warning;message=*x*",
       R"({"status":{"conditions":[{"type":"Ready","status":"False","reason":"A",
         "severity":"Warning","message":"a x b"}]}})",
       true},
      {"@Ready;stale", R"({"metadata":{"generation":2},"status":{"conditions":[{"type":"Ready",
         "observedGeneration":1}]}})",
       true},
      {"@Ready;current", R"({"metadata":{"generation":2},"status":{"conditions":[{"type":"Ready",
         "observedGeneration":2}]}})",
       true},
      {"@Ready;stale", R"({"metadata":{"generation":2},"status":{"conditions":[
         {"type":"Ready"}]}})",
       false},
      {"@Ready;stale",
       R"({"metadata":{},"status":{"conditions":[{"type":"Ready","observedGeneration":2}]}})",
       false},
      {"status.ready<+spec.sets.*.count",
       R"({"spec":{"sets":[{"count":2},{"count":3}]},"status":{"ready":4}})", true},
      {"status.ready<+spec.sets.*.count",
       R"({"spec":{"sets":[{"count":2},{"count":3}]},"status":{"ready":5}})", false},
      {"+status.a.*<1", R"({"status":{"a":[9223372036854775807,9223372036854775807]}})", false},
      {"#status.list.*.sha<#status.list.*", R"({"status":{"list":[{"sha":"a"},{"sha":""}]}})",
       true},
      {"#status.list.*.sha<#status.list.*", R"({"status":{"list":[{"sha":"a"},{"sha":"b"}]}})",
       false},
      {"#status.list.*.conditions.@Accepted<#status.list.*",
       R"({"status":{"list":[{"conditions":[{"type":"Accepted"}]},{"conditions":[]}]}})", true},
      {"status.a<>status.b", R"({"status":{"a":"x","b":"y"}})", true},
      {"status.a<>status.b", R"({"status":{"a":"x","b":"x"}})", false},
      {"status.a<>status.b", R"({"status":{"a":"x"}})", false},
      {"status.l.*.a<>status.l.*.b", R"({"status":{"l":[{"a":1,"b":1},{"a":2,"b":3}]}})", true},
      {"status.l.*.a<>status.l.0.a", R"({"status":{"l":[{"a":1},{"a":1}]}})", false},
      {"status.l.-1.a=2", R"({"status":{"l":[{"a":1},{"a":2}]}})", true},
      {"status.l.-1.a=2", R"({"status":{"l":[]}})", false},
      {"status.scale=N/N", R"({"status":{"scale":"12/12"}})", true},
      {"status.scale=N/N", R"({"status":{"scale":"1/12"}})", false},
      {"status.scale=N/N", R"({"status":{"scale":"/"}})", false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Judge("  Degraded if " + std::string(c.term), c.object), c.holds ? "Degraded" : "")
        << c.term << " " << c.object;
  }
}

TEST(RuleTest, TheFirstRuleWhoseTermsAllHoldDecides) {
  const std::string rules =
      "  Suspended if spec.a=1 and spec.b=2\n  Degraded if spec.a=1\n  Progressing\n";
  EXPECT_EQ(Judge(rules, R"({"spec":{"a":1,"b":2}})"), "Suspended");
  EXPECT_EQ(Judge(rules, R"({"spec":{"a":1}})"), "Degraded");
  EXPECT_EQ(Judge(rules, R"({})"), "Progressing");
}

TEST(GlobTest, Stars) {
  EXPECT_TRUE(MatchesGlob("*", ""));
  EXPECT_TRUE(MatchesGlob("a*c", "abc"));
  EXPECT_TRUE(MatchesGlob("a*b*c", "axxbyyc"));
  EXPECT_TRUE(MatchesGlob("*Fail*", "SyncFailed"));
  EXPECT_FALSE(MatchesGlob("a*c", "abcd"));
  EXPECT_FALSE(MatchesGlob("ab*ba", "aba"));
  EXPECT_FALSE(MatchesGlob("", "a"));
}

TEST(CustomTest, TheTableParsesAndExactKindsComeFirst) {
  const auto judge = [](const char* text) { return Assess(Json(text)); };
  // cluster.x-k8s.io/Cluster has a block of its own.
  EXPECT_EQ(judge(R"({"apiVersion":"cluster.x-k8s.io/v1beta1","kind":"Cluster","metadata":{},
    "spec":{"paused":true}})")
                .status,
            HealthStatus::kSuspended);
  // A wildcard block.
  const Health bucket = judge(R"({"apiVersion":"s3.aws.crossplane.io/v1","kind":"Bucket",
    "metadata":{},"status":{"conditions":[{"type":"Synced","status":"False","message":"denied"}]}})");
  EXPECT_EQ(bucket.status, HealthStatus::kDegraded);
  EXPECT_EQ(bucket.message, "denied");
  // A kind that the table does not know keeps the generic reading.
  EXPECT_FALSE(AssessCustom(Json(R"({"apiVersion":"e.com/v1","kind":"Thing"})")).known);
  EXPECT_EQ(judge(R"({"apiVersion":"e.com/v1","kind":"Thing","metadata":{},
    "status":{"conditions":[{"type":"Ready","status":"False"}]}})")
                .status,
            HealthStatus::kProgressing);
}

TEST(CustomTest, AStaleStatusIsProgressingWhereGenerationsCount) {
  const char* certificate = R"({"apiVersion":"cert-manager.io/v1","kind":"Certificate",
    "metadata":{"generation":2},"status":{"observedGeneration":1,
    "conditions":[{"type":"Ready","status":"True"}]}})";
  EXPECT_EQ(Assess(Json(certificate)).status, HealthStatus::kProgressing);
  // Strimzi's observedGeneration does not follow the object's.
  const char* topic = R"({"apiVersion":"kafka.strimzi.io/v1beta2","kind":"KafkaTopic",
    "metadata":{"generation":2},"status":{"observedGeneration":1,
    "conditions":[{"type":"Ready","status":"True"}]}})";
  EXPECT_EQ(Assess(Json(topic)).status, HealthStatus::kHealthy);
  EXPECT_EQ(Assess(Json(topic), {.applied_generation = 3}).status, HealthStatus::kProgressing);
}

TEST(CustomTest, OddObjectsDoNotCrash) {
  for (const char* status :
       {"1", "[]", "[[1]]", R"({"conditions":3})", R"({"conditions":[1,null,{}]})",
        R"({"conditions":{"a":1}})", R"({"phase":[],"state":{}})", "null"}) {
    for (const char* type : {"argoproj.io/v1 Rollout", "kafka.strimzi.io/v1 Kafka",
                             "gateway.networking.k8s.io/v1 HTTPRoute", "apps/v1 Deployment",
                             "v1 Pod", "batch/v1 Job", "autoscaling/v2 HorizontalPodAutoscaler"}) {
      const std::string text(type);
      const std::size_t space = text.find(' ');
      const std::string object = R"({"apiVersion":")" + text.substr(0, space) + R"(","kind":")" +
                                 text.substr(space + 1) + R"(","metadata":{},"status":)" + status +
                                 "}";
      Assess(Json(object));
    }
  }
}

}  // namespace
}  // namespace swell::health
