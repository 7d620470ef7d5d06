// Immutable fields.

#include "reconciler/apply/object_test_util.h"

namespace swell::apply::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Reply Immutable() {
  return {422, StatusText(422, "Invalid",
                          "Job.batch \"j\" is invalid: spec.template: Invalid value: "
                          "core.PodTemplateSpec{Env:[PASSWORD=hunter2]}: field is immutable",
                          R"([{"reason":"FieldValueInvalid","field":"spec.template","message":
                          "Invalid value: core.PodTemplateSpec{Env:[PASSWORD=hunter2]}: field is immutable"}])")};
}

constexpr char kOld[] = R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j",
  "namespace":"web","uid":"u-old","creationTimestamp":"2026-01-02T03:04:05Z",
  "annotations":{"swell.dev/owner":"shop"}},"spec":{"x":"old"},"status":{"active":1}})";

// PATCHes of what is there are refused.
auto RefuseChanges(FakeApi& api) {
  return [&api](const net::HttpRequest& request) -> std::optional<Reply> {
    if (request.method == "PATCH" && !api.Get(request.path).is_null()) return Immutable();
    return {};
  };
}

TEST_F(ObjectTest, AnImmutableFieldIsToldWithTheWaysOut) {
  api_.Put(kJob, kOld);
  AddJob();
  api_.intercept = RefuseChanges(api_);
  EXPECT_THAT(ErrorOf(Apply()),
              AllOf(HasSubstr("Kubernetes never changes this field"), HasSubstr("sync.recreate"),
                    HasSubstr("swell.dev/recreate: \"true\""), HasSubstr("spec.template"),
                    HasSubstr("field is immutable"), Not(HasSubstr("hunter2"))));
  EXPECT_EQ(api_.Get(kJob)["spec"]["x"].str(), "old");
}

TEST_F(ObjectTest, RecreatesWhereSomebodyConsented) {
  const std::string consents[] = {
      R"(,"swell.dev/recreate":"true")", R"(,"kustomize.toolkit.fluxcd.io/force":"Enabled")",
      R"(,"argocd.argoproj.io/sync-options":"Validate=false, Force=true")"};
  for (const std::string& consent : consents) {
    desired_.clear();
    operations_.clear();
    api_.Put(kJob, kOld);
    AddJob(consent);
    api_.intercept = RefuseChanges(api_);
    const ClusterResult result = Apply();
    ASSERT_TRUE(result.ok()) << consent << ErrorOf(result);
    EXPECT_EQ(api_.Get(kJob)["spec"]["x"].str(), "new") << consent;
    EXPECT_NE(result.objects[0].uid, "u-old");
    EXPECT_EQ(result.objects[0].done, OperationType::kCreate);
    api_.Remove(kJob);
  }
  EXPECT_THAT(api_.DryRuns(), ElementsAre("POST /apis/batch/v1/namespaces/web/jobs",
                                          "POST /apis/batch/v1/namespaces/web/jobs",
                                          "POST /apis/batch/v1/namespaces/web/jobs"));
}

TEST_F(ObjectTest, AnObjectSaysNoWhereTheApplicationSaysYes) {
  request_.sync.recreate = true;
  api_.Put(kJob, kOld);
  AddJob(R"(,"swell.dev/recreate":"false")");
  api_.intercept = RefuseChanges(api_);
  EXPECT_FALSE(Apply().ok());
  EXPECT_EQ(api_.Get(kJob)["metadata"]["uid"].str(), "u-old");
}

TEST_F(ObjectTest, NothingIsDeletedThatCouldNotBeCreated) {
  request_.sync.recreate = true;
  api_.Put(kJob, kOld);
  AddJob();
  api_.intercept = [&](const net::HttpRequest& request) -> std::optional<Reply> {
    if (request.method == "POST") return StatusReply(403, "Forbidden", "quota says no");
    return RefuseChanges(api_)(request);
  };
  EXPECT_THAT(ErrorOf(Apply()), AllOf(HasSubstr("quota says no"), HasSubstr("it is not deleted")));
  EXPECT_EQ(api_.Get(kJob)["metadata"]["uid"].str(), "u-old");
}

TEST_F(ObjectTest, WhatCannotBeCreatedAnewIsPutBack) {
  request_.sync.recreate = true;
  api_.Put(kJob, kOld);
  AddJob();
  api_.intercept = [&](const net::HttpRequest& request) -> std::optional<Reply> {
    if (request.method != "PATCH") return {};
    return api_.Get(kJob).is_null() ? StatusReply(422, "Invalid", "not today") : Immutable();
  };
  const ClusterResult result = Apply();
  EXPECT_THAT(ErrorOf(result), AllOf(HasSubstr("not today"), HasSubstr("put back as it was")));
  const Value back = api_.Get(kJob);
  EXPECT_EQ(back["spec"]["x"].str(), "old");
  EXPECT_FALSE(back.Has("status"));
  EXPECT_EQ(result.objects[0].uid, back["metadata"]["uid"].str()) << "the inventory must know it";
}

TEST_F(ObjectTest, AFinalizerThatHoldsTheOldObjectIsTold) {
  request_.sync.recreate = true;
  request_.deadline = std::chrono::milliseconds(900);
  api_.Put(kJob, kOld);
  AddJob();
  api_.intercept = [&](const net::HttpRequest& request) -> std::optional<Reply> {
    if (request.method == "DELETE") {
      api_.Update(kJob, [](Value job) {
        return job.WithAt({"metadata", "deletionTimestamp"}, Value("2026-01-02T03:05:00Z"))
            .WithAt({"metadata", "finalizers"}, Value::Array({Value("example.com/guard")}));
      });
      return Reply{200, "{}"};
    }
    return RefuseChanges(api_)(request);
  };
  EXPECT_THAT(ErrorOf(Apply()),
              AllOf(HasSubstr("example.com/guard"), HasSubstr("2026-01-02T03:05:00Z"),
                    HasSubstr("kubectl patch jobs.batch j -n web")));
}

TEST_F(ObjectTest, SomeKindsAreNeverDeleted) {
  request_.sync.recreate = true;
  Add(R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"n","annotations":{
    "swell.dev/owner":"shop","swell.dev/recreate":"true"}}})");
  AnswerWrites(Immutable());
  EXPECT_THAT(ErrorOf(Apply()), HasSubstr("a Namespace is never deleted"));
  EXPECT_THAT(api_.Requests(), Not(Contains(HasSubstr("DELETE"))));
}

}  // namespace
}  // namespace swell::apply::testing
