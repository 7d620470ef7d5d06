#include "reconciler/plan/stages.h"

#include <gtest/gtest.h>

#include "base/value/json.h"

namespace swell::plan {
namespace {

struct Case {
  const char* annotations;
  bool hook;
  std::vector<Stage> stages;
  bool warns;
};

Object With(const std::string& annotations) {
  return {*json::Parse(R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j",
          "annotations":)" +
                       annotations + "}}"),
          "test.yaml"};
}

TEST(PlaceObjectTest, ByAnnotations) {
  const Case cases[] = {
      {"{}", false, {{Phase::kSync, 0}}, false},
      {R"({"argocd.argoproj.io/sync-wave":" -2 "})", false, {{Phase::kSync, -2}}, false},
      {R"({"argocd.argoproj.io/sync-wave":"soon"})", false, {{Phase::kSync, 0}}, true},
      {R"({"argocd.argoproj.io/sync-wave":"99999999999"})", false, {{Phase::kSync, 0}}, true},
      // A weight without a hook is no wave.
      {R"({"helm.sh/hook-weight":"4"})", false, {{Phase::kSync, 0}}, false},
      {R"({"helm.sh/hook":"crd-install","helm.sh/hook-weight":"4"})",
       false,
       {{Phase::kSync, 0}},
       false},
      {R"({"helm.sh/hook":"pre-install,pre-upgrade","helm.sh/hook-weight":"4"})",
       true,
       {{Phase::kPreSync, 4}},
       false},
      {R"({"helm.sh/hook":"pre-install, post-upgrade"})",
       true,
       {{Phase::kPreSync, 0}, {Phase::kPostSync, 0}},
       false},
      {R"({"helm.sh/hook":"pre-install","argocd.argoproj.io/hook":"PostSync",
          "helm.sh/hook-weight":"4","argocd.argoproj.io/sync-wave":"1"})",
       true,
       {{Phase::kPostSync, 1}},
       false},
      {R"({"argocd.argoproj.io/hook":"PostSync,Sync,PreSync"})",
       true,
       {{Phase::kPreSync, 0}, {Phase::kSync, 0}, {Phase::kPostSync, 0}},
       false},
      {R"({"argocd.argoproj.io/hook":"Skip"})", true, {}, false},
      {R"({"helm.sh/hook":"test"})", true, {}, false},
      {R"({"helm.sh/hook":"test-success"})", true, {}, false},
      {R"({"helm.sh/hook":"pre-rollback"})", true, {}, true},
      {R"({"argocd.argoproj.io/hook":"PostDelete,PreDelete,SyncFail"})",
       true,
       {{Phase::kPreDelete, 0}, {Phase::kPostDelete, 0}, {Phase::kSyncFail, 0}},
       false},
      {R"({"helm.sh/hook":"pre-delete,post-delete,post-install","helm.sh/hook-weight":"-1"})",
       true,
       {{Phase::kPreDelete, -1}, {Phase::kPostSync, -1}, {Phase::kPostDelete, -1}},
       false},
      // Skip among others takes nothing away, as in Argo CD.
      {R"({"argocd.argoproj.io/hook":"Skip,PreSync"})", true, {{Phase::kPreSync, 0}}, false},
  };
  for (const Case& c : cases) {
    const Placement placement = PlaceObject(With(c.annotations));
    EXPECT_EQ(placement.hook, c.hook) << c.annotations;
    EXPECT_EQ(placement.stages, c.stages) << c.annotations;
    EXPECT_EQ(!placement.warning.empty(), c.warns) << c.annotations << placement.warning;
  }
}

TEST(DeletePolicyTest, BothSpellingsAndTheDefault) {
  EXPECT_TRUE(DeletePolicyOf(With("{}")).before_creation);
  const DeletePolicy argo = DeletePolicyOf(
      With(R"({"argocd.argoproj.io/hook-delete-policy":"HookSucceeded,HookFailed"})"));
  EXPECT_TRUE(argo.on_success && argo.on_failure && !argo.before_creation);
  const DeletePolicy helm = DeletePolicyOf(
      With(R"({"helm.sh/hook-delete-policy":"before-hook-creation, hook-succeeded"})"));
  EXPECT_TRUE(helm.on_success && !helm.on_failure && helm.before_creation);
}

}  // namespace
}  // namespace swell::plan
