#include "reconciler/plan/expect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/value/json.h"
#include "reconciler/plan/apply_options.h"

namespace swell::plan {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Object Make(const std::string& text) { return {*json::Parse(text), "test.yaml"}; }

Object ConfigMap(const std::string& annotations = "{}") {
  return Make(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","namespace":"web",
    "annotations":)" +
              annotations + R"(},"data":{"a":"1","b":"2"}})");
}

// Live: a and b differ, c is nobody's wish; `manager` owns all three by `operation`.
Value Live(const std::string& manager, const std::string& operation) {
  return *json::Parse(
      R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","namespace":"web",
    "managedFields":[{"manager":")" +
      manager + R"(","operation":")" + operation + R"(","apiVersion":"v1",
    "fieldsV1":{"f:data":{".":{},"f:a":{},"f:b":{},"f:c":{}}}}]},"data":{"a":"x","b":"y","c":"z"}})");
}

std::vector<std::string> Paths(const Expectation& expected) {
  std::vector<std::string> out;
  for (const FieldChange& change : expected.changes) out.push_back(change.path);
  return out;
}

Expectation Expect(const Object& object, const Value& live, const SyncSpec& sync) {
  return ExpectApply(object, live, Value(), sync, {.field_manager = kFieldManager});
}

TEST(ExpectTest, KeptFieldsAreNoChange) {
  SyncSpec sync;
  EXPECT_THAT(Paths(Expect(ConfigMap(), Live("hpa", "Update"), sync)),
              ElementsAre("/data/a", "/data/b"));
  sync.conflict_rules = {{{"", "ConfigMap", "", ""}, {"/data/a"}, ConflictPolicy::kKeep}};
  EXPECT_THAT(Paths(Expect(ConfigMap(), Live("hpa", "Update"), sync)), ElementsAre("/data/b"));
  sync.conflicts = ConflictPolicy::kKeep;
  EXPECT_THAT(Paths(Expect(ConfigMap(), Live("hpa", "Update"), sync)), IsEmpty());
  // Ours to change, whoever may own other fields; what we own alone and do not want any more goes.
  EXPECT_THAT(Paths(Expect(ConfigMap(), Live("swell", "Apply"), sync)),
              ElementsAre("/data/a", "/data/b", "/data/c"));
}

TEST(ExpectTest, WhatIsAdoptedLaterGoesToo) {
  SyncSpec sync;
  const Object object = ConfigMap();
  const auto expect = [&] {
    return ExpectApply(object, Live("helm", "Update"), object.value, sync,
                       {.field_manager = kFieldManager});
  };
  EXPECT_THAT(Paths(expect()), ElementsAre("/data/a", "/data/b"));
  sync.adopt = {Adoption::kHelm};
  const Expectation expected = expect();
  EXPECT_THAT(Paths(expected), ElementsAre("/data/a", "/data/b", "/data/c"));
  EXPECT_EQ(expected.changes.back().cause, ChangeCause::kAdopted);
}

TEST(ExpectTest, ConflictsThatWillFailAreTold) {
  SyncSpec sync;
  sync.conflicts = ConflictPolicy::kFail;
  const Expectation expected = Expect(ConfigMap(), Live("hpa", "Update"), sync);
  EXPECT_THAT(Paths(expected), ElementsAre("/data/a", "/data/b"));
  EXPECT_THAT(expected.warnings,
              ElementsAre(HasSubstr("/data/a belongs to \"hpa\": the apply will be refused"),
                          HasSubstr("/data/b")));
}

TEST(ExpectTest, WhatKubectlAppliedIsAdopted) {
  SyncSpec sync;
  for (const ConflictPolicy policy :
       {ConflictPolicy::kTake, ConflictPolicy::kKeep, ConflictPolicy::kFail}) {
    sync.conflicts = policy;
    const Expectation expected =
        Expect(ConfigMap(), Live("kubectl-client-side-apply", "Update"), sync);
    EXPECT_THAT(Paths(expected), ElementsAre("/data/a", "/data/b", "/data/c"));
    EXPECT_THAT(expected.warnings, IsEmpty());
    for (const FieldChange& change : expected.changes) {
      EXPECT_EQ(change.cause, ChangeCause::kAdopted) << change.path;
    }
  }
  const Object stays =
      ConfigMap(R"({"argocd.argoproj.io/sync-options":"ClientSideApplyMigration=false"})");
  sync = {};
  EXPECT_THAT(Paths(Expect(stays, Live("kubectl-client-side-apply", "Update"), sync)),
              ElementsAre("/data/a", "/data/b", "/metadata/annotations"));
}

TEST(ExpectTest, OtherToolsOnlyWhereTheApplicationAdoptsThem) {
  SyncSpec sync;
  EXPECT_THAT(Paths(Expect(ConfigMap(), Live("helm", "Update"), sync)),
              ElementsAre("/data/a", "/data/b"));
  sync.adopt = {Adoption::kHelm};
  EXPECT_THAT(Paths(Expect(ConfigMap(), Live("helm", "Update"), sync)),
              ElementsAre("/data/a", "/data/b", "/data/c"));
}

TEST(ExpectTest, ImmutableFieldsAreTold) {
  const auto job = [](const std::string& image, const std::string& annotation = "") {
    return Make(
        R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j","namespace":"web")" +
        (annotation.empty() ? "" : R"(,"annotations":{)" + annotation + "}") +
        R"(},"spec":{"template":{"spec":{"containers":[{"name":"m","image":")" + image +
        R"("}]}}}})");
  };
  const Value live = job("old").value;
  SyncSpec sync;
  EXPECT_THAT(
      Expect(job("new"), live, sync).warnings,
      ElementsAre(HasSubstr("batch/Job web/j: Kubernetes never changes "
                            "/spec/template/spec/containers/[name=m]/image: the apply will be "
                            "refused unless")));
  EXPECT_THAT(Expect(job("old"), live, sync).warnings, IsEmpty());
  sync.recreate = true;
  EXPECT_THAT(Expect(job("new"), live, sync).warnings,
              ElementsAre(HasSubstr("the object is deleted and created anew")));
}

TEST(ApplyOptionsTest, ReadsEverybodysSpelling) {
  const SyncSpec sync;
  const auto options = [&](const std::string& annotations) {
    return ApplyOptionsOf(ConfigMap(annotations), sync);
  };
  EXPECT_FALSE(options("{}").recreate);
  EXPECT_TRUE(options(R"({"swell.dev/recreate":"true"})").recreate);
  EXPECT_TRUE(options(R"({"kustomize.toolkit.fluxcd.io/force":"enabled"})").recreate);
  const ApplyOptions argo =
      options(R"({"argocd.argoproj.io/sync-options":"Force=true,Replace=true , Validate=false"})");
  EXPECT_TRUE(argo.recreate);
  EXPECT_TRUE(argo.replace);
  EXPECT_FALSE(argo.validate);
  EXPECT_TRUE(argo.migrate);
  EXPECT_FALSE(
      options(R"({"argocd.argoproj.io/sync-options":"Replace=false,XReplace=true"})").replace);
  SyncSpec all;
  all.recreate = true;
  EXPECT_TRUE(ApplyOptionsOf(ConfigMap(), all).recreate);
  EXPECT_FALSE(ApplyOptionsOf(ConfigMap(R"({"swell.dev/recreate":"false"})"), all).recreate);
  const Object claim = Make(
      R"({"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"p","annotations":{
        "swell.dev/recreate":"true"}}})");
  EXPECT_FALSE(ApplyOptionsOf(claim, all).recreate);
}

}  // namespace
}  // namespace swell::plan
