// What pruning keeps, and how a whole application leaves a cluster.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconciler/plan/testing.h"

namespace swell::plan {
namespace {

using namespace plan_testing;  // NOLINT: the vocabulary of this room's tests
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kNamespace[] = R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"web",
    "uid":"u-ns","annotations":{"swell.dev/owner":"shop"}}})";

// An object that the inventory holds and the cluster has.
void Deployed(Scenario& s, const Object& object) {
  s.Live(object);
  s.Owns(object);
}

TEST(PruneRulesTest, WhatIsGoneIsForgotten) {
  Scenario s;
  s.desired = {ConfigMap("stays")};
  Deployed(s, ConfigMap("stays"));
  s.Owns(ConfigMap("gone"));
  s.Absent(ConfigMap("gone"));
  const Planned planned = s.Plan();
  EXPECT_THAT(Lines(planned.plan),
              ElementsAre("none ConfigMap/stays sync 0", "none ConfigMap/gone prune 0"));
  EXPECT_FALSE(planned.plan.HasChanges());
}

TEST(PruneRulesTest, AsksForConfirmation) {
  Scenario s;
  s.desired = {ConfigMap("stays")};
  Deployed(s, ConfigMap("stays"));
  Deployed(s, ConfigMap("old", "{}", R"(,"argocd.argoproj.io/sync-options":"Prune=confirm")"));
  EXPECT_FALSE(s.Plan().plan.HasChanges());
  EXPECT_THAT(s.Plan().warnings, ElementsAre(HasSubstr("--confirm-prune")));
  EXPECT_EQ(s.Plan().unconfirmed, 1);
  s.confirmed = Confirmed::kYes;
  EXPECT_THAT(Lines(s.Plan().plan),
              ElementsAre("none ConfigMap/stays sync 0", "delete ConfigMap/old prune 0"));
}

TEST(PruneRulesTest, WhatAnotherToolManagesTooIsKept) {
  Scenario s;
  s.desired = {ConfigMap("stays")};
  Deployed(s, ConfigMap("stays"));
  Deployed(s, ConfigMap("old", "{}", R"(,"meta.helm.sh/release-name":"web")"));
  EXPECT_THAT(s.Plan().warnings, ElementsAre(HasSubstr("it is managed by Helm, too")));
  s.application.sync.adopt = {Adoption::kHelm};
  EXPECT_EQ(s.Plan().plan.operations->Count(OperationType::kDelete), 1);
}

TEST(PruneRulesTest, AWishThatIsNoneKeepsTheObject) {
  Scenario s;
  s.desired = {ConfigMap("stays")};
  Deployed(s, ConfigMap("stays"));
  Deployed(s, ConfigMap("old", "{}", R"(,"swell.dev/propagation":"slowly")"));
  EXPECT_FALSE(s.Plan().plan.HasChanges());
  EXPECT_THAT(s.Plan().warnings, ElementsAre(HasSubstr("\"slowly\"")));
}

TEST(PruneRulesTest, SaysWhatHoldsAnObjectThatGoesAway) {
  Scenario s;
  s.desired = {ConfigMap("stays")};
  Deployed(s, ConfigMap("stays"));
  Object old = ConfigMap("old");
  old.value = old.value.WithAt({"metadata", "deletionTimestamp"}, Value("2026-01-01T00:00:00Z"))
                  .WithAt({"metadata", "finalizers"}, Value::Array({Value("e.com/x")}));
  Deployed(s, old);
  EXPECT_FALSE(s.Plan().plan.HasChanges()) << "it is not deleted again";
  EXPECT_THAT(s.Plan().warnings,
              ElementsAre(HasSubstr("ConfigMap web/old has been terminating for 12m; finalizers "
                                    "hold it: e.com/x")));
}

TEST(PruneRulesTest, ANamespaceThatIsInUseStays) {
  Scenario s;
  Object elsewhere = ConfigMap("stays");
  elsewhere.value = elsewhere.value.WithAt({"metadata", "namespace"}, Value("other"));
  s.desired = {elsewhere};
  Deployed(s, elsewhere);
  Deployed(s, Make(kNamespace));
  EXPECT_EQ(s.Plan().plan.operations->Count(OperationType::kDelete), 1);
  s.namespace_users = {{"web", "bank"}};
  EXPECT_THAT(s.Plan().warnings,
              ElementsAre(HasSubstr("objects of application \"bank\" live in it")));
  s.namespace_users.clear();
  s.desired.push_back(ConfigMap("inside"));
  EXPECT_THAT(s.Plan().warnings, ElementsAre(HasSubstr("still declared live in it")));
  EXPECT_EQ(s.Plan().plan.operations->Count(OperationType::kDelete), 0);
}

TEST(PruneRulesTest, AForgedHookAnnotationChangesNothing) {
  Scenario s;
  s.desired = {ConfigMap("stays", R"({"k":"w"})")};
  // On an object that is declared: it is no hook for that, is compared and stays.
  Object stays = ConfigMap("stays", R"({"k":"v"})",
                           R"(,"argocd.argoproj.io/hook":"Skip",
                              "argocd.argoproj.io/hook-delete-policy":"HookSucceeded")");
  Deployed(s, stays);
  // On one that is not: it is pruned.
  Deployed(s, ConfigMap("old", "{}", R"(,"argocd.argoproj.io/hook":"Skip")"));
  // On one that is nobody's: it stays nobody's.
  s.Live(ConfigMap("stranger", "{}", R"(,"argocd.argoproj.io/hook":"PreDelete")"));
  EXPECT_THAT(Lines(s.Plan().plan),
              ElementsAre("update ConfigMap/stays sync 0", "delete ConfigMap/old prune 0"));
}

TEST(SyncFailTest, IsPlannedWithTheOtherHooksAndStartsNothing) {
  Scenario s;
  const Object fail = Job("fail", R"("argocd.argoproj.io/hook":"SyncFail")");
  s.desired = {ConfigMap("a", R"({"k":"2"})"), fail,
               Job("bye", R"("argocd.argoproj.io/hook":"PreDelete")")};
  s.Absent(fail);
  s.Live(ConfigMap("a"));
  EXPECT_THAT(Lines(s.Plan().plan),
              ElementsAre("update ConfigMap/a sync 0", "create Job/fail fail 0 hook"));
  s.Live(s.desired[0]);
  s.applied = true;
  s.last = s.desired;
  s.last[1] =
      Job("fail", R"("argocd.argoproj.io/hook":"SyncFail","argocd.argoproj.io/sync-wave":"2")");
  EXPECT_FALSE(s.Plan().plan.HasChanges()) << "a changed SyncFail hook alone";
  const ClusterPlan unreadable = PlanUnreadable(s.MakeInputs(), "refused");
  EXPECT_EQ(unreadable.operations->operations.size(), 2u) << "no PreDelete hook";
}

TEST(PlanDeletionTest, HooksBeforeAndAfterAndEverythingBackwards) {
  Scenario s;
  s.desired = {ConfigMap("a"), Job("before", R"("helm.sh/hook":"pre-delete")"),
               Job("after", R"("helm.sh/hook":"post-delete")"),
               Job("migrate", R"("helm.sh/hook":"pre-install")")};
  Deployed(s, Make(kNamespace));
  Deployed(s, ConfigMap("a"));
  Deployed(s, ConfigMap("late", "{}", R"(,"argocd.argoproj.io/sync-wave":"3")"));
  Deployed(s, s.desired[3]);
  Deployed(s, Make(R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"w",
      "namespace":"web","annotations":{"swell.dev/owner":"shop"}}})"));
  EXPECT_THAT(Lines(s.PlanDeletion().plan),
              ElementsAre("create Job/before pre-delete 0 hook", "delete ConfigMap/late prune -3",
                          "delete Job/migrate prune 0", "delete Deployment/w prune 0",
                          "delete ConfigMap/a prune 0", "create Job/after post-delete 0 hook",
                          "delete Namespace/web post-delete 1"));
}

TEST(PlanDeletionTest, KeepsAsPruningDoes) {
  Scenario s;
  s.application.sync.prune = false;  // says nothing about deletion
  s.application.destination = {.ns = "web", .create_namespace = true};
  Deployed(s, ConfigMap("a"));
  Deployed(s, ConfigMap("b", "{}", R"(,"argocd.argoproj.io/sync-options":"Delete=confirm")"));
  Deployed(s, ConfigMap("c", "{}", R"(,"argocd.argoproj.io/sync-options":"Prune=false")"));
  Deployed(s, ConfigMap("d", "{}", R"(,"helm.sh/resource-policy":"keep")"));
  Deployed(s, Make(R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"web"}})"));
  Object other = ConfigMap("e");
  Deployed(s, other);
  other.value = other.value.WithAt({"metadata", "annotations", kOwnerAnnotation}, Value("bank"));
  s.Live(other);
  s.Owns(ConfigMap("f"));  // not read
  s.Owns(ConfigMap("g"));
  s.Absent(ConfigMap("g"));
  Planned planned = s.PlanDeletion();
  EXPECT_THAT(Lines(planned.plan),
              ElementsAre("delete ConfigMap/a prune 0", "delete ConfigMap/c prune 0",
                          "none ConfigMap/g prune 0"));
  EXPECT_THAT(planned.warnings,
              ElementsAre(HasSubstr("b stays: argocd.argoproj.io/sync-options: Delete=confirm"),
                          HasSubstr("d stays: helm.sh/resource-policy: keep"),
                          HasSubstr("Namespace web stays: createNamespace made it"),
                          HasSubstr("e stays: it belongs to application \"bank\" now"),
                          HasSubstr("f stays: its live state is not known")));
  s.confirmed = Confirmed::kYes;
  EXPECT_EQ(s.PlanDeletion().plan.operations->Count(OperationType::kDelete), 3);
}

TEST(PlanDeletionTest, ANamespaceStaysWithWhatIsKeptInIt) {
  Scenario s;
  Deployed(s, Make(kNamespace));
  Deployed(s, ConfigMap("a"));
  EXPECT_EQ(s.PlanDeletion().plan.operations->Count(OperationType::kDelete), 2);
  Deployed(s, ConfigMap("b", "{}", R"(,"helm.sh/resource-policy":"keep")"));
  const Planned planned = s.PlanDeletion();
  EXPECT_THAT(Lines(planned.plan), ElementsAre("delete ConfigMap/a prune 0"));
  EXPECT_THAT(planned.warnings,
              ElementsAre(HasSubstr("Namespace web stays: ConfigMap web/b stays in it"),
                          HasSubstr("ConfigMap web/b stays: helm.sh")));
}

TEST(PlanDeletionTest, GoesOnWithoutTheHooksThatHaveRun) {
  Scenario s;
  s.desired = {Job("before", R"("helm.sh/hook":"pre-delete")"),
               Job("after", R"("helm.sh/hook":"post-delete")")};
  s.Absent(s.desired[0]);
  s.Absent(s.desired[1]);
  Deployed(s, ConfigMap("a"));
  s.Owns(s.desired[1]);
  s.deletion = Deletion::kGoesOn;
  EXPECT_THAT(Lines(s.PlanDeletion().plan),
              ElementsAre("delete ConfigMap/a prune 0", "create Job/after post-delete 0 hook"));
  s.Owns(s.desired[0]);
  EXPECT_EQ(Lines(s.PlanDeletion().plan)[0], "create Job/before pre-delete 0 hook")
      << "one that failed runs again";
}

TEST(PlanDeletionTest, WaitsForWhatGoesAwayAlready) {
  Scenario s;
  Object going = ConfigMap("a");
  going.value =
      going.value.WithAt({"metadata", "deletionTimestamp"}, Value("2026-01-01T00:00:00Z"));
  Deployed(s, going);
  EXPECT_THAT(Lines(s.PlanDeletion().plan), ElementsAre("delete ConfigMap/a prune 0"));
  EXPECT_THAT(s.PlanDeletion().warnings, ElementsAre(HasSubstr("terminating for 12m")));
}

TEST(PlanDeletionTest, AHookOfSomebodyElseIsAConflict) {
  Scenario s;
  s.desired = {Job("before", R"("helm.sh/hook":"pre-delete")")};
  Object live = s.desired[0];
  live.value = live.value.WithAt({"metadata", "annotations", kOwnerAnnotation}, Value("bank"));
  s.Live(live);
  Deployed(s, ConfigMap("a"));
  EXPECT_THAT(s.PlanDeletion().conflicts, ElementsAre(HasSubstr("application \"bank\"")));
}

}  // namespace
}  // namespace swell::plan
