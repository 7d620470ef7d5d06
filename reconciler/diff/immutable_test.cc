#include "reconciler/diff/immutable.h"

#include <gtest/gtest.h>

#include "base/value/json.h"
#include "renderer/object/object.h"

namespace swell::diff {
namespace {

TEST(ImmutableTest, KnowsTheFieldsOfBuiltInKinds) {
  struct Case {
    const char* live;
    const char* path;
    bool immutable;
  };
  const Case cases[] = {
      {R"({"apiVersion":"apps/v1","kind":"Deployment"})", "/spec/selector/matchLabels/app", true},
      {R"({"apiVersion":"apps/v1","kind":"Deployment"})", "/spec/selectors", false},
      {R"({"apiVersion":"apps/v1","kind":"Deployment"})", "/spec/replicas", false},
      {R"({"apiVersion":"apps/v1","kind":"StatefulSet"})",
       "/spec/volumeClaimTemplates/0/spec/resources", true},
      {R"({"apiVersion":"batch/v1","kind":"Job"})", "/spec/template/spec/containers/[name=a]/image",
       true},
      {R"({"apiVersion":"batch/v1","kind":"Job"})", "/spec/parallelism", false},
      {R"({"apiVersion":"example.com/v1","kind":"Job"})", "/spec/template", false},
      {R"({"apiVersion":"v1","kind":"PersistentVolumeClaim"})", "/spec/storageClassName", true},
      {R"({"apiVersion":"v1","kind":"PersistentVolumeClaim"})", "/spec/resources/requests/storage",
       false},
      {R"({"apiVersion":"v1","kind":"Service","spec":{"clusterIP":"10.0.0.1"}})", "/spec/clusterIP",
       true},
      {R"({"apiVersion":"v1","kind":"Service","spec":{"type":"ExternalName"}})", "/spec/clusterIP",
       false},
      {R"({"apiVersion":"v1","kind":"ConfigMap","immutable":true})", "/data/k", true},
      {R"({"apiVersion":"v1","kind":"ConfigMap"})", "/data/k", false},
      {R"({"apiVersion":"v1","kind":"Secret"})", "/type", true},
  };
  for (const Case& c : cases) {
    const auto found = ImmutableChanges(*json::Parse(c.live), {{.path = c.path}});
    EXPECT_EQ(found.size(), c.immutable ? 1u : 0u) << c.live << " " << c.path;
  }
}

TEST(ImmutableTest, SomeKindsAreNeverRecreated) {
  for (const char* kind : {"Namespace", "PersistentVolume", "PersistentVolumeClaim"}) {
    EXPECT_TRUE(IsNeverRecreated({"", kind})) << kind;
  }
  EXPECT_TRUE(IsNeverRecreated({"apiextensions.k8s.io", "CustomResourceDefinition"}));
  EXPECT_FALSE(IsNeverRecreated({"batch", "Job"}));
  EXPECT_FALSE(IsNeverRecreated({"example.com", "Namespace"}));
}

}  // namespace
}  // namespace swell::diff
