#include "reconciler/apply/apply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "reconciler/live/fake_api.h"

namespace swell::apply {
namespace {

using live::testing::FakeApi;
using live::testing::Reply;
using live::testing::StatusReply;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

constexpr char kMaps[] = "/api/v1/namespaces/web/configmaps/";
constexpr char kJobs[] = "/apis/batch/v1/namespaces/web/jobs/";
constexpr char kDeployments[] = "/apis/apps/v1/namespaces/web/deployments/";

// What the Deployment and Job controllers and the CRD controller would do, at once.
Value Complete(Value object) {
  const std::string_view kind = object["kind"].as_string();
  const char* status = nullptr;
  if (kind == "Job") status = R"({"conditions":[{"type":"Complete","status":"True"}]})";
  if (kind == "CustomResourceDefinition") {
    status = R"({"conditions":[{"type":"Established","status":"True"}]})";
  }
  return status ? object.With("status", *json::Parse(status)) : object;
}

class ApplyTest : public ::testing::Test {
 protected:
  ApplyTest() { api_.on_write = Complete; }

  // Adds a desired object with its operation.
  Operation& Add(const std::string& text, Phase phase = Phase::kSync, int wave = 0) {
    desired_.push_back({*json::Parse(text), "test.yaml"});
    Operation operation;
    operation.type = OperationType::kUpdate;
    operation.id = desired_.back().id();
    operation.version = "v1";
    operation.phase = phase;
    operation.wave = wave;
    operations_.push_back(std::move(operation));
    return operations_.back();
  }
  Operation& AddConfigMap(const std::string& name, Phase phase = Phase::kSync, int wave = 0) {
    return Add(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":")" + name +
                   R"(","namespace":"web"},"data":{"k":"v"}})",
               phase, wave);
  }
  Operation& AddDeployment(const std::string& name, int wave = 0) {
    return Add(R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":")" + name +
                   R"(","namespace":"web"},"spec":{"replicas":1,"selector":{"matchLabels":{
                   "app":"w"}}}})",
               Phase::kSync, wave);
  }
  Operation& AddHook(const std::string& name, const std::string& policy = "") {
    Operation& hook =
        Add(R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":")" + name +
                R"(","namespace":"web","annotations":{"argocd.argoproj.io/hook":"PreSync")" +
                (policy.empty() ? ""
                                : R"(,"argocd.argoproj.io/hook-delete-policy":")" + policy + "\"") +
                R"(}},"spec":{"selector":{"matchLabels":{"job":"j"}}}})",
            Phase::kPreSync);
    hook.hook = true;
    return hook;
  }
  void AddDeletion(const std::string& name, const std::string& uid) {
    Operation operation;
    operation.type = OperationType::kDelete;
    operation.id = {"", "ConfigMap", "web", name};
    operation.version = "v1";
    operation.phase = Phase::kPrune;
    operation.uid = uid;
    operations_.push_back(operation);
  }

  ClusterResult Apply() {
    auto set = std::make_shared<OperationSet>();
    set->operations = operations_;
    Request request;
    request.connection = connection_;
    request.desired = std::make_shared<const std::vector<Object>>(desired_);
    request.plan.cluster = "c1";
    request.plan.operations = std::move(set);
    request.application = "shop";
    request.deadline = deadline_;
    request.may_write = may_write_;
    request.sync = sync_;
    request.preflight = preflight_;
    std::promise<ClusterResult> promise;
    apply::Apply(std::move(request),
                 [&](ClusterResult result) { promise.set_value(std::move(result)); });
    return promise.get_future().get();
  }
  Result<HealthReport> Health(std::vector<ObjectResult> applied = {}) {
    std::promise<Result<HealthReport>> promise;
    ReadHealth(
        {connection_, std::make_shared<const std::vector<Object>>(desired_), std::move(applied)},
        [&](Result<HealthReport> report) { promise.set_value(std::move(report)); });
    return promise.get_future().get();
  }
  // The requests that write.
  std::vector<std::string> Writes() const {
    std::vector<std::string> writes;
    for (const std::string& request : api_.Requests()) {
      if (!request.starts_with("GET")) writes.push_back(request);
    }
    return writes;
  }

  std::vector<Object> desired_;
  std::vector<Operation> operations_;
  Duration deadline_ = std::chrono::seconds(20);
  std::function<bool()> may_write_;
  SyncSpec sync_;
  Preflight preflight_ = Preflight::kOff;
  FakeApi api_;
  net::Loop loop_;
  kube::ConnectionPtr connection_ = live::testing::Connect(loop_, api_);
};

TEST_F(ApplyTest, AppliesWhatChangesAndLeavesTheRest) {
  AddConfigMap("a");
  AddConfigMap("b").type = OperationType::kNone;
  api_.Put(std::string(kMaps) + "b", R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{}})");
  const ClusterResult result = Apply();
  ASSERT_TRUE(result.ok()) << result.error->ToString();
  ASSERT_EQ(result.objects.size(), 1u);
  EXPECT_EQ(result.objects[0].id.name, "a");
  EXPECT_EQ(result.objects[0].done, OperationType::kCreate);
  EXPECT_EQ(result.objects[0].generation, 1);
  EXPECT_FALSE(result.objects[0].uid.empty());
  EXPECT_THAT(Writes(), ElementsAre(std::string("PATCH ") + kMaps + "a"));
}

TEST_F(ApplyTest, CreatesByServerSideApplyWithStrictValidation) {
  std::string query;
  std::string type;
  api_.intercept = [&](const net::HttpRequest& request) -> std::optional<Reply> {
    if (request.method != "PATCH") return {};
    query = request.query;
    type = request.headers.Get("content-type");
    return {};
  };
  AddConfigMap("a");
  ASSERT_TRUE(Apply().ok());
  EXPECT_THAT(query, HasSubstr("fieldManager=swell"));
  // There is nobody to take a field from; if there is, the server shall tell.
  EXPECT_THAT(query, HasSubstr("force=false"));
  EXPECT_THAT(query, HasSubstr("fieldValidation=Strict"));
  EXPECT_THAT(type, HasSubstr("application/apply-patch+yaml"));
}

TEST_F(ApplyTest, OneBadObjectHidesNothingButStopsWhatFollows) {
  AddConfigMap("bad");
  AddConfigMap("good");
  AddConfigMap("later", Phase::kSync, 1);
  AddDeletion("old", "u");
  api_.intercept = [&](const net::HttpRequest& request) -> std::optional<Reply> {
    if (request.method != "PATCH" || !request.path.ends_with("/bad")) return {};
    return StatusReply(422, "Invalid", "ConfigMap \"bad\" is invalid: data: too odd");
  };
  const ClusterResult result = Apply();
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error->ToString(), HasSubstr("apply ConfigMap web/bad"));
  EXPECT_THAT(result.error->ToString(), HasSubstr("too odd"));
  ASSERT_EQ(result.objects.size(), 2u);
  EXPECT_TRUE(result.objects[0].error);
  EXPECT_FALSE(result.objects[1].error);
  EXPECT_THAT(Writes(), UnorderedElementsAre(std::string("PATCH ") + kMaps + "bad",
                                             std::string("PATCH ") + kMaps + "good"));
}

TEST_F(ApplyTest, WaitsForCrdsBeforeTheirObjects) {
  Add(R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
    "metadata":{"name":"things.e.com"},"spec":{"group":"e.com","names":{"kind":"Thing"}}})");
  Add(R"({"apiVersion":"e.com/v1","kind":"Thing","metadata":{"name":"t","namespace":"web"}})");
  int looks = 0;
  api_.on_write = [](Value object) { return object; };
  api_.intercept = [&](const net::HttpRequest& request) -> std::optional<Reply> {
    // Established at the second look, and served from then on.
    if (request.method == "GET" && request.path.ends_with("things.e.com") && ++looks == 2) {
      api_.Serve("e.com", "Thing", "things");
      api_.Update(request.path, Complete);
    }
    return {};
  };
  const ClusterResult result = Apply();
  ASSERT_TRUE(result.ok()) << result.error->ToString();
  EXPECT_EQ(looks, 2);
  EXPECT_THAT(Writes(), ElementsAre("PATCH /apis/apiextensions.k8s.io/v1/customresourcedefinitions/"
                                    "things.e.com",
                                    "PATCH /apis/e.com/v1/namespaces/web/things/t"));
}

TEST_F(ApplyTest, ACrdWhoseNamesAreTakenStopsTheApply) {
  Add(R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
    "metadata":{"name":"things.e.com"},"spec":{"group":"e.com","names":{"kind":"Thing"}}})");
  AddConfigMap("later", Phase::kSync, 1);
  api_.on_write = [](Value object) {
    return object.With("status", *json::Parse(R"({"conditions":[{"type":"NamesAccepted",
      "status":"False","message":"things is taken"}]})"));
  };
  const ClusterResult result = Apply();
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error->ToString(), HasSubstr("things is taken"));
  EXPECT_EQ(Writes().size(), 1u);
}

TEST_F(ApplyTest, RunsHooksToCompletionFirst) {
  AddHook("migrate", "HookSucceeded");
  AddConfigMap("a");
  const ClusterResult result = Apply();
  ASSERT_TRUE(result.ok()) << result.error->ToString();
  EXPECT_THAT(Writes(), ElementsAre(std::string("PATCH ") + kJobs + "migrate",
                                    std::string("DELETE ") + kJobs + "migrate",
                                    std::string("PATCH ") + kMaps + "a"));
  EXPECT_EQ(result.objects.size(), 2u);
}

TEST_F(ApplyTest, DeletesTheLeftOverOfAnEarlierRun) {
  api_.Put(std::string(kJobs) + "migrate",
           R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"migrate"}})");
  AddHook("migrate");
  const ClusterResult result = Apply();
  ASSERT_TRUE(result.ok()) << result.error->ToString();
  EXPECT_THAT(Writes(), ElementsAre(std::string("DELETE ") + kJobs + "migrate",
                                    std::string("PATCH ") + kJobs + "migrate"));
  EXPECT_EQ(result.objects[0].uid, "uid-2");
}

TEST_F(ApplyTest, NeverDeletesAnotherApplicationsObjectForAHook) {
  api_.Put(std::string(kJobs) + "migrate",
           R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"migrate",
             "annotations":{"swell.dev/owner":"bank"}}})");
  AddHook("migrate");
  const ClusterResult result = Apply();
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error->ToString(), HasSubstr("belongs to application bank"));
  EXPECT_THAT(Writes(), IsEmpty());
}

TEST_F(ApplyTest, AFailedHookStopsTheApplyAndSaysWhy) {
  AddHook("migrate", "HookFailed");
  AddConfigMap("a");
  api_.on_write = [](Value object) {
    return object.With("status", *json::Parse(R"({"conditions":[{"type":"Failed","status":"True",
      "message":"Job has reached the specified backoff limit"}]})"));
  };
  api_.Put("/api/v1/namespaces/web/pods/migrate-x",
           R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"migrate-x"}})");
  api_.Update("/api/v1/namespaces/web/pods/migrate-x", [](Value pod) {
    return pod.With("status", *json::Parse(R"({"containerStatuses":[{"name":"m","state":{
      "terminated":{"exitCode":3,"reason":"Error","message":"no such table"}}}]})"));
  });
  const ClusterResult result = Apply();
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error->ToString(),
              HasSubstr("run hook batch/Job web/migrate: the hook failed: Job has reached the "
                        "specified backoff limit; pod migrate-x: container m: Error: exit code "
                        "3: no such table"));
  // The deletion is on its way, nothing else is.
  for (const std::string& write : Writes()) EXPECT_THAT(write, HasSubstr("/jobs/migrate"));
}

TEST_F(ApplyTest, AHookThatNeverEndsMeetsTheDeadline) {
  AddHook("migrate");
  AddConfigMap("a");
  deadline_ = std::chrono::milliseconds(600);
  api_.on_write = nullptr;
  const ClusterResult result = Apply();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error->code(), ErrorCode::kDeadlineExceeded);
  EXPECT_THAT(result.error->ToString(), HasSubstr("Waiting for the Job to complete"));
  EXPECT_EQ(Writes().size(), 1u);
}

TEST_F(ApplyTest, AWaveWaitsForTheHealthOfTheOneBefore) {
  AddDeployment("first");
  AddConfigMap("second", Phase::kSync, 1);
  int looks = 0;
  api_.intercept = [&](const net::HttpRequest& request) -> std::optional<Reply> {
    if (request.method == "GET" && request.path.ends_with("/first") && ++looks == 3) {
      EXPECT_EQ(Writes().size(), 1u) << "the second wave waits";
      api_.Update(request.path, [](Value deployment) {
        return deployment.With("status", *json::Parse(R"({"observedGeneration":1,"replicas":1,
          "updatedReplicas":1,"availableReplicas":1,"conditions":[{"type":"Available",
          "status":"True"}]})"));
      });
    }
    return {};
  };
  const ClusterResult result = Apply();
  ASSERT_TRUE(result.ok()) << result.error->ToString();
  EXPECT_EQ(looks, 3);
  EXPECT_EQ(Writes().size(), 2u);
}

TEST_F(ApplyTest, AnUnhealthyWaveEndsAtTheDeadline) {
  AddDeployment("first");
  AddConfigMap("second", Phase::kSync, 1);
  deadline_ = std::chrono::milliseconds(600);
  const ClusterResult result = Apply();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error->code(), ErrorCode::kDeadlineExceeded);
  EXPECT_THAT(result.error->ToString(),
              HasSubstr("sync wave 0 is not healthy (apps/Deployment web/first: Waiting"));
  ASSERT_EQ(result.objects.size(), 1u);
  EXPECT_FALSE(result.objects[0].error) << "the object itself was applied";
}

TEST_F(ApplyTest, DeletesLastAndByUid) {
  for (const char* name : {"old", "other"}) {
    api_.Put(std::string(kMaps) + name, R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{
      "annotations":{"swell.dev/owner":"shop"}}})");
  }
  AddConfigMap("a");
  AddDeletion("gone", "uid-9");
  AddDeletion("old", "uid-1");
  AddDeletion("other", "uid-7");
  const ClusterResult result = Apply();
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error->ToString(), HasSubstr("delete ConfigMap web/other"));
  EXPECT_THAT(result.error->ToString(), HasSubstr("created anew since the plan"));
  EXPECT_EQ(Writes()[0], std::string("PATCH ") + kMaps + "a");
  EXPECT_TRUE(api_.Get(std::string(kMaps) + "old").is_null());
  EXPECT_FALSE(api_.Get(std::string(kMaps) + "other").is_null());
  EXPECT_EQ(result.objects[1].done, OperationType::kDelete) << "what is gone is deleted";
}

TEST_F(ApplyTest, StopsWhenItMayNoLongerWrite) {
  AddConfigMap("a");
  AddConfigMap("b", Phase::kSync, 1);
  int asked = 0;
  may_write_ = [&] { return ++asked == 1; };
  const ClusterResult result = Apply();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error->code(), ErrorCode::kCancelled);
  EXPECT_EQ(Writes().size(), 1u);
}

TEST_F(ApplyTest, WaitsForANamespaceThatGoesAway) {
  AddConfigMap("a");
  int tries = 0;
  api_.intercept = [&](const net::HttpRequest& request) -> std::optional<Reply> {
    if (request.method != "PATCH" || ++tries > 1) return {};
    return Reply{403, R"({"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden",
      "message":"configmaps \"a\" is forbidden: unable to create new content in namespace web because it is being terminated",
      "details":{"causes":[{"reason":"NamespaceTerminating","message":"namespace web is being terminated","field":"metadata.namespace"}]},
      "code":403})"};
  };
  const ClusterResult result = Apply();
  ASSERT_TRUE(result.ok()) << result.error->ToString();
  EXPECT_EQ(tries, 2);
}

TEST_F(ApplyTest, NothingToDoIsDone) {
  EXPECT_TRUE(Apply().ok());
  AddConfigMap("a").type = OperationType::kNone;
  EXPECT_TRUE(Apply().ok());
  EXPECT_THAT(Writes(), IsEmpty());
}

TEST_F(ApplyTest, HealthNamesTheWorstObjectAndItsPod) {
  AddConfigMap("a");
  AddDeployment("w");
  AddHook("migrate");  // hooks are not looked at
  api_.Put(std::string(kMaps) + "a", R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{}})");
  auto report = Health();
  ASSERT_TRUE(report) << report.error().ToString();
  EXPECT_EQ(report->health.status, HealthStatus::kMissing);
  EXPECT_THAT(report->health.message, HasSubstr("apps/Deployment web/w"));
  ASSERT_EQ(report->objects.size(), 2u);

  api_.Put(std::string(kDeployments) + "w", json::Write(desired_[1].value));
  api_.Put("/api/v1/namespaces/web/pods/w-1", R"({"apiVersion":"v1","kind":"Pod","metadata":{
    "name":"w-1"},"status":{"phase":"Pending","containerStatuses":[{"name":"w","state":{"waiting":
    {"reason":"ImagePullBackOff","message":"Back-off pulling image \"nope\""}}}]}})");
  report = Health();
  ASSERT_TRUE(report) << report.error().ToString();
  EXPECT_EQ(report->health.status, HealthStatus::kProgressing);
  EXPECT_THAT(report->health.message,
              HasSubstr("pod w-1: container w: ImagePullBackOff: Back-off pulling image"));
}

TEST_F(ApplyTest, HealthTellsWhatTheNewPodsAndTheirEventsSay) {
  AddDeployment("w");
  api_.Serve("apps", "ReplicaSet", "replicasets");
  api_.Serve("", "Event", "events");
  api_.Put(std::string(kDeployments) + "w", json::Write(desired_[0].value));
  const std::string uid = api_.Get(std::string(kDeployments) + "w")["metadata"]["uid"].str();
  const auto put_set = [&](const std::string& name, const std::string& revision) {
    api_.Put("/apis/apps/v1/namespaces/web/replicasets/" + name,
             R"({"metadata":{"name":")" + name + R"(","uid":"u-)" + name +
                 R"(","annotations":{"deployment.kubernetes.io/revision":")" + revision +
                 R"("},"ownerReferences":[{"uid":")" + uid + R"("}]}})");
  };
  const auto put_pod = [&](const std::string& name, const std::string& owner,
                           const std::string& status) {
    api_.Put("/api/v1/namespaces/web/pods/" + name,
             R"({"metadata":{"name":")" + name + R"(","uid":"u-)" + name +
                 R"(","ownerReferences":[{"uid":"u-)" + owner + R"("}]},"status":)" + status + "}");
  };
  put_set("w-old", "1");
  put_set("w-new", "2");
  put_pod("w-old-1", "w-old", R"({"phase":"Running","containerStatuses":[{"name":"w","state":{
    "waiting":{"reason":"CrashLoopBackOff"}}}]})");
  put_pod("w-new-1", "w-new", R"({"phase":"Pending"})");
  api_.Put("/api/v1/namespaces/web/events/e1", R"({"type":"Warning","reason":"FailedMount",
    "message":"secret \"db\" not found","count":7,"firstTimestamp":"2026-11-27T16:00:00Z",
    "lastTimestamp":"2026-11-27T16:02:00Z","involvedObject":{"uid":"u-w-new-1"}})");
  const auto report = Health();
  ASSERT_TRUE(report) << report.error().ToString();
  EXPECT_THAT(report->health.message,
              HasSubstr("event FailedMount (5+ times since 2026-11-27T16:00:00Z): secret \"db\" "
                        "not found"));
  EXPECT_THAT(report->health.message, Not(HasSubstr("CrashLoopBackOff")));
}

TEST_F(ApplyTest, WhatWasExplainedIsNotAskedAgainAtOnce) {
  AddDeployment("w");
  api_.Put(std::string(kDeployments) + "w", json::Write(desired_[0].value));
  api_.Put("/api/v1/namespaces/web/pods/w-1", R"({"metadata":{"name":"w-1"},"status":{
    "phase":"Failed","message":"evicted"}})");
  const auto explanations = std::make_shared<Explanations>();
  const auto read = [&] {
    std::promise<Result<HealthReport>> promise;
    ReadHealth({.connection = connection_,
                .desired = std::make_shared<const std::vector<Object>>(desired_),
                .explanations = explanations},
               [&](Result<HealthReport> report) { promise.set_value(std::move(report)); });
    return promise.get_future().get()->health.message;
  };
  const std::string first = read();
  EXPECT_THAT(first, HasSubstr("pod w-1: evicted"));
  const auto before = api_.Requests().size();
  EXPECT_EQ(read(), first);
  EXPECT_EQ(api_.Requests().size(), before + 1);  // the Deployment itself
}

TEST_F(ApplyTest, UsersChecksJudgeReportsWavesAndHooks) {
  AddConfigMap("a");
  api_.Put(std::string(kMaps) + "a",
           R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{},"data":{"state":"bad"}})");
  const std::vector<HealthCheck> checks = {
      {"", "ConfigMap", "return {status = 'Degraded', message = 'state is ' .. obj.data.state}"}};
  const SystemClock clock;
  Executor workers({.name = "test", .threads = 1});
  UserChecks user{*health::Checks::Compile(checks, "spec.healthChecks"), &clock, &workers};
  const auto read = [&](const UserChecks& with) {
    std::promise<Result<HealthReport>> promise;
    ReadHealth({.connection = connection_,
                .desired = std::make_shared<const std::vector<Object>>(desired_),
                .checks = with},
               [&](Result<HealthReport> report) { promise.set_value(std::move(report)); });
    return promise.get_future().get()->health;
  };
  EXPECT_EQ(read({}).status, HealthStatus::kHealthy);
  EXPECT_EQ(read(user).status, HealthStatus::kDegraded);
  EXPECT_THAT(read(user).message, HasSubstr("state is bad"));
  user.workers = nullptr;
  EXPECT_EQ(read(user).status, HealthStatus::kDegraded);
}

TEST_F(ApplyTest, HealthWaitsForTheAppliedGeneration) {
  AddConfigMap("a");
  api_.Put(std::string(kMaps) + "a", R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{}})");
  ObjectResult applied;
  applied.id = desired_[0].id();
  applied.generation = 1;
  EXPECT_EQ(Health({applied})->health.status, HealthStatus::kHealthy);
  applied.generation = 2;
  EXPECT_EQ(Health({applied})->health.status, HealthStatus::kProgressing);
}

TEST_F(ApplyTest, HealthThatCannotBeReadIsAnError) {
  AddConfigMap("a");
  api_.intercept = [&](const net::HttpRequest&) -> std::optional<Reply> {
    return StatusReply(403, "Forbidden", "no");
  };
  EXPECT_FALSE(Health());
}

}  // namespace
}  // namespace swell::apply
