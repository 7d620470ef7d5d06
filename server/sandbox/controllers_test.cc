// Workloads progress as with the real controllers.

#include "server/sandbox/cluster_test_util.h"

namespace swell::sandbox {
namespace {

constexpr char kPods[] = "/api/v1/namespaces/default/pods";
constexpr char kSets[] = "/apis/apps/v1/namespaces/default/replicasets";

class ControllersTest : public ClusterTest {
 protected:
  const std::string web = std::string(kDeployments) + "/web";

  static const Value& Condition(const Value& object, std::string_view type) {
    static const Value none;
    for (const Value& condition : object["status"]["conditions"].items()) {
      if (condition["type"].as_string() == type) return condition;
    }
    return none;
  }
  std::size_t Count(const char* url) { return Get(url).body["items"].size(); }
};

TEST_F(ControllersTest, DeploymentBecomesAvailable) {
  Apply(web, DeploymentYaml("web", "app:v1", 3));
  Advance(200);
  const Value early = Get(web).body;
  EXPECT_EQ(early["status"]["updatedReplicas"].as_int(), 3);
  EXPECT_EQ(early["status"]["unavailableReplicas"].as_int(), 3);
  EXPECT_EQ(Condition(early, "Available")["status"].as_string(), "False");
  EXPECT_EQ(Condition(early, "Progressing")["status"].as_string(), "True");
  Advance(2000);
  const Value done = Get(web).body;
  EXPECT_EQ(done["status"]["observedGeneration"], done["metadata"]["generation"]);
  for (const char* field : {"replicas", "updatedReplicas", "readyReplicas", "availableReplicas"}) {
    EXPECT_EQ(done["status"][field].as_int(), 3) << field;
  }
  EXPECT_EQ(Condition(done, "Available")["status"].as_string(), "True");
  EXPECT_EQ(Condition(done, "Progressing")["reason"].as_string(), "NewReplicaSetAvailable");
  EXPECT_EQ(Count(kPods), 3u);
  EXPECT_EQ(done.At({"metadata", "annotations"})["deployment.kubernetes.io/revision"].as_string(),
            "1");
}

TEST_F(ControllersTest, NothingMovesOnceSettled) {
  Apply(web, DeploymentYaml("web", "app:v1", 2));
  Advance(5000);
  const std::string version = Get(kPods).body["metadata"]["resourceVersion"].str();
  Advance(700'000);
  EXPECT_EQ(Get(kPods).body["metadata"]["resourceVersion"].str(), version);
  EXPECT_EQ(scheduler.pending(), 0u);
}

TEST_F(ControllersTest, RollingUpdateNeverDropsBelowItsMinimum) {
  Apply(web, DeploymentYaml("web", "app:v1", 4));
  Advance(5000);
  Apply(web, DeploymentYaml("web", "app:v2", 4));
  for (int i = 0; i < 100; ++i) {
    Advance(50);
    EXPECT_GE(Get(web).body["status"]["availableReplicas"].as_int(), 3);
    EXPECT_LE(Get(web).body["status"]["replicas"].as_int(), 5);
  }
  EXPECT_EQ(Get(web).body["status"]["updatedReplicas"].as_int(), 4);
  EXPECT_EQ(Get(web).body["status"]["replicas"].as_int(), 4);
  EXPECT_EQ(Count(kSets), 2u);
  Apply(web, DeploymentYaml("web", "app:v1", 4));  // back: the old set serves again
  Advance(5000);
  EXPECT_EQ(Count(kSets), 2u);
  EXPECT_EQ(Get(web)
                .body.At({"metadata", "annotations"})["deployment.kubernetes.io/revision"]
                .as_string(),
            "3");
}

TEST_F(ControllersTest, BrokenImageMissesTheDeadlineWhileOldPodsStay) {
  std::string yaml = DeploymentYaml("web", "app:v1", 3) + "  progressDeadlineSeconds: 30\n";
  Apply(web, yaml);
  Advance(5000);
  Apply(web, ReplaceAll(yaml, "app:v1", "app:broken-2"));
  Advance(5000);
  Value stuck = Get(web).body;
  EXPECT_EQ(stuck["status"]["availableReplicas"].as_int(), 3);
  EXPECT_EQ(stuck["status"]["updatedReplicas"].as_int(), 1);
  bool waiting = false;
  const Value pods = Get(kPods).body["items"];
  for (const Value& pod : pods.items()) {
    const Value& state = pod.At({"status", "containerStatuses"})[0]["state"]["waiting"];
    waiting = waiting || state["reason"].as_string() == "ImagePullBackOff";
  }
  EXPECT_TRUE(waiting);
  EXPECT_EQ(Condition(stuck, "Progressing")["status"].as_string(), "True");
  Advance(40'000);
  stuck = Get(web).body;
  EXPECT_EQ(Condition(stuck, "Progressing")["status"].as_string(), "False");
  EXPECT_EQ(Condition(stuck, "Progressing")["reason"].as_string(), "ProgressDeadlineExceeded");
  EXPECT_EQ(stuck["status"]["availableReplicas"].as_int(), 3);
  Apply(web, yaml);  // rolled back
  Advance(5000);
  const Value healed = Get(web).body;
  EXPECT_EQ(Condition(healed, "Progressing")["reason"].as_string(), "NewReplicaSetAvailable");
  EXPECT_EQ(healed["status"]["replicas"].as_int(), 3);
}

TEST_F(ControllersTest, SlowStartsAndCrashes) {
  const std::string slow = ReplaceAll(
      DeploymentYaml("web", "app:v1", 1), "metadata: {labels: {app: web}}",
      "metadata: {labels: {app: web}, annotations: {sandbox.swell.dev/start-delay: 10s}}");
  Apply(web, slow);
  Advance(5000);
  EXPECT_EQ(Get(web).body["status"]["readyReplicas"].as_int(), 0);
  EXPECT_EQ(Get(kPods).body["items"][0]["status"]["phase"].as_string(), "Running");
  Advance(8000);
  EXPECT_EQ(Get(web).body["status"]["readyReplicas"].as_int(), 1);

  Apply(std::string(kDeployments) + "/bad", DeploymentYaml("bad", "app:crash", 1));
  Advance(5000);
  EXPECT_EQ(Get(std::string(kDeployments) + "/bad").body["status"]["availableReplicas"].as_int(),
            0);
}

TEST_F(ControllersTest, RecreateWaitsForTheOldPods) {
  const std::string yaml = DeploymentYaml("web", "app:v1", 2) + "  strategy: {type: Recreate}\n";
  Apply(web, yaml);
  Advance(5000);
  Apply(web, ReplaceAll(yaml, "app:v1", "app:v2"));
  std::int64_t most = 0;
  for (int i = 0; i < 60; ++i) {
    Advance(50);
    most = std::max(most, Get(web).body["status"]["replicas"].as_int());
  }
  EXPECT_EQ(most, 2);
  EXPECT_EQ(Get(web).body["status"]["updatedReplicas"].as_int(), 2);
}

TEST_F(ControllersTest, PausedDeploymentsKeepTheirPods) {
  Apply(web, DeploymentYaml("web", "app:v1", 1));
  Advance(3000);
  Apply(web, DeploymentYaml("web", "app:v2", 1) + "  paused: true\n");
  Advance(3000);
  EXPECT_EQ(Count(kSets), 1u);
  EXPECT_EQ(Get(web).body["status"]["updatedReplicas"].as_int(), 0);
}

TEST_F(ControllersTest, StatefulSetGoesInOrder) {
  const std::string url = "/apis/apps/v1/namespaces/default/statefulsets/db";
  const std::string yaml =
      ReplaceAll(DeploymentYaml("db", "db:v1", 3), "kind: Deployment", "kind: StatefulSet") +
      "  serviceName: db\n  volumeClaimTemplates:\n  - metadata: {name: "
      "data}\n    spec: {accessModes: [ReadWriteOnce], resources: {requests: "
      "{storage: 1Gi}}}\n";
  ASSERT_EQ(Apply(url, yaml).status, 201);
  Advance(300);
  EXPECT_EQ(Count(kPods), 1u);
  Advance(10'000);
  Value set = Get(url).body;
  EXPECT_EQ(set["status"]["readyReplicas"].as_int(), 3);
  EXPECT_EQ(set["status"]["currentRevision"], set["status"]["updateRevision"]);
  const Reply claim = Get("/api/v1/namespaces/default/persistentvolumeclaims/data-db-2");
  EXPECT_EQ(claim.body["status"]["phase"].as_string(), "Bound");
  Apply(url, ReplaceAll(yaml, "db:v1", "db:v2"));
  Advance(600);
  set = Get(url).body;
  EXPECT_NE(set["status"]["currentRevision"], set["status"]["updateRevision"]);
  Advance(10'000);
  set = Get(url).body;
  EXPECT_EQ(set["status"]["updatedReplicas"].as_int(), 3);
  EXPECT_EQ(set["status"]["currentRevision"], set["status"]["updateRevision"]);
}

TEST_F(ControllersTest, DaemonSetRunsOnTheOneNode) {
  const std::string url = "/apis/apps/v1/namespaces/default/daemonsets/agent";
  const std::string yaml = ReplaceAll(
      ReplaceAll(DeploymentYaml("agent", "a:v1", 1), "kind: Deployment", "kind: DaemonSet"),
      "  replicas: 1\n", "");
  Apply(url, yaml);
  Advance(3000);
  EXPECT_EQ(Get(url).body["status"]["numberAvailable"].as_int(), 1);
  Apply(url, ReplaceAll(yaml, "a:v1", "a:v2"));
  Advance(3000);
  const Value set = Get(url).body;
  EXPECT_EQ(set["status"]["updatedNumberScheduled"].as_int(), 1);
  EXPECT_EQ(set["status"]["observedGeneration"].as_int(), 2);
}

std::string JobYaml(const std::string& image, int backoff) {
  return "apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec:\n  backoffLimit: " +
         std::to_string(backoff) +
         "\n  template: {spec: {restartPolicy: Never, containers: [{name: m, image: '" + image +
         "'}]}}\n";
}

TEST_F(ControllersTest, JobsCompleteOrFail) {
  const std::string jobs = "/apis/batch/v1/namespaces/default/jobs";
  ASSERT_EQ(Post(jobs, JobYaml("m:v1", 1)).status, 201);
  Advance(500);
  EXPECT_EQ(Get(jobs + "/j").body["status"]["active"].as_int(), 1);
  Advance(2000);
  EXPECT_EQ(Condition(Get(jobs + "/j").body, "Complete")["status"].as_string(), "True");
  EXPECT_EQ(
      Merge(jobs + "/j", R"({"spec":{"template":{"spec":{"restartPolicy":"OnFailure"}}}})").status,
      422);
  Delete(jobs + "/j", R"({"propagationPolicy":"Background"})");
  Advance(1000);
  EXPECT_EQ(Count(kPods), 0u);
  Post(jobs, JobYaml("m:fail", 1));
  Advance(5000);
  EXPECT_EQ(Condition(Get(jobs + "/j").body, "Failed")["reason"].as_string(),
            "BackoffLimitExceeded");
}

TEST_F(ControllersTest, AddressesAndClaims) {
  const std::string services = "/api/v1/namespaces/default/services";
  Post(services,
       "{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {type: LoadBalancer, "
       "ports: [{port: 80}]}}");
  Advance(200);
  const Value service = Get(services + "/s").body;
  EXPECT_FALSE(service.At({"status", "loadBalancer", "ingress"}).empty());
  EXPECT_GE(service["spec"]["ports"][0]["nodePort"].as_int(), 30000);
  const std::string ingresses = "/apis/networking.k8s.io/v1/namespaces/default/ingresses";
  Post(ingresses,
       "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: i}, spec: "
       "{defaultBackend: {service: {name: s, port: {number: 80}}}}}");
  Advance(200);
  EXPECT_FALSE(Get(ingresses + "/i").body.At({"status", "loadBalancer", "ingress"}).empty());
}

TEST_F(ControllersTest, AutoscalerReportsItsTarget) {
  Apply(web, DeploymentYaml("web", "app:v1", 2));
  const std::string url = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers";
  Post(url,
       "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: h}, "
       "spec: {maxReplicas: 5, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: "
       "web}}}");
  Advance(200);
  const Value hpa = Get(url + "/h").body;
  EXPECT_EQ(hpa["status"]["currentReplicas"].as_int(), 2);
  EXPECT_EQ(Condition(hpa, "AbleToScale")["status"].as_string(), "True");
}

}  // namespace
}  // namespace swell::sandbox
