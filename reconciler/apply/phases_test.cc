// Phases around a sync, and deletions.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "reconciler/apply/apply.h"
#include "reconciler/live/fake_api.h"

namespace swell::apply {
namespace {

using live::testing::FakeApi;
using live::testing::Reply;
using live::testing::StatusReply;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kMaps[] = "/api/v1/namespaces/web/configmaps/";
constexpr char kJobs[] = "/apis/batch/v1/namespaces/web/jobs/";

// Every Job completes at once, but those whose name starts with "bad".
Value Complete(Value object) {
  if (object["kind"].as_string() != "Job") return object;
  const bool bad = object["metadata"]["name"].as_string().starts_with("bad");
  return object.With("status", *json::Parse(bad ? R"({"conditions":[{"type":"Failed",
    "status":"True","message":"it is bad"}]})"
                                                : R"({"conditions":[{"type":"Complete",
    "status":"True"}]})"));
}

class PhasesTest : public ::testing::Test {
 protected:
  PhasesTest() {
    api_.on_write = Complete;
    request_.connection = connection_;
    request_.application = "shop";
    request_.deadline = std::chrono::seconds(20);
    request_.preflight = Preflight::kOff;
  }

  Operation& Add(const std::string& text, Phase phase, int wave = 0) {
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
                   R"(","namespace":"web","annotations":{"swell.dev/owner":"shop"}}})",
               phase, wave);
  }
  void AddHook(const std::string& name, Phase phase, int wave = 0) {
    Add(R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":")" + name +
            R"(","namespace":"web","annotations":{"swell.dev/owner":"shop"}}})",
        phase, wave)
        .hook = true;
  }
  // An object in the cluster, ours, with a deletion in the plan.
  void AddDeletion(const std::string& name, int wave = 0, const std::string& metadata = "") {
    api_.Put(kMaps + name, R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":")" + name +
                               R"(","namespace":"web","uid":"u-)" + name +
                               R"(","annotations":{"swell.dev/owner":"shop"})" + metadata + "}}");
    Operation operation;
    operation.type = OperationType::kDelete;
    operation.id = {"", "ConfigMap", "web", name};
    operation.version = "v1";
    operation.phase = Phase::kPrune;
    operation.wave = wave;
    operation.uid = "u-" + name;
    operations_.push_back(operation);
  }
  // Deletions of that object set its deletionTimestamp and nothing more, until `looks` of it.
  void Linger(const std::string& name, int looks) {
    api_.intercept = [this, name, looks,
                      seen = 0](const net::HttpRequest& request) mutable -> std::optional<Reply> {
      const std::string path = kMaps + name;
      if (request.path != path) return {};
      if (request.method == "DELETE") {
        deletion_ = request.body;
        api_.Update(path, [](Value object) {
          return object.WithAt({"metadata", "deletionTimestamp"}, Value("2026-01-01T00:00:00Z"))
              .WithAt({"metadata", "finalizers"}, Value::Array({Value("e.com/x")}));
        });
        return Reply{200, json::Write(api_.Get(path))};
      }
      const bool going = !api_.Get(path)["metadata"]["deletionTimestamp"].is_null();
      if (request.method == "GET" && going && ++seen == looks) api_.Remove(path);
      return {};
    };
  }

  ClusterResult Run() {
    auto set = std::make_shared<OperationSet>();
    set->operations = operations_;
    request_.desired = std::make_shared<const std::vector<Object>>(desired_);
    request_.plan.cluster = "c1";
    request_.plan.operations = std::move(set);
    std::promise<ClusterResult> promise;
    apply::Apply(request_, [&](ClusterResult result) { promise.set_value(std::move(result)); });
    return promise.get_future().get();
  }
  // "PATCH a", "DELETE b": the writes, in short.
  std::vector<std::string> Writes() const {
    std::vector<std::string> writes;
    for (const std::string& request : api_.Requests()) {
      if (request.starts_with("GET")) continue;
      writes.push_back(request.substr(0, request.find(' ')) + request.substr(request.rfind('/')));
    }
    return writes;
  }

  std::vector<Object> desired_;
  std::vector<Operation> operations_;
  std::string deletion_;  // the body of the last one that Linger saw
  FakeApi api_;
  net::Loop loop_;
  kube::ConnectionPtr connection_ = live::testing::Connect(loop_, api_);
  Request request_;
};

// --- SyncFail ---

TEST_F(PhasesTest, SyncFailRunsOnlyAfterAFailureAndKeepsItsError) {
  AddConfigMap("a");
  AddConfigMap("later", Phase::kSync, 1);
  AddHook("tell", Phase::kSyncFail);
  AddHook("tidy", Phase::kSyncFail, 1);
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(Writes(), ElementsAre("PATCH/a", "PATCH/later"));

  api_.intercept = [&](const net::HttpRequest& request) -> std::optional<Reply> {
    if (request.method == "GET" || !request.path.ends_with("/a")) return {};
    return StatusReply(422, "Invalid", "data: too odd");
  };
  const ClusterResult result = Run();
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error->ToString(), HasSubstr("apply ConfigMap web/a"));
  EXPECT_THAT(Writes(),
              ElementsAre("PATCH/a", "PATCH/later", "PATCH/a", "PATCH/tell", "PATCH/tidy"));
  EXPECT_EQ(result.objects.size(), 3u) << "the hooks' results are told, too";
}

TEST_F(PhasesTest, AFailedHookIsAFailureToo) {
  AddHook("bad-migration", Phase::kPreSync);
  AddConfigMap("a");
  AddHook("tell", Phase::kSyncFail);
  const ClusterResult result = Run();
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error->ToString(), HasSubstr("it is bad"));
  EXPECT_THAT(Writes(), ElementsAre("PATCH/bad-migration", "PATCH/tell"));
}

TEST_F(PhasesTest, AFailedSyncFailHookChangesNothing) {
  AddHook("bad-migration", Phase::kPreSync);
  AddHook("bad-tell", Phase::kSyncFail);
  AddHook("never", Phase::kSyncFail, 1);
  const ClusterResult result = Run();
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error->ToString(), HasSubstr("bad-migration"));
  EXPECT_THAT(Writes(), ElementsAre("PATCH/bad-migration", "PATCH/bad-tell"));
}

TEST_F(PhasesTest, SyncFailHasADeadlineOfItsOwn) {
  api_.on_write = nullptr;  // no Job ever ends
  AddHook("migrate", Phase::kPreSync);
  AddHook("tell", Phase::kSyncFail);
  request_.deadline = std::chrono::milliseconds(900);
  const ClusterResult result = Run();
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error->ToString(), HasSubstr("run hook batch/Job web/migrate"));
  EXPECT_THAT(Writes(), ElementsAre("PATCH/migrate", "PATCH/tell"));
}

TEST_F(PhasesTest, AnApplyThatWasStoppedRunsSyncFailOnlyWhereItMay) {
  AddConfigMap("a");
  AddHook("tell", Phase::kSyncFail);
  request_.may_write = [] { return false; };
  EXPECT_EQ(Run().error->code(), ErrorCode::kCancelled);
  EXPECT_THAT(Writes(), IsEmpty());
  request_.may_write_after_failure = [] { return true; };
  EXPECT_EQ(Run().error->code(), ErrorCode::kCancelled);
  EXPECT_THAT(Writes(), ElementsAre("PATCH/tell"));
}

// --- health between phases ---

TEST_F(PhasesTest, PostSyncWaitsForTheHealthOfTheLastWave) {
  Add(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"web"}})",
      Phase::kSync);
  AddHook("after", Phase::kPostSync);
  AddHook("tell", Phase::kSyncFail);
  int looks = 0;
  api_.intercept = [&](const net::HttpRequest& request) -> std::optional<Reply> {
    if (request.method != "GET" || !request.path.ends_with("/pods/p") || ++looks != 2) return {};
    EXPECT_EQ(Writes().size(), 1u);
    api_.Update(request.path, [](Value pod) {
      return pod.With("status", *json::Parse(R"({"phase":"Running","conditions":[{"type":"Ready",
        "status":"True"}]})"));
    });
    return {};
  };
  const ClusterResult result = Run();
  ASSERT_TRUE(result.ok()) << result.error->ToString();
  EXPECT_THAT(Writes(), ElementsAre("PATCH/p", "PATCH/after"));
  EXPECT_GE(looks, 2);
}

TEST_F(PhasesTest, AWaveThatStaysDegradedFailsBeforeTheDeadline) {
  Add(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"web"}})",
      Phase::kSync);
  AddHook("after", Phase::kPostSync);
  api_.on_write = [](Value object) {
    return object.With("status", *json::Parse(R"({"phase":"Failed","message":"evicted"})"));
  };
  request_.degraded_grace = std::chrono::milliseconds(300);
  request_.deadline = std::chrono::minutes(10);
  const ClusterResult result = Run();
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error->ToString(), HasSubstr("sync wave 0 is not healthy (Pod web/p"));
  EXPECT_THAT(result.error->ToString(), HasSubstr("degraded for 300ms"));
}

// --- deletions ---

TEST_F(PhasesTest, ALastLookBeforeEachDeletion) {
  AddDeletion("gone");
  api_.Remove(std::string(kMaps) + "gone");
  AddDeletion("going", 0, R"(,"deletionTimestamp":"2026-01-01T00:00:00Z")");
  AddDeletion("stolen");
  api_.Update(std::string(kMaps) + "stolen", [](Value object) {
    return object.WithAt({"metadata", "annotations", kOwnerAnnotation}, Value("bank"));
  });
  AddDeletion("other");
  operations_.back().uid = "u-before";
  AddDeletion("released");
  api_.Update(std::string(kMaps) + "released",
              [](Value object) { return object.WithoutAt({"metadata", "annotations"}); });
  const ClusterResult result = Run();
  ASSERT_EQ(result.objects.size(), 5u);
  EXPECT_EQ(result.objects[0].done, OperationType::kDelete);
  EXPECT_FALSE(result.objects[1].error);
  EXPECT_EQ(result.objects[1].done, OperationType::kNone) << "it is still there";
  EXPECT_THAT(result.objects[2].error->ToString(),
              HasSubstr("belongs to application \"bank\" now"));
  EXPECT_THAT(result.objects[3].error->ToString(), HasSubstr("created anew since the plan"));
  EXPECT_THAT(result.objects[4].error->ToString(), HasSubstr("owner annotation was removed"));
  EXPECT_THAT(Writes(), IsEmpty());
}

TEST_F(PhasesTest, PropagationOfTheApplicationAndOfTheObject) {
  std::vector<std::string> bodies;
  api_.intercept = [&](const net::HttpRequest& request) -> std::optional<Reply> {
    if (request.method == "DELETE") bodies.push_back(request.body);
    return {};
  };
  request_.sync.propagation = Propagation::kForeground;
  AddDeletion("a", 0);
  AddDeletion("b", 1);
  api_.Update(std::string(kMaps) + "b", [](Value object) {
    return object.WithAt({"metadata", "annotations", "swell.dev/propagation"}, Value("orphan"));
  });
  ASSERT_TRUE(Run().ok());
  ASSERT_EQ(bodies.size(), 2u);
  EXPECT_THAT(bodies[0], HasSubstr("Foreground"));
  EXPECT_THAT(bodies[0], HasSubstr("u-a"));
  EXPECT_THAT(bodies[1], HasSubstr("Orphan"));
}

TEST_F(PhasesTest, AStepOfDeletionsEndsWhenItsObjectsAreGone) {
  AddDeletion("first", 0);
  AddDeletion("second", 1);
  Linger("first", 3);
  const ClusterResult result = Run();
  ASSERT_TRUE(result.ok()) << result.error->ToString();
  EXPECT_EQ(result.objects[0].done, OperationType::kDelete);
  const std::vector<std::string> requests = api_.Requests();
  const auto second = std::ranges::find(requests, std::string("DELETE ") + kMaps + "second");
  EXPECT_EQ(std::count(requests.begin(), second, std::string("GET ") + kMaps + "first"), 4);
  EXPECT_TRUE(api_.Get(std::string(kMaps) + "first").is_null());
}

TEST_F(PhasesTest, TheLastDeletionsAreNotWaitedFor) {
  AddDeletion("a");
  Linger("a", 1000);
  const ClusterResult result = Run();
  ASSERT_TRUE(result.ok()) << result.error->ToString();
  EXPECT_EQ(result.objects[0].done, OperationType::kNone) << "the inventory keeps it";
}

TEST_F(PhasesTest, ADeletionThatMustEndSaysWhatHoldsIt) {
  AddDeletion("a");
  Linger("a", 1000);
  request_.await_deletions = AwaitDeletions::kAlways;
  request_.deadline = std::chrono::milliseconds(700);
  const ClusterResult result = Run();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error->code(), ErrorCode::kDeadlineExceeded);
  EXPECT_THAT(result.error->ToString(), HasSubstr("delete ConfigMap web/a: it does not go away"));
  EXPECT_THAT(result.error->ToString(), HasSubstr("finalizers hold it: e.com/x"));
  EXPECT_THAT(result.error->ToString(), HasSubstr("kubectl patch configmap a -n web"));
}

TEST_F(PhasesTest, AStuckNamespaceNamesWhatIsLeftInIt) {
  api_.Put("/api/v1/namespaces/web", R"({"apiVersion":"v1","kind":"Namespace","metadata":{
    "name":"web","uid":"u-ns","annotations":{"swell.dev/owner":"shop"},
    "deletionTimestamp":"2026-01-01T00:00:00Z"},"status":{"phase":"Terminating","conditions":[
    {"type":"NamespaceContentRemaining","status":"True","message":
     "Some resources are remaining: jobs.batch has 2 resource instances"}]}})");
  for (const char* name : {"j1", "j2"}) {
    api_.Put(std::string(kJobs) + name,
             std::string(R"({"metadata":{"name":")") + name + R"(","finalizers":["e.com/x"]}})");
  }
  Operation operation;
  operation.type = OperationType::kDelete;
  operation.id = {"", "Namespace", "", "web"};
  operation.version = "v1";
  operation.phase = Phase::kPrune;
  operation.uid = "u-ns";
  operations_.push_back(operation);
  request_.await_deletions = AwaitDeletions::kAlways;
  request_.deadline = std::chrono::milliseconds(500);
  const ClusterResult result = Run();
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error->ToString(),
              HasSubstr("NamespaceContentRemaining: Some resources are remaining: jobs.batch has 2 "
                        "resource instances; with finalizers: jobs/j1, jobs/j2."));
  EXPECT_THAT(Writes(), IsEmpty()) << "it is not deleted a second time";
}

// --- a whole application ---

TEST_F(PhasesTest, PreDeleteHooksGoBeforeAndAreRecorded) {
  AddHook("before", Phase::kPreDelete);
  AddDeletion("a");
  AddHook("after", Phase::kPostDelete);
  int recorded = 0;
  request_.await_deletions = AwaitDeletions::kAlways;
  request_.checkpoint = [&](std::vector<ObjectResult> results, auto go_on) {
    ++recorded;
    EXPECT_EQ(results.size(), 1u);
    EXPECT_EQ(results[0].done, OperationType::kDelete) << "nobody is left to own it";
    EXPECT_FALSE(api_.Get(std::string(kMaps) + "a").is_null());
    go_on({});
  };
  const ClusterResult result = Run();
  ASSERT_TRUE(result.ok()) << result.error->ToString();
  EXPECT_EQ(recorded, 1);
  EXPECT_THAT(Writes(), ElementsAre("PATCH/before", "DELETE/before", "DELETE/a", "PATCH/after",
                                    "DELETE/after"));
}

TEST_F(PhasesTest, WhatCannotBeRecordedDeletesNothing) {
  AddHook("before", Phase::kPreDelete);
  AddDeletion("a");
  request_.checkpoint = [&](std::vector<ObjectResult>, auto go_on) {
    go_on(Fail(ResourceExhausted("the disk is full")));
  };
  const ClusterResult result = Run();
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error->ToString(), HasSubstr("the disk is full"));
  EXPECT_FALSE(api_.Get(std::string(kMaps) + "a").is_null());
}

TEST_F(PhasesTest, AFailedPreDeleteHookBlocksTheDeletion) {
  AddHook("bad-backup", Phase::kPreDelete);
  AddDeletion("a");
  const ClusterResult result = Run();
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error->ToString(),
              HasSubstr("run hook batch/Job web/bad-backup: the hook failed: it is bad"));
  EXPECT_FALSE(api_.Get(std::string(kMaps) + "a").is_null());
  EXPECT_FALSE(api_.Get(std::string(kJobs) + "bad-backup").is_null()) << "it tells why";
}

TEST_F(PhasesTest, ArgosHookFinalizerIsTakenFromAHookThatIsDeleted) {
  api_.Put(std::string(kJobs) + "migrate", R"({"apiVersion":"batch/v1","kind":"Job","metadata":{
    "name":"migrate","uid":"u-old","finalizers":["argocd.argoproj.io/hook-finalizer"]}})");
  AddHook("migrate", Phase::kPreSync);
  std::string patch;
  api_.intercept = [&](const net::HttpRequest& request) -> std::optional<Reply> {
    if (!request.path.ends_with("/migrate")) return {};
    if (request.method == "DELETE") {
      api_.Update(request.path, [](Value job) {
        return job.WithAt({"metadata", "deletionTimestamp"}, Value("2026-01-01T00:00:00Z"));
      });
      return Reply{200, json::Write(api_.Get(request.path))};
    }
    if (request.method == "PATCH" &&
        request.headers.Get("content-type") == "application/json-patch+json") {
      patch = request.body;
      const Value job = api_.Get(request.path);
      api_.Remove(request.path);
      return Reply{200, json::Write(job)};
    }
    return {};
  };
  const ClusterResult result = Run();
  ASSERT_TRUE(result.ok()) << result.error->ToString();
  EXPECT_THAT(patch, HasSubstr("/metadata/finalizers/0"));
  EXPECT_THAT(Writes(), ElementsAre("DELETE/migrate", "PATCH/migrate", "PATCH/migrate"));
}

}  // namespace
}  // namespace swell::apply
