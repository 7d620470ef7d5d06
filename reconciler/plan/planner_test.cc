#include "reconciler/plan/planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconciler/plan/testing.h"

namespace swell::plan {
namespace {

using namespace plan_testing;  // NOLINT: the vocabulary of this room's tests

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(PlanClusterTest, CreatesUpdatesAndLeavesAlone) {
  Scenario s;
  s.desired = {ConfigMap("a"), ConfigMap("b", R"({"k":"2"})"), ConfigMap("c"), ConfigMap("d")};
  s.Absent(s.desired[0]);
  s.Live(ConfigMap("b", R"({"k":"1"})"));
  s.Live(ConfigMap("c"));
  const Planned planned = s.Plan();
  EXPECT_THAT(Lines(planned.plan),
              ElementsAre("create ConfigMap/a sync 0", "update ConfigMap/b sync 0",
                          "none ConfigMap/c sync 0", "update ConfigMap/d sync 0"))
      << "what was not read is applied, since that changes nothing that is in place";
  EXPECT_EQ(planned.plan.cluster, "c1");
  EXPECT_EQ(planned.plan.manifest, Digest::Of("m"));
  const Operation& update = planned.plan.operations->operations[1];
  ASSERT_EQ(update.changes.size(), 1u);
  EXPECT_EQ(update.changes[0].path, "/data/k");
  EXPECT_EQ(planned.plan.operations->digest,
            OperationSetDigest(planned.plan.operations->operations));
}

TEST(PlanClusterTest, NeverAdoptsWhatBelongsToAnotherApplication) {
  Scenario s;
  s.desired = {ConfigMap("a", R"({"k":"2"})")};
  s.Live(Object{
      ConfigMap("a").value.WithAt({"metadata", "annotations", kOwnerAnnotation}, Value("bank")),
      ""});
  const Planned planned = s.Plan();
  EXPECT_THAT(Lines(planned.plan), ElementsAre("none ConfigMap/a sync 0"));
  ASSERT_EQ(planned.conflicts.size(), 1u);
  EXPECT_THAT(planned.conflicts[0], HasSubstr("belongs to application \"bank\""));
}

TEST(PlanClusterTest, AdoptsWhatNobodyOwns) {
  Scenario s;
  s.desired = {ConfigMap("a")};
  s.Live(Object{s.desired[0].value.WithoutAt({"metadata", "annotations"}), ""});
  const Planned planned = s.Plan();
  EXPECT_THAT(Lines(planned.plan), ElementsAre("update ConfigMap/a sync 0"));
  EXPECT_EQ(planned.plan.operations->operations[0].changes[0].cause, ChangeCause::kAdopted);
}

TEST(PlanClusterTest, OrdersByPhaseWaveAndRank) {
  Scenario s;
  s.desired = {
      ConfigMap("late", "{}", R"(,"argocd.argoproj.io/sync-wave":"5")"),
      Make(R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"w",
                 "namespace":"web"}})"),
      ConfigMap("early", "{}", R"(,"argocd.argoproj.io/sync-wave":"-1")"),
      ConfigMap("plain"),
      Job("after", R"("argocd.argoproj.io/hook":"PostSync")"),
      Job("before", R"("helm.sh/hook":"pre-install,pre-upgrade","helm.sh/hook-weight":"-3")")};
  for (const Object& object : s.desired) s.Absent(object);
  EXPECT_THAT(Lines(s.Plan().plan),
              ElementsAre("create Job/before pre -3 hook", "create ConfigMap/early sync -1",
                          "create ConfigMap/plain sync 0", "create Deployment/w sync 0",
                          "create ConfigMap/late sync 5", "create Job/after post 0 hook"));
}

TEST(PlanClusterTest, NamespacesAndDefinitionsComeBeforeTheirObjects) {
  Scenario s;
  s.desired = {
      Make(R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"web"}})"),
      Job("before", R"("helm.sh/hook":"pre-install")"),
      Make(R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":
        {"name":"things.e.com","annotations":{"argocd.argoproj.io/sync-wave":"3"}},
        "spec":{"group":"e.com","names":{"kind":"Thing"}}})"),
      Make(R"({"apiVersion":"e.com/v1","kind":"Thing","metadata":{"name":"t","namespace":"web",
        "annotations":{"argocd.argoproj.io/sync-wave":"-2"}}})")};
  for (const Object& object : s.desired) s.Absent(object);
  EXPECT_THAT(Lines(s.Plan().plan),
              ElementsAre("create Namespace/web pre 0", "create Job/before pre 0 hook",
                          "create CustomResourceDefinition/things.e.com sync -2",
                          "create Thing/t sync -2"));
}

TEST(PlanClusterTest, HooksRunForChangesAndNotForDrift) {
  Scenario s;
  const Object hook = Job("migrate", R"("argocd.argoproj.io/hook":"PreSync")");
  s.desired = {ConfigMap("a", R"({"k":"1"})"), hook};
  s.Absent(hook);
  s.Live(ConfigMap("a", R"({"k":"drifted"})"));
  EXPECT_THAT(Lines(s.Plan().plan),
              ElementsAre("create Job/migrate pre 0 hook", "update ConfigMap/a sync 0"))
      << "nothing was applied before";
  s.applied = true;
  s.last = s.desired;
  EXPECT_THAT(Lines(s.Plan().plan),
              ElementsAre("none Job/migrate pre 0 hook", "update ConfigMap/a sync 0"));
  s.Absent(s.desired[0]);
  EXPECT_THAT(Lines(s.Plan().plan),
              ElementsAre("none Job/migrate pre 0 hook", "create ConfigMap/a sync 0"))
      << "healing a deletion is healing too";
  s.Live(ConfigMap("a", R"({"k":"1"})"));
  EXPECT_FALSE(s.Plan().plan.HasChanges());
  s.last[1] = Job("migrate", R"("argocd.argoproj.io/hook":"PostSync")");
  EXPECT_TRUE(s.Plan().plan.HasChanges()) << "the hook itself changed";
}

class PruneTest : public testing::Test {
 protected:
  PruneTest() {
    scenario_.desired = {ConfigMap("stays")};
    scenario_.Live(ConfigMap("stays"));
    scenario_.Owns(ConfigMap("stays"));
  }
  static Object Old(const std::string& annotations = "") {
    Object old = ConfigMap("old", "{}", annotations);
    old.value = old.value.WithAt({"metadata", "uid"}, Value("u-1"));
    return old;
  }
  // What becomes of `old`, which the inventory holds.
  std::vector<std::string> PlanWith(const Object& old) {
    scenario_.inventory.clear();
    scenario_.Owns(ConfigMap("stays"));
    scenario_.Owns(old);
    scenario_.Live(old);
    planned_ = scenario_.Plan();
    return Lines(planned_.plan);
  }
  Scenario scenario_;
  Planned planned_;
};

TEST_F(PruneTest, DeletesWhatIsNoLongerDeclared) {
  EXPECT_THAT(PlanWith(Old()),
              ElementsAre("none ConfigMap/stays sync 0", "delete ConfigMap/old prune 0"));
  EXPECT_EQ(planned_.plan.operations->operations[1].uid, "u-1");
  EXPECT_THAT(planned_.warnings, IsEmpty());
}

TEST_F(PruneTest, KeepsWithAReason) {
  const auto reason = [&](const Object& old) {
    EXPECT_THAT(PlanWith(old), ElementsAre("none ConfigMap/stays sync 0"));
    return planned_.warnings.empty() ? "" : planned_.warnings[0];
  };
  EXPECT_THAT(reason(Old(R"(,"argocd.argoproj.io/sync-options":"Validate=false, Prune=false")")),
              HasSubstr("Prune=false"));
  EXPECT_THAT(reason(Old(R"(,"helm.sh/resource-policy":"keep")")), HasSubstr("keep"));
  EXPECT_THAT(reason(Old(R"(,"kustomize.toolkit.fluxcd.io/prune":"disabled")")),
              HasSubstr("disabled"));
  Object lost = Old();
  lost.value = lost.value.WithoutAt({"metadata", "annotations", kOwnerAnnotation});
  EXPECT_THAT(reason(lost), HasSubstr("owner annotation is gone"));
  Object other = Old();
  other.value = other.value.WithAt({"metadata", "annotations", kOwnerAnnotation}, Value("bank"));
  EXPECT_THAT(reason(other), HasSubstr("application \"bank\""));
  scenario_.application.sync.prune = false;
  EXPECT_THAT(reason(Old()), HasSubstr("pruning is off"));
}

TEST_F(PruneTest, FailsClosed) {
  const Object old = Old();
  scenario_.Owns(old);
  // Not read.
  EXPECT_THAT(Lines(scenario_.Plan().plan), ElementsAre("none ConfigMap/stays sync 0"));
  EXPECT_THAT(scenario_.Plan().warnings, ElementsAre(HasSubstr("not known")));
  // Gone already.
  scenario_.Absent(old);
  EXPECT_THAT(scenario_.Plan().warnings, IsEmpty());
  // Another object of that name.
  scenario_.Live(Object{old.value.WithAt({"metadata", "uid"}, Value("u-2")), ""});
  EXPECT_THAT(Lines(scenario_.Plan().plan), ElementsAre("none ConfigMap/stays sync 0"));
  // On its way already.
  scenario_.Live(Object{old.value.WithAt({"metadata", "deletionTimestamp"}, Value("now")), ""});
  EXPECT_FALSE(scenario_.Plan().plan.HasChanges());
  // Nothing desired at all.
  scenario_.inventory.clear();
  scenario_.Owns(old);
  scenario_.Live(old);
  scenario_.desired.clear();
  EXPECT_THAT(Lines(scenario_.Plan().plan), IsEmpty());
  EXPECT_THAT(scenario_.Plan().warnings, ElementsAre(HasSubstr("nothing at all")));
}

TEST_F(PruneTest, GoesBackwards) {
  const std::vector<Object> old = {
      ConfigMap("first", "{}", R"(,"argocd.argoproj.io/sync-wave":"-1")"),
      ConfigMap("last", "{}", R"(,"argocd.argoproj.io/sync-wave":"2")"),
      Make(R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"mid",
        "namespace":"web","annotations":{"swell.dev/owner":"shop"}}})"),
      ConfigMap("mid")};
  for (const Object& object : old) {
    scenario_.Owns(object);
    scenario_.Live(object);
  }
  EXPECT_THAT(Lines(scenario_.Plan().plan),
              ElementsAre("none ConfigMap/stays sync 0", "delete ConfigMap/last prune -2",
                          "delete Deployment/mid prune 0", "delete ConfigMap/mid prune 0",
                          "delete ConfigMap/first prune 1"));
}

TEST(PlanUnreadableTest, AppliesEverythingAndDeletesNothing) {
  Scenario s;
  s.desired = {ConfigMap("a"), Job("h", R"("helm.sh/hook":"pre-install")")};
  s.Owns(ConfigMap("old"));
  const ClusterPlan plan = PlanUnreadable(s.MakeInputs(), "connection refused");
  EXPECT_THAT(Lines(plan), ElementsAre("update Job/h pre 0 hook", "update ConfigMap/a sync 0"));
  EXPECT_EQ(plan.error, "connection refused");
}

TEST(PrepareObjectsTest, FitsObjectsToTheCluster) {
  Manifest manifest;
  manifest.objects = {
      Make(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","uid":"x",
        "creationTimestamp":null}})"),
      Make(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b","namespace":"own"}})"),
      Make(R"({"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole",
        "metadata":{"name":"r","namespace":"web"},"rules":[],
        "aggregationRule":{"clusterRoleSelectors":[{}]}})"),
      Make(R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},
        "data":{"k":"b2xk","l":"bA=="},"stringData":{"k":"new"}})")};
  Application application;
  application.name = "shop";
  application.destination.ns = "web";
  application.destination.create_namespace = true;
  const auto objects = PrepareObjects(manifest, application, Scope);
  ASSERT_TRUE(objects) << objects.error().ToString();
  std::vector<std::string> ids;
  for (const Object& object : *objects) ids.push_back(object.id().ToString());
  EXPECT_THAT(ids, testing::UnorderedElementsAre(
                       "Namespace web", "ConfigMap web/a", "ConfigMap own/b",
                       "rbac.authorization.k8s.io/ClusterRole r", "Secret web/s"));
  for (const Object& object : *objects) {
    const bool made = object.gvk().kind == "Namespace";
    EXPECT_EQ(object.annotation(kOwnerAnnotation), made ? "" : "shop");
    EXPECT_FALSE(object.value["metadata"].Has("uid"));
    EXPECT_FALSE(object.value["metadata"].Has("creationTimestamp"));
    EXPECT_FALSE(object.value.Has("rules")) << "those of an aggregated role";
    if (object.gvk().kind != "Secret") continue;
    EXPECT_FALSE(object.value.Has("stringData"));
    EXPECT_EQ(json::Write(object.value["data"]), R"({"k":"bmV3","l":"bA=="})");
  }
}

TEST(PrepareObjectsTest, ASharedNamespaceIsOnlyCreated) {
  Scenario s;
  s.desired = {Make(R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"web"}})")};
  s.Absent(s.desired[0]);
  EXPECT_THAT(Lines(s.Plan().plan), ElementsAre("create Namespace/web sync 0"));
  s.Live(Make(R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"web","annotations":{
    "swell.dev/owner":"bank"}}})"));
  EXPECT_THAT(Lines(s.Plan().plan), ElementsAre("none Namespace/web sync 0"));
  EXPECT_THAT(s.Plan().conflicts, IsEmpty());
}

TEST(PrepareObjectsTest, LeavesOutWhatIsNotApplied) {
  Manifest manifest;
  manifest.digest = Digest::Of("m");
  manifest.objects = {Job("test", R"("helm.sh/hook":"test")"),
                      Job("skip", R"("argocd.argoproj.io/hook":"Skip")"),
                      Job("back", R"("helm.sh/hook":"pre-rollback")"),
                      Job("part", R"("helm.sh/hook":"post-install,post-rollback")"),
                      Make(R"({"apiVersion":"batch/v1","kind":"Job","metadata":{
                        "generateName":"gen-","annotations":{"helm.sh/hook":"pre-install"}}})")};
  Application application;
  application.name = "shop";
  std::vector<std::string> warnings;
  const auto objects = PrepareObjects(manifest, application, Scope, &warnings);
  ASSERT_TRUE(objects) << objects.error().ToString();
  std::vector<std::string> names;
  for (const Object& object : *objects) names.emplace_back(object.name());
  EXPECT_THAT(names, ElementsAre("gen-" + Digest::Of("m").Hex().substr(0, 10), "part"));
  EXPECT_EQ((*objects)[0].ns(), "default");
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("hook pre-rollback is not supported; the object is"),
                                    HasSubstr("hook post-rollback is not supported; it does not")));
}

TEST(PrepareObjectsTest, RefusesWhatCannotBeApplied) {
  Application application;
  application.name = "shop";
  const auto error = [&](std::vector<Object> objects) {
    Manifest manifest;
    manifest.objects = std::move(objects);
    const auto prepared = PrepareObjects(manifest, application, Scope);
    return prepared ? std::string("accepted") : prepared.error().ToString();
  };
  const Object odd = Make(R"({"apiVersion":"unknown.io/v1","kind":"Odd","metadata":{"name":"o"}})");
  EXPECT_THAT(error({odd}), HasSubstr("does not serve unknown.io/v1 Odd (test.yaml:1)"));
  EXPECT_EQ(error({odd, Make(R"({"apiVersion":"apiextensions.k8s.io/v1",
    "kind":"CustomResourceDefinition","metadata":{"name":"odds.unknown.io"},
    "spec":{"group":"unknown.io","names":{"kind":"Odd"},"scope":"Namespaced"}})")}),
            "accepted");
  EXPECT_THAT(error({Make(R"({"apiVersion":"v1","kind":"Pod","metadata":{"generateName":"p-"}})")}),
              HasSubstr("only hooks may leave their name"));
  // One of the two says the namespace that the other gets.
  EXPECT_NE(error({Make(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"}})"),
                   Make(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p",
                     "namespace":"default"}})")}),
            "accepted");
  EXPECT_THAT(error({Make(R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},
                "stringData":{"port":80}})")}),
              HasSubstr("stringData.port is no string"));
}

}  // namespace
}  // namespace swell::plan
