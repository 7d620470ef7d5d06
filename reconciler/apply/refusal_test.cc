// What passes, what does not, and what is told before the first write.

#include <atomic>

#include "reconciler/apply/object_test_util.h"

namespace swell::apply::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// --- what passes, and what does not ---

TEST_F(ObjectTest, AWebhookThatComesUpIsWaitedFor) {
  AddMap();
  // The client itself tries twice here.
  AnswerWrites(
      {500, StatusText(500, "InternalError",
                       "Internal error occurred: failed calling webhook "
                       "\"v.example.com\": Post \"https://v.web.svc/x\": dial tcp 10.0.0.1:443: "
                       "connect: connection refused")},
      3);
  const ClusterResult result = Apply();
  EXPECT_TRUE(result.ok()) << ErrorOf(result);
}

TEST_F(ObjectTest, AWebhookThatStaysAwayIsTold) {
  AddMap();
  request_.deadline = std::chrono::seconds(1);
  AnswerWrites({500, StatusText(500, "InternalError",
                                "Internal error occurred: failed calling webhook "
                                "\"v.example.com\": no endpoints available for service \"v\"")});
  EXPECT_THAT(ErrorOf(Apply()), AllOf(HasSubstr("a webhook that the cluster asks does not answer"),
                                      HasSubstr("v.example.com")));
}

TEST_F(ObjectTest, AConnectionThatAlwaysBreaksIsNoObjectThatChanges) {
  AddMap();
  PutMap("[]");
  request_.deadline = std::chrono::seconds(1);
  AnswerWrites({.status = 0});
  EXPECT_THAT(ErrorOf(Apply()), AllOf(HasSubstr("the server reset the stream"),
                                      Not(HasSubstr("changes again and again"))));
  EXPECT_THAT(api_.Requests(), Not(Contains(std::string("GET ") + kMap)));
}

TEST_F(ObjectTest, RefusalsAreFinalAndSayWhatToDo) {
  struct Case {
    Reply reply;
    const char* advice;
  };
  const Case cases[] = {
      {{403, StatusText(403, "Forbidden",
                        "configmaps \"a\" is forbidden: exceeded quota: small, "
                        "requested: count/configmaps=1, used: count/configmaps=9, limited: 9")},
       "a ResourceQuota of the namespace is used up"},
      {{403, StatusText(403, "Forbidden",
                        "configmaps \"a\" is forbidden: User \"swell\" cannot patch "
                        "resource \"configmaps\" in API group \"\" in the namespace \"web\"")},
       "lacks a right (RBAC)"},
      {{400, StatusText(400, "BadRequest",
                        "admission webhook \"v.example.com\" denied the request: no")},
       "an admission webhook or policy of the cluster denies it"},
      {{404, StatusText(404, "NotFound", "namespaces \"web\" not found")},
       "namespace \"web\" does not exist: declare it, or set destination.createNamespace"},
      {{500, StatusText(500, "",
                        "failed to create typed patch object (web/a; v1, Kind=ConfigMap): "
                        ".bogus: field not declared in schema")},
       "the object states a field that ConfigMap v1 of this cluster does not have"},
      {{500, StatusText(500, "",
                        "failed to create typed patch object (web/a; v1, Kind=ConfigMap): "
                        ".l: duplicate entries for key [name=\"A\"]")},
       "two items of a list have the same key"},
      {{413,
        StatusText(413, "RequestEntityTooLarge", "Request entity too large: limit is 3145728")},
       "the object is too large for the cluster"},
      {{500, StatusText(500, "", "etcdserver: request is too large")},
       "the object is too large for the cluster"},
      {{422, StatusText(422, "Invalid",
                        "ConfigMap \"a\" is invalid: []: Too long: may not be more than "
                        "1048576 bytes")},
       "the object is too large for the cluster"},
  };
  for (const Case& c : cases) {
    desired_.clear();
    operations_.clear();
    AddMap();
    int writes = 0;
    api_.intercept = [&](const net::HttpRequest& request) -> std::optional<Reply> {
      if (request.method != "PATCH") return {};
      ++writes;
      return c.reply;
    };
    EXPECT_THAT(ErrorOf(Apply()), AllOf(HasSubstr("apply ConfigMap web/a: "), HasSubstr(c.advice)));
    EXPECT_EQ(writes, 1) << c.advice;
  }
}

TEST_F(ObjectTest, WhatIsTooLargeIsNotSent) {
  Add(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"web"},"data":{"k":")" +
      std::string(1'200'000, 'x') + "\"}}");
  EXPECT_THAT(ErrorOf(Apply()),
              HasSubstr("the object has data of 1.14 MiB: Kubernetes takes no more than "
                        "1.00 MiB; nothing was sent"));
  desired_.clear();
  operations_.clear();
  Add(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"web","annotations":{"k":")" +
      std::string(300'000, 'x') + "\"}}}");
  EXPECT_THAT(ErrorOf(Apply()), HasSubstr("annotations of 0.28 MiB"));
  desired_.clear();
  operations_.clear();
  Add(R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j","namespace":"web"},"spec":{"k":")" +
      std::string(3'200'000, 'x') + "\"}}");
  EXPECT_THAT(ErrorOf(Apply()), HasSubstr("3.05 MiB"));
  EXPECT_THAT(api_.Requests(), IsEmpty());
}

TEST_F(ObjectTest, ANewObjectWaitsUntilTheOldOneIsGone) {
  api_.Put(kMap, R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"web",
    "deletionTimestamp":"2026-01-02T03:04:05Z","annotations":{"swell.dev/owner":"shop"}}})");
  AddMap().changes.clear();
  int looks = 0;
  api_.intercept = [&](const net::HttpRequest& request) -> std::optional<Reply> {
    if (request.method == "GET" && ++looks == 3) api_.Remove(kMap);
    return {};
  };
  const ClusterResult result = Apply();
  ASSERT_TRUE(result.ok()) << ErrorOf(result);
  EXPECT_EQ(result.objects[0].done, OperationType::kCreate);
}

// --- preflight ---

TEST_F(ObjectTest, RefusalsComeTogetherAndBeforeTheFirstWrite) {
  AddMap("good");
  AddMap("bad");
  AddMap("worse");
  api_.intercept = [&](const net::HttpRequest& request) -> std::optional<Reply> {
    if (request.path.ends_with("bad")) return StatusReply(422, "Invalid", "bad data");
    if (request.path.ends_with("worse")) return StatusReply(403, "Forbidden", "exceeded quota: q");
    return {};
  };
  const ClusterResult result = Apply();
  EXPECT_THAT(
      ErrorOf(result),
      AllOf(HasSubstr("sync wave 0: the cluster refuses what follows, so that nothing of it was "
                      "written: apply ConfigMap web/bad: "),
            HasSubstr("bad data; apply ConfigMap web/worse: "), HasSubstr("exceeded quota")));
  EXPECT_THAT(api_.Requests(), IsEmpty());
  EXPECT_EQ(api_.DryRuns().size(), 3u);
  ASSERT_EQ(result.objects.size(), 2u);
  EXPECT_TRUE(result.objects[0].error);
}

TEST_F(ObjectTest, ASingleChangeIsNotAskedAbout) {
  AddMap();
  ASSERT_TRUE(Apply().ok());
  EXPECT_THAT(api_.DryRuns(), IsEmpty());
}

TEST_F(ObjectTest, WhatADryRunCannotKnowIsLeftOut) {
  // Its namespace and its quota come with it.
  Add(R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"new"}})",
      OperationType::kCreate);
  Add(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"in-new","namespace":"new"}})",
      OperationType::kCreate);
  AddMap();
  api_.intercept = [&](const net::HttpRequest& request) -> std::optional<Reply> {
    const bool dry = request.query.find("dryRun") != std::string::npos;
    if (dry && request.path == kMap) {
      return StatusReply(500, "InternalError",
                         "Internal error occurred: failed calling webhook \"x\"");
    }
    return {};
  };
  const ClusterResult result = Apply();
  ASSERT_TRUE(result.ok()) << ErrorOf(result);
  EXPECT_THAT(api_.DryRuns(), Not(Contains(HasSubstr("in-new"))));
  EXPECT_THAT(api_.DryRuns(), Contains("PATCH /api/v1/namespaces/new"));
}

TEST_F(ObjectTest, ARefusalThatThePlanItselfMayLiftDoesNotCount) {
  Add(R"({"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"r"}})");
  AddMap();
  api_.Serve("rbac.authorization.k8s.io", "ClusterRole", "clusterroles");
  api_.intercept = [&](const net::HttpRequest& request) -> std::optional<Reply> {
    const bool dry = request.query.find("dryRun") != std::string::npos;
    if (dry && request.path == kMap) return StatusReply(403, "Forbidden", "no right yet");
    return {};
  };
  const ClusterResult result = Apply();
  EXPECT_TRUE(result.ok()) << ErrorOf(result);
}

TEST_F(ObjectTest, AllFailuresOfAStepAreTold) {
  request_.preflight = Preflight::kOff;
  AddMap("a");
  AddMap("b");
  AddMap("c");
  api_.intercept = [&](const net::HttpRequest& request) -> std::optional<Reply> {
    if (request.path.ends_with("c")) return {};
    return StatusReply(422, "Invalid", "odd");
  };
  const ClusterResult result = Apply();
  EXPECT_THAT(ErrorOf(result), AllOf(HasSubstr("2 objects failed: apply ConfigMap web/"),
                                     HasSubstr("web/a"), HasSubstr("web/b")));
  EXPECT_EQ(result.objects.size(), 3u);
}

// --- told to stop ---

TEST_F(ObjectTest, WaitsEndWhenTheApplyIsToldToStop) {
  request_.deadline = std::chrono::minutes(5);
  std::atomic<bool> may = true;
  request_.may_write = [&] { return may.load(); };
  api_.Put(kMap, R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"web",
    "deletionTimestamp":"2026-01-02T03:04:05Z","finalizers":["x/y"]}})");
  AddMap().changes.clear();
  api_.intercept = [&, looks = 0](const net::HttpRequest&) mutable -> std::optional<Reply> {
    if (++looks == 3) may = false;
    return {};
  };
  const ClusterResult result = Apply();
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->code(), ErrorCode::kCancelled);
}

}  // namespace
}  // namespace swell::apply::testing
