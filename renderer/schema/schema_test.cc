#include "renderer/schema/schema.h"

#include <gtest/gtest.h>

#include "base/core/strings.h"

namespace swell::schema {
namespace {

const FieldInfo* At(std::string_view api_version, std::string_view kind, std::string_view path) {
  const TypeSchema* type = FindType(ParseGroupVersionKind(api_version, kind));
  if (!type) return nullptr;
  std::vector<std::string> steps;
  for (std::string_view step : Split(path, '/')) steps.emplace_back(step);
  return Lookup(*type, steps);
}

TEST(SchemaTest, ListsOfBuiltinKinds) {
  struct Case {
    const char* api_version;
    const char* kind;
    const char* path;
    ListType type;
    std::vector<std::string> keys;
    std::vector<std::string> merge_keys;
  };
  const Case kCases[] = {
      {"apps/v1",
       "Deployment",
       "spec/template/spec/containers",
       ListType::kMap,
       {"name"},
       {"name"}},
      {"apps/v1",
       "Deployment",
       "spec/template/spec/containers/0/ports",
       ListType::kMap,
       {"containerPort", "protocol"},
       {"containerPort"}},
      {"apps/v1", "Deployment", "spec/template/spec/containers/0/args", ListType::kAtomic, {}, {}},
      {"v1", "Service", "spec/ports", ListType::kMap, {"port", "protocol"}, {"port"}},
      {"v1",
       "Pod",
       "spec/topologySpreadConstraints",
       ListType::kMap,
       {"topologyKey", "whenUnsatisfiable"},
       {"topologyKey"}},
      {"v1", "ConfigMap", "metadata/finalizers", ListType::kSet, {}, {}},
      {"v1", "ConfigMap", "metadata/ownerReferences", ListType::kMap, {"uid"}, {"uid"}},
      {"batch/v1", "Job", "status/conditions", ListType::kAtomic, {}, {"type"}},
      {"batch/v1",
       "CronJob",
       "spec/jobTemplate/spec/template/spec/volumes",
       ListType::kMap,
       {"name"},
       {"name"}},
  };
  for (const Case& c : kCases) {
    const FieldInfo* field = At(c.api_version, c.kind, c.path);
    ASSERT_NE(field, nullptr) << c.path;
    EXPECT_EQ(field->shape, Shape::kList) << c.path;
    EXPECT_EQ(field->list_type, c.type) << c.path;
    EXPECT_EQ(field->list_keys, c.keys) << c.path;
    EXPECT_EQ(field->merge_keys, c.merge_keys) << c.path;
  }
}

TEST(SchemaTest, StrategicStrategies) {
  EXPECT_TRUE(At("apps/v1", "Deployment", "spec/strategy")->retain_keys);
  EXPECT_TRUE(At("v1", "Pod", "spec/volumes")->retain_keys);
  EXPECT_TRUE(At("v1", "Pod", "spec/volumes")->merge);
  EXPECT_TRUE(At("policy/v1", "PodDisruptionBudget", "spec/selector")->replace);
  EXPECT_TRUE(At("v1", "Pod", "metadata/finalizers")->merge);
  EXPECT_FALSE(At("v1", "Pod", "spec/tolerations")->merge);
}

TEST(SchemaTest, AtomicMaps) {
  EXPECT_TRUE(At("apps/v1", "Deployment", "spec/selector")->atomic_map);
  EXPECT_TRUE(At("v1", "Service", "spec/selector")->atomic_map);
  EXPECT_TRUE(At("v1", "Pod", "spec/nodeSelector")->atomic_map);
  EXPECT_FALSE(At("v1", "Pod", "metadata/labels")->atomic_map);
  EXPECT_FALSE(At("v1", "Pod", "spec")->atomic_map);
  // The type is atomic, this use of it is not.
  EXPECT_FALSE(At("v1", "PersistentVolume", "spec/claimRef")->atomic_map);
}

TEST(SchemaTest, ScalarsWithSeveralSpellings) {
  EXPECT_EQ(At("v1", "Pod", "spec/containers/0/resources/limits")->scalar, Scalar::kQuantity);
  EXPECT_EQ(At("v1", "Pod", "spec/containers/0/resources/limits/cpu")->scalar, Scalar::kQuantity);
  EXPECT_EQ(At("v1", "Service", "spec/ports/0/targetPort")->scalar, Scalar::kIntOrString);
  EXPECT_EQ(At("v1", "Pod", "spec/volumes/0/emptyDir/sizeLimit")->scalar, Scalar::kQuantity);
  EXPECT_EQ(At("v1", "Pod", "spec/nodeName"), nullptr);
}

TEST(SchemaTest, Defaults) {
  EXPECT_EQ(At("v1", "Service", "spec/ports/0/protocol")->default_value, Value("TCP"));
  EXPECT_EQ(At("apps/v1", "Deployment", "spec/replicas")->default_value, Value(1));
  EXPECT_EQ(At("apps/v1", "Deployment", "spec/strategy/rollingUpdate/maxSurge")->default_value,
            Value("25%"));
  EXPECT_EQ(At("v1", "Pod", "spec/enableServiceLinks")->default_value, Value(true));
  EXPECT_TRUE(At("apps/v1", "Deployment", "spec/template")->default_value.is_null());
}

TEST(SchemaTest, RetiredVersionsAndUnknownKinds) {
  EXPECT_EQ(FindType({"batch", "v1beta1", "CronJob"}), FindType({"batch", "v1", "CronJob"}));
  EXPECT_EQ(FindType({"extensions", "v1beta1", "Deployment"}),
            FindType({"apps", "v1", "Deployment"}));
  EXPECT_EQ(FindType({"example.com", "v1", "Deployment"}), nullptr);
  EXPECT_EQ(FindType({"apps", "v9", "Deployment"}), nullptr);
  EXPECT_EQ(FindType({"", "", ""}), nullptr);
}

TEST(SchemaTest, WalksLeaveWhatIsKnownQuietly) {
  EXPECT_EQ(At("v1", "Pod", "spec/containers/0/nope/deeper"), nullptr);
  EXPECT_EQ(At("v1", "ConfigMap", "data/a/b"), nullptr);
  EXPECT_EQ(FieldInfo().Descend("a"), nullptr);
  EXPECT_EQ(FieldInfo().Item(), nullptr);
}

TEST(KustomizeTypeTest, MergesByItsOwnOlderTable) {
  const TypeSchema* pod = FindKustomizeType({"", "v1", "Pod"});
  ASSERT_NE(pod, nullptr);
  const std::vector<std::string> ports = {"spec", "containers", "0", "ports"};
  EXPECT_EQ(Lookup(*pod, ports)->merge_keys,
            (std::vector<std::string>{"containerPort", "protocol"}));
  // resourceClaims came after 1.21: kustomize replaces the list.
  EXPECT_EQ(pod->Descend("spec")->Descend("resourceClaims"), nullptr);
  EXPECT_EQ(FindKustomizeType({"apps", "v1beta1", "Deployment"}), nullptr);
}

TEST(KustomizeTypeTest, Scope) {
  EXPECT_TRUE(IsKustomizeClusterScoped("v1", "Namespace"));
  EXPECT_TRUE(IsKustomizeClusterScoped("rbac.authorization.k8s.io/v1", "ClusterRole"));
  EXPECT_FALSE(IsKustomizeClusterScoped("rbac.authorization.k8s.io/v1", "Role"));
  EXPECT_FALSE(IsKustomizeClusterScoped("example.com/v1", "ClusterRole"));
}

}  // namespace
}  // namespace swell::schema
