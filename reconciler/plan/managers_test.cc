#include "reconciler/plan/managers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/value/json.h"

namespace swell::plan {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> NamesOf(const std::vector<Manager>& managers) {
  std::vector<std::string> names;
  for (const Manager& manager : managers) names.push_back(manager.name);
  return names;
}

Value Deployment(const std::string& marks) {
  return *json::Parse(R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"w",
    "namespace":"web",)" +
                      marks + "}}");
}

TEST(ManagersOfTest, ByTheirMarks) {
  struct Case {
    const char* marks;
    std::vector<std::string> names;
  };
  const Case cases[] = {
      {R"("labels":{"app.kubernetes.io/managed-by":"Helm","app.kubernetes.io/instance":"x"})", {}},
      {R"("annotations":{"meta.helm.sh/release-name":"web"})", {"Helm"}},
      {R"("annotations":{"argocd.argoproj.io/tracking-id":"shop:apps/Deployment:web/w"})",
       {"Argo CD"}},
      {R"("annotations":{"argocd.argoproj.io/tracking-id":"a_shop:apps/Deployment:web/w"})",
       {"Argo CD"}},
      // Copied from another object, as Argo CD itself reads it.
      {R"("annotations":{"argocd.argoproj.io/tracking-id":"shop:apps/Deployment:web/v"})", {}},
      {R"("annotations":{"argocd.argoproj.io/tracking-id":"shop:apps/Deployment:other/w"})", {}},
      {R"("annotations":{"argocd.argoproj.io/tracking-id":"shop:/Service:web/w"})", {}},
      {R"("annotations":{"argocd.argoproj.io/tracking-id":"shop"})", {}},
      {R"("labels":{"kustomize.toolkit.fluxcd.io/name":"apps"})", {"Flux"}},
      {R"("labels":{"helm.toolkit.fluxcd.io/name":"apps"},
          "annotations":{"meta.helm.sh/release-name":"web"})",
       {"Helm", "Flux"}},
      {R"("annotations":{"config.k8s.io/owning-inventory":"i"})", {"cli-utils (kpt)"}},
      {R"("labels":{"applyset.kubernetes.io/part-of":"applyset-x-v1"})", {"a kubectl ApplySet"}},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(NamesOf(ManagersOf(Deployment(c.marks))), testing::ElementsAreArray(c.names))
        << c.marks;
  }
}

TEST(ManagersOfTest, ClusterScopedObjectsCarryTheApplicationsNamespace) {
  const Value role = *json::Parse(R"({"apiVersion":"rbac.authorization.k8s.io/v1",
    "kind":"ClusterRole","metadata":{"name":"r","annotations":{"argocd.argoproj.io/tracking-id":
    "shop:rbac.authorization.k8s.io/ClusterRole:web/r"}}})");
  EXPECT_THAT(NamesOf(ManagersOf(role)), ElementsAre("Argo CD"));
}

TEST(ForeignManagersTest, WithoutThoseThatMayBeAdopted) {
  const Value both = Deployment(R"("labels":{"helm.toolkit.fluxcd.io/name":"apps"},
    "annotations":{"meta.helm.sh/release-name":"web"})");
  SyncSpec sync;
  sync.adopt = {Adoption::kHelm};
  EXPECT_THAT(NamesOf(ForeignManagers(both, sync)), ElementsAre("Flux"));
  sync.adopt.push_back(Adoption::kFlux);
  EXPECT_THAT(ForeignManagers(both, sync), IsEmpty());
}

TEST(WhyNotAdoptedTest, SaysWhatToDo) {
  const auto managers = ManagersOf(Deployment(R"("labels":{"applyset.kubernetes.io/part-of":"x"},
    "annotations":{"argocd.argoproj.io/tracking-id":"shop:apps/Deployment:web/w"})"));
  ASSERT_EQ(managers.size(), 2u);
  EXPECT_THAT(WhyNotAdopted(managers[0]), HasSubstr("set spec.sync.adopt: [argocd]"));
  EXPECT_THAT(WhyNotAdopted(managers[1]), HasSubstr("remove applyset.kubernetes.io/part-of"));
}

}  // namespace
}  // namespace swell::plan
