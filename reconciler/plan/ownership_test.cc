// Whose object it is, as plans show it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconciler/plan/testing.h"

namespace swell::plan {
namespace {

using namespace plan_testing;  // NOLINT: the vocabulary of this room's tests
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kHelm[] = R"({"meta.helm.sh/release-name":"web"})";

// A live ConfigMap web/a with these annotations and nothing else.
Object Live(const std::string& annotations) {
  return Make(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"web",
    "uid":"u-a","annotations":)" +
              annotations + R"(},"data":{}})");
}

class OwnershipTest : public testing::Test {
 protected:
  OwnershipTest() { s_.desired = {ConfigMap("a", R"({"k":"1"})")}; }
  Scenario s_;
};

TEST_F(OwnershipTest, AnotherToolsObjectIsAConflict) {
  s_.Live(Live(kHelm));
  const Planned planned = s_.Plan();
  EXPECT_THAT(Lines(planned.plan), ElementsAre("none ConfigMap/a sync 0"));
  EXPECT_THAT(
      planned.conflicts,
      ElementsAre("ConfigMap web/a is managed by Helm (meta.helm.sh/release-name: web), and "
                  "two tools must not apply one object: take it out of Helm without "
                  "deleting it and set spec.sync.adopt: [helm]"));
}

TEST_F(OwnershipTest, AListedToolsObjectIsTakenOverAndTold) {
  s_.Live(Live(kHelm));
  s_.application.sync.adopt = {Adoption::kHelm};
  const Planned planned = s_.Plan();
  EXPECT_THAT(Lines(planned.plan), ElementsAre("update ConfigMap/a sync 0"));
  EXPECT_THAT(planned.conflicts, IsEmpty());
  EXPECT_THAT(planned.warnings, ElementsAre(HasSubstr("ConfigMap web/a is taken over from Helm")));
}

TEST_F(OwnershipTest, WhatIsOursGoesOnWithAnotherToolsMark) {
  const Object live = Live(R"({"swell.dev/owner":"shop","meta.helm.sh/release-name":"web"})");
  s_.Live(live);
  s_.Owns(live);
  const Planned planned = s_.Plan();
  EXPECT_THAT(Lines(planned.plan), ElementsAre("update ConfigMap/a sync 0"));
  EXPECT_THAT(planned.conflicts, IsEmpty());
  EXPECT_THAT(planned.warnings, ElementsAre(HasSubstr("is managed by Helm")));
  // Not in the inventory, our annotation says nothing against Helm's.
  s_.inventory.clear();
  EXPECT_THAT(s_.Plan().conflicts, ElementsAre(HasSubstr("is managed by Helm")));
}

TEST_F(OwnershipTest, AMarkThatIsDeclaredIsNoOtherTools) {
  // A chart that writes Helm's annotation into its manifests, applied as plain files.
  const Object live = Live(R"({"swell.dev/owner":"shop","meta.helm.sh/release-name":"web"})");
  s_.desired = {ConfigMap("a", "{}", R"(,"meta.helm.sh/release-name":"web")")};
  s_.Live(live);
  s_.Owns(live);
  EXPECT_THAT(s_.Plan().conflicts, IsEmpty());
  EXPECT_THAT(s_.Plan().warnings, IsEmpty());
  // Where the inventory is lost, Swell's own annotation tells that it was Swell that applied it.
  s_.inventory.clear();
  EXPECT_THAT(s_.Plan().conflicts, IsEmpty());
  EXPECT_THAT(s_.Plan().warnings, ElementsAre(HasSubstr("is not in its inventory")));
  // Without that Helm may have, whatever Git says: it may be a copy of what Helm deployed.
  s_.Live(Live(kHelm));
  EXPECT_THAT(s_.Plan().conflicts, ElementsAre(HasSubstr("is managed by Helm")));
  // Another release's mark is Helm's in any case.
  s_.Live(Live(R"({"swell.dev/owner":"shop","meta.helm.sh/release-name":"other"})"));
  EXPECT_THAT(s_.Plan().conflicts, ElementsAre(HasSubstr("release-name: other")));
}

TEST_F(OwnershipTest, AForgedAnnotationGainsNothing) {
  // One that is declared is adopted as any other, and told.
  s_.Live(Live(R"({"swell.dev/owner":"shop"})"));
  EXPECT_THAT(s_.Plan().warnings, ElementsAre(HasSubstr("is not in its inventory")));
  // One that is not declared is nothing to this application, whatever it says of itself.
  s_.desired = {ConfigMap("b")};
  s_.Live(ConfigMap("b"));
  s_.Owns(ConfigMap("b"));
  const Planned planned = s_.Plan();
  EXPECT_THAT(Lines(planned.plan), ElementsAre("none ConfigMap/b sync 0"));
  EXPECT_THAT(planned.warnings, IsEmpty());
  EXPECT_THAT(Lines(s_.PlanDeletion().plan), ElementsAre("delete ConfigMap/b prune 0"));
}

TEST_F(OwnershipTest, ManyAdoptionsAreOneWarning) {
  for (const char* name : {"b", "c"}) {
    s_.desired.push_back(ConfigMap(name));
    s_.Live(ConfigMap(name));
  }
  s_.Live(Live(R"({"swell.dev/owner":"shop"})"));
  EXPECT_THAT(s_.Plan().warnings, ElementsAre(HasSubstr("ConfigMap web/a (and 2 more) carries")));
}

TEST_F(OwnershipTest, AnApplicationThatIsNoMoreOwnsNothing) {
  s_.Live(Live(R"({"swell.dev/owner":"bank"})"));
  EXPECT_THAT(s_.Plan().conflicts, ElementsAre(HasSubstr("belongs to application \"bank\"")));
  s_.deleted = {"bank"};
  const Planned planned = s_.Plan();
  EXPECT_THAT(planned.conflicts, IsEmpty());
  EXPECT_THAT(Lines(planned.plan), ElementsAre("update ConfigMap/a sync 0"));
  EXPECT_THAT(planned.warnings, ElementsAre(HasSubstr("application \"bank\", which was deleted")));
}

TEST_F(OwnershipTest, AHookOfAnotherToolIsAConflict) {
  s_.desired = {Job("migrate", R"("argocd.argoproj.io/hook":"PreSync")")};
  s_.Live(Make(R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"migrate",
    "namespace":"web","labels":{"kustomize.toolkit.fluxcd.io/name":"apps"}}})"));
  const Planned planned = s_.Plan();
  EXPECT_THAT(Lines(planned.plan), ElementsAre("none Job/migrate pre 0 hook"));
  EXPECT_THAT(planned.conflicts, ElementsAre(HasSubstr("is managed by Flux")));
}

TEST_F(OwnershipTest, OneUidUnderTwoGroupsIsOneObject) {
  const auto ingress = [](const char* group) {
    return Make(std::string(R"({"apiVersion":")") + group + R"(","kind":"Ingress","metadata":{
      "name":"i","namespace":"web","uid":"u-1","annotations":{"swell.dev/owner":"shop"}}})");
  };
  s_.desired = {ingress("networking.k8s.io/v1")};
  s_.desired[0].value = s_.desired[0].value.WithoutAt({"metadata", "uid"});
  s_.Live(ingress("networking.k8s.io/v1"));
  s_.Live(ingress("extensions/v1beta1"));
  s_.Owns(ingress("extensions/v1beta1"));
  const Planned planned = s_.Plan();
  EXPECT_EQ(planned.plan.operations->Count(OperationType::kDelete), 0);
  // Nor where only the inventory knows the uid of the one that is wanted.
  s_.live.erase(s_.desired[0].id());
  s_.Owns(ingress("networking.k8s.io/v1"));
  EXPECT_EQ(s_.Plan().plan.operations->Count(OperationType::kDelete), 0);
  // Only forgotten.
  EXPECT_THAT(Lines(planned.plan), ElementsAre("none Ingress/i sync 0", "none Ingress/i prune 0"));
}

}  // namespace
}  // namespace swell::plan
