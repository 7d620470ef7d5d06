// Deletion: preconditions, finalizers, owners, namespaces, definitions.

#include "server/sandbox/cluster_test_util.h"

namespace swell::sandbox {
namespace {

constexpr char kPods[] = "/api/v1/namespaces/default/pods";
constexpr char kSets[] = "/apis/apps/v1/namespaces/default/replicasets";

class LifecycleTest : public ClusterTest {
 protected:
  const std::string cm = std::string(kConfigMaps) + "/a";
  const std::string web = std::string(kDeployments) + "/web";
  std::size_t Count(const std::string& url) { return Get(url).body["items"].size(); }
};

TEST_F(LifecycleTest, DeleteAnswersAndForgets) {
  Post(kConfigMaps, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}");
  const Reply wrong = Delete(cm, R"({"preconditions":{"uid":"other"}})");
  EXPECT_EQ(wrong.status, 409);
  EXPECT_NE(wrong.message().find(
                "the UID in the precondition (other) does not match the UID in record ("),
            std::string::npos);
  const Reply gone = Delete(cm);
  EXPECT_EQ(gone.status, 200);
  EXPECT_EQ(gone.body["status"].as_string(), "Success");
  EXPECT_EQ(gone.body["details"]["name"].as_string(), "a");
  EXPECT_EQ(Delete(cm).status, 404);
}

TEST_F(LifecycleTest, FinalizersHoldBack) {
  Post(kConfigMaps,
       "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, finalizers: [x.io/hold]}}");
  const Reply marked = Delete(cm);
  EXPECT_EQ(marked.status, 200);
  EXPECT_TRUE(marked.body["metadata"].Has("deletionTimestamp"));
  Advance(1000);
  EXPECT_EQ(Get(cm).status, 200);
  Merge(cm, R"({"metadata":{"finalizers":null}})");
  EXPECT_EQ(Get(cm).status, 404);
}

TEST_F(LifecycleTest, BackgroundTakesDependentsAlong) {
  Apply(web, DeploymentYaml("web", "app:v1"));
  Advance(3000);
  EXPECT_EQ(Delete(web).body["status"].as_string(), "Success");
  EXPECT_EQ(Get(web).status, 404);
  Advance(1000);
  EXPECT_EQ(Count(kSets), 0u);
  EXPECT_EQ(Count(kPods), 0u);
}

TEST_F(LifecycleTest, ForegroundWaitsForDependents) {
  Apply(web, DeploymentYaml("web", "app:v1"));
  Advance(3000);
  const Reply marked = Delete(web, R"({"propagationPolicy":"Foreground"})");
  EXPECT_EQ(marked.body["metadata"]["finalizers"][0].as_string(), "foregroundDeletion");
  EXPECT_EQ(Get(web).status, 200);
  Advance(2000);
  EXPECT_EQ(Get(web).status, 404);
  EXPECT_EQ(Count(kPods), 0u);
}

TEST_F(LifecycleTest, OrphansStay) {
  Apply(web, DeploymentYaml("web", "app:v1"));
  Advance(3000);
  Delete(web, R"({"propagationPolicy":"Orphan"})");
  Advance(2000);
  EXPECT_EQ(Get(web).status, 404);
  ASSERT_EQ(Count(kSets), 1u);
  EXPECT_FALSE(Get(kSets).body["items"][0]["metadata"].Has("ownerReferences"));
  EXPECT_EQ(Count(kPods), 2u);
}

TEST_F(LifecycleTest, AnOwnerThatNeverWasIsCollected) {
  Post(kConfigMaps,
       "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, ownerReferences: "
       "[{apiVersion: v1, kind: ConfigMap, name: none, uid: abc}]}}");
  Advance(1000);
  EXPECT_EQ(Get(cm).status, 404);
}

TEST_F(LifecycleTest, NamespacesEmptyThemselves) {
  Post("/api/v1/namespaces", "{apiVersion: v1, kind: Namespace, metadata: {name: shop}}");
  Advance(200);
  EXPECT_EQ(Count("/api/v1/namespaces/shop/serviceaccounts"), 1u);
  Apply("/apis/apps/v1/namespaces/shop/deployments/web", DeploymentYaml("web", "app:v1"));
  Apply("/api/v1/namespaces/shop/configmaps/held",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: held, finalizers: [x.io/hold]}}");
  Advance(3000);
  EXPECT_EQ(Delete("/api/v1/namespaces/shop").body.At({"status", "phase"}).as_string(),
            "Terminating");
  const Reply refused = Apply("/api/v1/namespaces/shop/configmaps/b",
                              "{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.body.At({"details", "causes"})[0]["reason"].as_string(),
            "NamespaceTerminating");
  Advance(3000);
  const Reply held = Get("/api/v1/namespaces/shop");
  EXPECT_EQ(held.status, 200);
  EXPECT_EQ(held.body.At({"status", "conditions"})[0]["message"].as_string(),
            "Some resources are remaining: configmaps. has 1 resource instances");
  EXPECT_EQ(held.body.At({"status", "conditions"})[1]["message"].as_string(),
            "Some content in the namespace has finalizers remaining: x.io/hold in 1 resource "
            "instances");
  Merge("/api/v1/namespaces/shop/configmaps/held", R"({"metadata":{"finalizers":null}})");
  Advance(3000);
  EXPECT_EQ(Get("/api/v1/namespaces/shop").status, 404);
  EXPECT_EQ(Count("/apis/apps/v1/deployments"), 0u);
  EXPECT_EQ(Delete("/api/v1/namespaces/default").status, 403);
}

TEST_F(LifecycleTest, DeleteCollectionHonoursSelectors) {
  for (const char* team : {"a", "b"}) {
    Post(kConfigMaps, std::string("{apiVersion: v1, kind: ConfigMap, metadata: {name: m") + team +
                          ", labels: {team: " + team + "}}}");
  }
  const Reply deleted = Delete(std::string(kConfigMaps) + "?labelSelector=team=a");
  EXPECT_EQ(deleted.body["items"].size(), 1u);
  EXPECT_EQ(Get(std::string(kConfigMaps) + "/ma").status, 404);
  EXPECT_EQ(Get(std::string(kConfigMaps) + "/mb").status, 200);
}

constexpr char kDefinition[] = R"(
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: things, singular: thing, kind: Thing, shortNames: [th]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    additionalPrinterColumns:
    - {name: Size, type: integer, jsonPath: .spec.size}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [size]
            properties:
              size: {type: integer, minimum: 1}
              mode: {type: string, default: fast, enum: [fast, slow]}
              rules:
                type: array
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [name]
                items:
                  type: object
                  properties: {name: {type: string}, value: {type: string}}
          status: {type: object, x-kubernetes-preserve-unknown-fields: true}
)";
constexpr char kThings[] = "/apis/example.com/v1/namespaces/default/things";

TEST_F(LifecycleTest, DefinitionsServeNewKinds) {
  const std::string definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  EXPECT_EQ(Get(kThings).status, 404);
  ASSERT_EQ(Post(definitions, kDefinition).status, 201);
  Advance(100);
  const Value crd = Get(definitions + "/things.example.com").body;
  EXPECT_EQ(crd["status"]["conditions"][1]["type"].as_string(), "Established");
  EXPECT_EQ(Get("/apis/example.com/v1").body["resources"][0]["shortNames"][0].as_string(), "th");

  const Reply made = Apply(std::string(kThings) + "/t",
                           "{apiVersion: example.com/v1, kind: Thing, metadata: "
                           "{name: t}, spec: {size: 2, bogus: 1, rules: [{name: a}]}}");
  ASSERT_EQ(made.status, 201) << made.raw.body;
  EXPECT_EQ(made.body["spec"]["mode"].as_string(), "fast");
  EXPECT_FALSE(made.body["spec"].Has("bogus"));
  const Reply merged = Apply(std::string(kThings) + "/t",
                             "{apiVersion: example.com/v1, kind: Thing, metadata: {name: t}, spec: "
                             "{rules: [{name: b}]}}",
                             "fieldManager=other");
  EXPECT_EQ(merged.body["spec"]["rules"].size(), 2u);
  const Reply small = Apply(std::string(kThings) + "/u",
                            "{apiVersion: example.com/v1, kind: Thing, metadata: {name: u}, spec: "
                            "{size: 0, mode: odd}}");
  EXPECT_EQ(small.status, 422);
  EXPECT_EQ(small.body.At({"details", "causes"}).size(), 2u);
  EXPECT_EQ(Strategic(std::string(kThings) + "/t", "{}").status, 415);

  Delete(definitions + "/things.example.com");
  Advance(500);
  EXPECT_EQ(Get(definitions + "/things.example.com").status, 404);
  EXPECT_EQ(Get(kThings).status, 404);
  ASSERT_EQ(Post(definitions, kDefinition).status, 201);
  EXPECT_EQ(Count(kThings), 0u);  // its objects went with it
}

TEST_F(LifecycleTest, StatusHasItsOwnDoor) {
  Post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", kDefinition);
  const std::string url = std::string(kThings) + "/t";
  Apply(url,
        "{apiVersion: example.com/v1, kind: Thing, metadata: {name: t}, spec: {size: 2}, "
        "status: {x: 1}}");
  EXPECT_FALSE(Get(url).body.Has("status"));
  Merge(url + "/status", R"({"spec":{"size":9},"status":{"phase":"Ready"}})");
  const Value now = Get(url).body;
  EXPECT_EQ(now["status"]["phase"].as_string(), "Ready");
  EXPECT_EQ(now["spec"]["size"].as_int(), 2);
  EXPECT_EQ(now["metadata"]["generation"].as_int(), 1);
}

}  // namespace
}  // namespace swell::sandbox
