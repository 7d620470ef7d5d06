// Whose fields an apply takes, and how an object wants to be applied.

#include <thread>

#include "reconciler/apply/object_test_util.h"

namespace swell::apply::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// --- adoption ---

constexpr char kKubectl[] = R"([{"manager":"kubectl-client-side-apply","operation":"Update",
  "apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"f:data":{"f:k":{},"f:old":{}}}}])";

TEST_F(ObjectTest, WhatKubectlAppliedBecomesOursFirst) {
  PutMap(kKubectl, R"({"kubectl.kubernetes.io/last-applied-configuration":"{}"})");
  AddMap().changes = {{.path = "/metadata/annotations/swell.dev~1owner",
                       .cause = ChangeCause::kAdopted,
                       .after = "\"shop\""}};
  Value before_apply;
  api_.intercept = [&](const net::HttpRequest& request) -> std::optional<Reply> {
    if (request.headers.Get("content-type") == "application/apply-patch+yaml") {
      before_apply = api_.Get(kMap);
    }
    return {};
  };
  const ClusterResult result = Apply();
  ASSERT_TRUE(result.ok()) << ErrorOf(result);
  EXPECT_THAT(api_.Requests(), ElementsAre(std::string("GET ") + kMap, std::string("PATCH ") + kMap,
                                           std::string("PATCH ") + kMap));
  const Value& entry = before_apply["metadata"]["managedFields"][0];
  EXPECT_EQ(entry["manager"].str() + " " + entry["operation"].str(), "swell Apply");
  EXPECT_EQ(json::Write(entry["fieldsV1"]), R"({"f:data":{"f:k":{},"f:old":{}}})");
  EXPECT_TRUE(before_apply["metadata"]["annotations"].empty());
}

TEST_F(ObjectTest, AMereChangeIsOneRequest) {
  PutMap(kKubectl);
  AddMap();
  ASSERT_TRUE(Apply().ok());
  EXPECT_THAT(api_.Requests(), ElementsAre(std::string("PATCH ") + kMap));
}

TEST_F(ObjectTest, AMigrationThatLosesARaceLooksAgain) {
  PutMap(kKubectl);
  AddMap().changes.clear();
  int patches = 0;
  api_.intercept = [&](const net::HttpRequest& request) -> std::optional<Reply> {
    // Somebody else writes between the look and the patch.
    if (request.method == "PATCH" && ++patches == 1) {
      api_.Update(kMap, [](Value object) {
        return object.WithAt({"metadata", "resourceVersion"}, Value("99"));
      });
    }
    return {};
  };
  const ClusterResult result = Apply();
  ASSERT_TRUE(result.ok()) << ErrorOf(result);
  EXPECT_EQ(patches, 3);
}

TEST_F(ObjectTest, AMigrationThatDoesNotFitAnyMoreLooksAgain) {
  PutMap(kKubectl, R"({"kubectl.kubernetes.io/last-applied-configuration":"{}"})");
  AddMap().changes.clear();
  int patches = 0;
  api_.intercept = [&](const net::HttpRequest& request) -> std::optional<Reply> {
    // Somebody else takes the annotation away first: its removal is then refused with 422.
    if (request.method == "PATCH" && ++patches == 1) {
      api_.Update(kMap, [](Value object) { return object.WithoutAt({"metadata", "annotations"}); });
    }
    return {};
  };
  const ClusterResult result = Apply();
  ASSERT_TRUE(result.ok()) << ErrorOf(result);
  EXPECT_EQ(patches, 3);
}

TEST_F(ObjectTest, NeverTakesWhatAnotherApplicationOwns) {
  PutMap("[]", R"({"swell.dev/owner":"bank"})");
  AddMap().changes.clear();
  EXPECT_THAT(ErrorOf(Apply()), HasSubstr("the object belongs to application \"bank\""));
  EXPECT_THAT(api_.Requests(), ElementsAre(std::string("GET ") + kMap));
}

TEST_F(ObjectTest, ACreateThatFindsSomebodyElsesObjectLooksFirst) {
  PutMap("[]", R"({"swell.dev/owner":"bank"})");
  AddMap("a", OperationType::kCreate);
  std::string query;
  api_.intercept = [&](const net::HttpRequest& request) -> std::optional<Reply> {
    if (request.method != "PATCH") return {};
    query = request.query;
    return Reply{409, StatusText(409, "Conflict", "Apply failed with 1 conflict", R"([{"reason":
      "FieldManagerConflict","message":"conflict with \"swell\"","field":".metadata.annotations.swell.dev/owner"}])")};
  };
  EXPECT_THAT(ErrorOf(Apply()), HasSubstr("belongs to application \"bank\""));
  EXPECT_THAT(query, HasSubstr("force=false"));
}

// --- conflicts ---

constexpr char kHpa[] = R"([{"manager":"hpa","operation":"Update","apiVersion":"v1",
  "fieldsV1":{"f:data":{"f:k":{}}}}])";

Reply ConflictOnK() {
  return {409, StatusText(
                   409, "Conflict", "Apply failed with 1 conflict: conflict with \"hpa\"",
                   R"([{"reason":"FieldManagerConflict","message":"conflict with \"hpa\" using v1",
                          "field":".data.k"}])")};
}

TEST_F(ObjectTest, KeepLeavesTheFieldsOfOthers) {
  request_.sync.conflicts = ConflictPolicy::kKeep;
  PutMap(kHpa);
  AddMap();
  std::vector<std::string> bodies;
  api_.intercept = [&](const net::HttpRequest& request) -> std::optional<Reply> {
    if (request.method != "PATCH") return {};
    EXPECT_THAT(request.query, HasSubstr("force=false"));
    bodies.push_back(json::Write((*json::Parse(request.body))["data"]));
    if (bodies.size() == 1) return ConflictOnK();
    return {};
  };
  const ClusterResult result = Apply();
  ASSERT_TRUE(result.ok()) << ErrorOf(result);
  EXPECT_THAT(bodies, ElementsAre(R"({"k":"v","l":"w"})", R"({"l":"w"})"));
  EXPECT_EQ(api_.Get(kMap)["data"]["k"].str(), "x");
}

TEST_F(ObjectTest, FailNamesTheFieldAndItsManager) {
  request_.sync.conflicts = ConflictPolicy::kFail;
  PutMap(kHpa);
  AddMap();
  AnswerWrites(ConflictOnK());
  const std::string error = ErrorOf(Apply());
  EXPECT_THAT(error, AllOf(HasSubstr("apply ConfigMap web/a"),
                           HasSubstr("/data/k (owned by \"hpa\")"), HasSubstr("sync.conflicts")));
  EXPECT_THAT(api_.Requests(),
              ElementsAre(std::string("PATCH ") + kMap, std::string("GET ") + kMap));
}

TEST_F(ObjectTest, ARuleTakesAFieldWhereOthersAreKept) {
  request_.sync.conflicts = ConflictPolicy::kKeep;
  request_.sync.conflict_rules = {{{"", "ConfigMap", "", ""}, {"/data/k"}, ConflictPolicy::kTake}};
  PutMap(kHpa);
  AddMap();
  std::vector<std::string> queries;
  std::string version;
  api_.intercept = [&](const net::HttpRequest& request) -> std::optional<Reply> {
    if (request.method != "PATCH") return {};
    queries.push_back(request.query.substr(request.query.find("force=")));
    if (queries.size() == 1) return ConflictOnK();
    version = (*json::Parse(request.body))["metadata"]["resourceVersion"].str();
    return {};
  };
  ASSERT_TRUE(Apply().ok());
  EXPECT_THAT(queries, ElementsAre("force=false", "force=true"));
  EXPECT_EQ(version, "1") << "forced only on what was looked at";
  EXPECT_EQ(api_.Get(kMap)["data"]["k"].str(), "v");
}

TEST_F(ObjectTest, AnObjectThatAlwaysChangesEndsTheApply) {
  AddMap();
  PutMap("[]");
  AnswerWrites({409, StatusText(409, "Conflict", "the object has been modified")});
  EXPECT_THAT(ErrorOf(Apply()), AllOf(HasSubstr("changes again and again"),
                                      HasSubstr("the object has been modified")));
}

// --- options of one object ---

TEST_F(ObjectTest, ReplaceIsAPut) {
  PutMap("[]", R"({"swell.dev/owner":"shop","gone":"1"})");
  AddMap("a", OperationType::kUpdate, R"(,"argocd.argoproj.io/sync-options":"Replace=true")");
  const ClusterResult result = Apply();
  ASSERT_TRUE(result.ok()) << ErrorOf(result);
  EXPECT_THAT(api_.Requests(), ElementsAre(std::string("GET ") + kMap, std::string("PUT ") + kMap));
  EXPECT_FALSE(api_.Get(kMap)["metadata"]["annotations"].Has("gone"));
}

TEST_F(ObjectTest, ValidateFalseIsPassedOn) {
  AddMap("a", OperationType::kUpdate, R"(,"argocd.argoproj.io/sync-options":"Validate=false")");
  std::string query;
  api_.intercept = [&](const net::HttpRequest& request) -> std::optional<Reply> {
    query = request.query;
    return {};
  };
  ASSERT_TRUE(Apply().ok());
  EXPECT_THAT(query, HasSubstr("fieldValidation=Ignore"));
}

TEST_F(ObjectTest, AMissingKindIsWaitedForWhereTheObjectSaysSo) {
  Add(R"({"apiVersion":"e.com/v1","kind":"Thing","metadata":{"name":"t","namespace":"web",
    "annotations":{"argocd.argoproj.io/sync-options":"SkipDryRunOnMissingResource=true"}}})");
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    api_.Serve("e.com", "Thing", "things");
  });
  const ClusterResult result = Apply();
  later.join();
  ASSERT_TRUE(result.ok()) << ErrorOf(result);
}

}  // namespace
}  // namespace swell::apply::testing
