#include "reconciler/health/health.h"

#include <gtest/gtest.h>

#include "base/value/json.h"
#include "reconciler/health/explain.h"

namespace swell::health {
namespace {

Value Json(std::string_view text) {
  auto value = json::Parse(text);
  EXPECT_TRUE(value) << (value ? "" : value.error().ToString()) << "\n" << text;
  return value.value_or(Value());
}

struct Case {
  const char* name;
  const char* object;
  HealthStatus status;
  const char* message;  // a part of it
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class AssessTest : public testing::TestWithParam<Case> {};

TEST_P(AssessTest, Judges) {
  const Health health = Assess(Json(GetParam().object));
  EXPECT_EQ(HealthStatusName(health.status), HealthStatusName(GetParam().status)) << health.message;
  EXPECT_NE(health.message.find(GetParam().message), std::string::npos) << health.message;
}

constexpr HealthStatus kH = HealthStatus::kHealthy, kP = HealthStatus::kProgressing,
                       kD = HealthStatus::kDegraded, kS = HealthStatus::kSuspended,
                       kU = HealthStatus::kUnknown, kM = HealthStatus::kMissing;

INSTANTIATE_TEST_SUITE_P(
    Workloads, AssessTest,
    testing::Values(Case{"paused",
                         R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"w"},
          "spec":{"paused":true}})",
                         kS, "paused"},
                    Case{"deployment_lag", R"({"apiVersion":"apps/v1","kind":"Deployment",
          "metadata":{"name":"w","generation":3},"status":{"observedGeneration":2}})",
                         kP, "observed deployment generation"},
                    Case{"deadline", R"({"apiVersion":"apps/v1","kind":"Deployment",
          "metadata":{"name":"w","generation":2},"spec":{"replicas":3},
          "status":{"observedGeneration":2,"updatedReplicas":1,"conditions":[{"type":"Progressing",
          "status":"False","reason":"ProgressDeadlineExceeded"}]}})",
                         kD, "Deployment \"w\" exceeded its progress deadline"},
                    Case{"updating", R"({"apiVersion":"apps/v1","kind":"Deployment",
          "metadata":{"name":"w","generation":2},"spec":{"replicas":3},
          "status":{"observedGeneration":2,"updatedReplicas":1}})",
                         kP, "1 out of 3 new"},
                    Case{"old_left", R"({"apiVersion":"apps/v1","kind":"Deployment",
          "metadata":{"name":"w"},"spec":{"replicas":2},
          "status":{"replicas":3,"updatedReplicas":2,"availableReplicas":2}})",
                         kP, "1 old replicas"},
                    Case{"unavailable", R"({"apiVersion":"apps/v1","kind":"Deployment",
          "metadata":{"name":"w"},"spec":{"replicas":2},
          "status":{"replicas":2,"updatedReplicas":2,"availableReplicas":1}})",
                         kP, "1 of 2"},
                    Case{"not_available_condition", R"({"apiVersion":"apps/v1","kind":"Deployment",
          "metadata":{"name":"w"},"spec":{"replicas":1},"status":{"replicas":1,
          "updatedReplicas":1,"availableReplicas":1,"conditions":[{"type":"Available",
          "status":"False","reason":"MinimumReplicasUnavailable"}]}})",
                         kP, "MinimumReplicasUnavailable"},
                    Case{"deployment_healthy", R"({"apiVersion":"apps/v1","kind":"Deployment",
          "metadata":{"name":"w"},"spec":{"replicas":1},"status":{"replicas":1,
          "updatedReplicas":1,"availableReplicas":1,"conditions":[{"type":"Available",
          "status":"True"}]}})",
                         kH, ""},
                    Case{"set_unseen", R"({"apiVersion":"apps/v1","kind":"StatefulSet",
          "metadata":{"name":"w"},"spec":{"replicas":1}})",
                         kP, "to be observed"},
                    Case{"set_partition", R"({"apiVersion":"apps/v1","kind":"StatefulSet",
          "metadata":{"name":"w","generation":1},"spec":{"replicas":5,"updateStrategy":
          {"type":"RollingUpdate","rollingUpdate":{"partition":3}}},
          "status":{"observedGeneration":1,"readyReplicas":5,"updatedReplicas":1}})",
                         kP, "1 out of 2"},
                    Case{"set_partition_done", R"({"apiVersion":"apps/v1","kind":"StatefulSet",
          "metadata":{"name":"w","generation":1},"spec":{"replicas":5,"updateStrategy":
          {"type":"RollingUpdate","rollingUpdate":{"partition":3}}},
          "status":{"observedGeneration":1,"readyReplicas":5,"updatedReplicas":2}})",
                         kH, "partitioned roll out complete"},
                    Case{"set_on_delete", R"({"apiVersion":"apps/v1","kind":"StatefulSet",
          "metadata":{"name":"w","generation":1},"spec":{"replicas":2,"updateStrategy":
          {"type":"OnDelete"}},"status":{"observedGeneration":1,"readyReplicas":2,
          "updateRevision":"b","currentRevision":"a"}})",
                         kH, "2 ready pods"},
                    Case{"set_revision", R"({"apiVersion":"apps/v1","kind":"StatefulSet",
          "metadata":{"name":"w","generation":1},"spec":{"replicas":2},
          "status":{"observedGeneration":1,"readyReplicas":2,"updatedReplicas":1,
          "updateRevision":"b","currentRevision":"a"}})",
                         kP, "1 pods at revision b"},
                    Case{"daemon_unscheduled", R"({"apiVersion":"apps/v1","kind":"DaemonSet",
          "metadata":{"name":"w"}})",
                         kP, "no pod has been scheduled"},
                    Case{"daemon_ready", R"({"apiVersion":"apps/v1","kind":"DaemonSet",
          "metadata":{"name":"w"},"status":{"desiredNumberScheduled":2,
          "updatedNumberScheduled":2,"numberAvailable":2,"numberReady":1}})",
                         kP, "1 of 2"},
                    Case{"replica_failure", R"({"apiVersion":"apps/v1","kind":"ReplicaSet",
          "metadata":{"name":"w"},"status":{"conditions":[{"type":"ReplicaFailure",
          "status":"True","message":"quota exceeded"}]}})",
                         kD, "quota exceeded"}));

INSTANTIATE_TEST_SUITE_P(
    Pods, AssessTest,
    testing::Values(
        Case{"image", R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"status":{
          "phase":"Pending","containerStatuses":[{"name":"a","state":{"waiting":{
          "reason":"ImagePullBackOff","message":"Back-off pulling image \"x\""}}}]}})",
             kD, "Back-off pulling image"},
        Case{"image_of_a_job", R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},
          "spec":{"restartPolicy":"Never"},"status":{"phase":"Pending","containerStatuses":[
          {"name":"a","state":{"waiting":{"reason":"ErrImagePull"}}}]}})",
             kP, ""},
        Case{"failed", R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},
          "spec":{"restartPolicy":"Never"},"status":{"phase":"Failed","containerStatuses":[
          {"name":"a","state":{"terminated":{"exitCode":3}}}]}})",
             kD, "container \"a\" failed with exit code 3"},
        Case{"init_first", R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},
          "status":{"phase":"Failed","initContainerStatuses":[{"name":"i","state":{"terminated":
          {"exitCode":1}}}],"containerStatuses":[{"name":"a","state":{"terminated":
          {"exitCode":3}}}]}})",
             kD, "\"i\""},
        Case{"ready", R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"status":{
          "phase":"Running","conditions":[{"type":"Ready","status":"True"}]}})",
             kH, ""},
        Case{"restarted", R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"status":{
          "phase":"Running","containerStatuses":[{"name":"a","lastState":{"terminated":
          {"exitCode":1}}}]}})",
             kD, ""},
        Case{"odd_phase", R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},
          "status":{"phase":"Dreaming"}})",
             kU, "Dreaming"}));

INSTANTIATE_TEST_SUITE_P(
    Others, AssessTest,
    testing::Values(
        Case{"missing", "null", kM, "does not exist"}, Case{"no_object", "[1]", kU, "apiVersion"},
        Case{"deleting", R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c",
          "deletionTimestamp":"2026-01-01T00:00:00Z"}})",
             kP, "Pending deletion"},
        Case{"config", R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}})", kH, ""},
        Case{"job_failed", R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j"},
          "status":{"conditions":[{"type":"Failed","status":"True","message":"too often"}]}})",
             kD, "too often"},
        Case{"job_not_failed", R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j"},
          "status":{"conditions":[{"type":"Failed","status":"False"}]}})",
             kP, ""},
        Case{"job_done", R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j"},
          "status":{"conditions":[{"type":"Complete","status":"True"}]}})",
             kH, ""},
        Case{"job_suspended", R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j"},
          "status":{"conditions":[{"type":"Suspended","status":"True"}]}})",
             kS, ""},
        Case{"balancer", R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"s"},
          "spec":{"type":"LoadBalancer"},"status":{"loadBalancer":{}}})",
             kP, "address"},
        Case{"service", R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"s"},
          "spec":{"type":"ClusterIP"}})",
             kH, ""},
        Case{"claim", R"({"apiVersion":"v1","kind":"PersistentVolumeClaim",
          "metadata":{"name":"c"},"status":{"phase":"Lost"}})",
             kD, "lost"},
        Case{"autoscaler_text", R"({"apiVersion":"autoscaling/v1",
          "kind":"HorizontalPodAutoscaler","metadata":{"name":"h","annotations":{
          "autoscaling.alpha.kubernetes.io/conditions":"[{"}}})",
             kU, "not JSON"},
        Case{"autoscaler_bad", R"({"apiVersion":"autoscaling/v2",
          "kind":"HorizontalPodAutoscaler","metadata":{"name":"h"},"status":{"conditions":[
          {"type":"AbleToScale","status":"True","message":"fine"},{"type":"ScalingActive",
          "status":"False","reason":"FailedGetResourceMetric","message":"no metrics"}]}})",
             kD, "no metrics"},
        Case{"budget_short", R"({"apiVersion":"policy/v1","kind":"PodDisruptionBudget",
          "metadata":{"name":"b"},"status":{"conditions":[{"type":"DisruptionAllowed",
          "status":"False","reason":"InsufficientPods"}]}})",
             kH, "InsufficientPods"},
        Case{"definition", R"({"apiVersion":"apiextensions.k8s.io/v1",
          "kind":"CustomResourceDefinition","metadata":{"name":"d"},"status":{"conditions":[
          {"type":"NamesAccepted","status":"False","message":"taken"}]}})",
             kD, "taken"},
        Case{"cron_failed", R"({"apiVersion":"batch/v1","kind":"CronJob","metadata":{"name":"c"},
          "spec":{},"status":{"lastScheduleTime":"2026-01-02T00:00:00Z",
          "lastSuccessfulTime":"2026-01-01T00:00:10Z"}})",
             kD, "not completed"},
        Case{"custom_lag", R"({"apiVersion":"e.com/v1","kind":"Thing","metadata":{"name":"t",
          "generation":2},"status":{"observedGeneration":1}})",
             kP, "Thing generation is 2"},
        Case{"custom_stalled", R"({"apiVersion":"e.com/v1","kind":"Thing","metadata":{
          "name":"t"},"status":{"conditions":[{"type":"Ready","status":"False"},
          {"type":"Stalled","status":"True","reason":"Broken"}]}})",
             kD, "Broken"},
        Case{"custom_unready", R"({"apiVersion":"e.com/v1","kind":"Thing","metadata":{
          "name":"t"},"status":{"conditions":[{"type":"Ready","status":"False",
          "message":"making"}]}})",
             kP, "making"},
        Case{"custom_silent", R"({"apiVersion":"e.com/v1","kind":"Thing","metadata":{
          "name":"t"},"status":"odd"})",
             kH, ""}));

TEST(AssessTest, StaleReadAfterApplyIsProgressing) {
  const Value job = Json(R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j",
    "generation":1},"status":{"conditions":[{"type":"Complete","status":"True"}]}})");
  EXPECT_EQ(Assess(job, {.applied_generation = 1}).status, HealthStatus::kHealthy);
  EXPECT_EQ(Assess(job, {.applied_generation = 2}).status, HealthStatus::kProgressing);
  const Value paused = Json(R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{
    "name":"d","generation":4},"spec":{"paused":true}})");
  EXPECT_EQ(Assess(paused, {.applied_generation = 5}).status, HealthStatus::kProgressing);
}

TEST(ExplainPodsTest, NamesTheWorstContainer) {
  const std::vector<Value> pods = {
      Json(R"({"metadata":{"name":"web-a"},"status":{"phase":"Running","conditions":[
        {"type":"Ready","status":"False","reason":"ContainersNotReady"}]}})"),
      Json(R"({"metadata":{"name":"web-b"},"status":{"phase":"Pending","containerStatuses":[
        {"name":"web","state":{"waiting":{"reason":"ImagePullBackOff",
        "message":"Back-off pulling image \"nope\""}}}]}})")};
  EXPECT_EQ(ExplainPods(pods),
            "pod web-b: container web: ImagePullBackOff: Back-off pulling image \"nope\"");
}

TEST(ExplainPodsTest, TellsWhyACrashLoopCrashes) {
  const std::vector<Value> pods = {Json(R"({"metadata":{"name":"web-a"},"status":{
      "initContainerStatuses":[{"name":"setup","state":{"waiting":{"reason":"CrashLoopBackOff",
      "message":"back-off 40s"}},"lastState":{"terminated":{"exitCode":7,
      "message":"no such table"}}}]}})")};
  EXPECT_EQ(ExplainPods(pods),
            "pod web-a: init container setup: CrashLoopBackOff: no such table (last exit code 7)");
}

TEST(ExplainPodsTest, UnschedulableAndSilentAndDeleted) {
  const Value unschedulable = Json(R"({"metadata":{"name":"p"},"status":{"phase":"Pending",
    "conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable",
    "message":"0/3 nodes"}]}})");
  EXPECT_EQ(ExplainPods(std::vector{unschedulable}), "pod p: Unschedulable: 0/3 nodes");
  EXPECT_EQ(ExplainPods(std::vector{unschedulable.WithAt({"metadata", "deletionTimestamp"},
                                                         Value("2026-01-01T00:00:00Z"))}),
            "");
  EXPECT_EQ(ExplainPods({}), "");
}

TEST(ExplainPodsTest, IsBounded) {
  std::string message;
  for (int i = 0; i < 1000; ++i) message += "ü";
  const Value pod = Json(R"({"metadata":{"name":"p"},"status":{"containerStatuses":[{"name":"c",
    "state":{"waiting":{"reason":"CreateContainerConfigError","message":")" +
                         message + R"("}}}]}})");
  const std::string text = ExplainPods(std::vector{pod});
  EXPECT_LE(text.size(), kMaxExplanation);
  EXPECT_TRUE(text.ends_with("ü..."));
}

TEST(HasPodsTest, WorkloadsWithASelector) {
  EXPECT_TRUE(HasPods(Json(R"({"apiVersion":"apps/v1","kind":"Deployment",
    "spec":{"selector":{"matchLabels":{"app":"w"}}}})")));
  EXPECT_FALSE(HasPods(Json(R"({"apiVersion":"apps/v1","kind":"Deployment"})")));
  EXPECT_FALSE(HasPods(Json(R"({"apiVersion":"v1","kind":"ConfigMap"})")));
}

}  // namespace
}  // namespace swell::health
