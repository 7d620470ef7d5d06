// Create, read, update, patch, delete: what the real server answers.

#include "server/sandbox/cluster_test_util.h"

namespace swell::sandbox {
namespace {

class CrudTest : public ClusterTest {};

TEST_F(CrudTest, CreateStampsMetadata) {
  const Reply made = Post(kConfigMaps,
                          "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, "
                          "data: {k: v}}");
  ASSERT_EQ(made.status, 201) << made.raw.body;
  const Value& metadata = made.body["metadata"];
  EXPECT_EQ(metadata["namespace"].as_string(), "default");
  EXPECT_EQ(metadata["creationTimestamp"].as_string(), "2026-01-02T03:04:06Z");
  EXPECT_EQ(metadata["uid"].as_string().size(), 36u);
  EXPECT_FALSE(metadata["resourceVersion"].as_string().empty());
  EXPECT_EQ(metadata["managedFields"][0]["manager"].as_string(), "test");
  EXPECT_EQ(metadata["managedFields"][0]["operation"].as_string(), "Update");
  EXPECT_TRUE(metadata["managedFields"][0]["fieldsV1"]["f:data"].Has("f:k"));
  const Reply got = Get(std::string(kConfigMaps) + "/a");
  EXPECT_EQ(got.body, made.body);
}

TEST_F(CrudTest, GenerateNameGivesFreshNames) {
  const std::string yaml = "{apiVersion: v1, kind: ConfigMap, metadata: {generateName: run-}}";
  const std::string a = Post(kConfigMaps, yaml).body["metadata"]["name"].str();
  const std::string b = Post(kConfigMaps, yaml).body["metadata"]["name"].str();
  EXPECT_TRUE(a.starts_with("run-"));
  EXPECT_NE(a, b);
}

struct Refusal {
  const char* what;
  const char* url;
  const char* yaml;
  int status;
  const char* reason;
  const char* words;
};

class RefusalTest : public ClusterTest, public ::testing::WithParamInterface<Refusal> {};

TEST_P(RefusalTest, IsWordedAsTheRealServerDoes) {
  const Refusal& refusal = GetParam();
  const Reply reply = Post(refusal.url, refusal.yaml);
  EXPECT_EQ(reply.status, refusal.status) << reply.raw.body;
  EXPECT_EQ(reply.reason(), refusal.reason);
  EXPECT_NE(reply.message().find(refusal.words), std::string::npos) << reply.message();
  EXPECT_EQ(reply.body["kind"].as_string(), "Status");
  EXPECT_EQ(reply.body["code"].as_int(), refusal.status);
}

constexpr char kDefaultConfigMaps[] = "/api/v1/namespaces/default/configmaps";

INSTANTIATE_TEST_SUITE_P(
    All, RefusalTest,
    ::testing::Values(
        Refusal{"no name", kDefaultConfigMaps, "{apiVersion: v1, kind: ConfigMap}", 422, "Invalid",
                "name or generateName is required"},
        Refusal{"bad name", kDefaultConfigMaps,
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: A_b}}", 422, "Invalid",
                "a lowercase RFC 1123 subdomain"},
        Refusal{"other namespace", kDefaultConfigMaps,
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: b}}", 400,
                "BadRequest", "does not match the namespace sent on the request"},
        Refusal{"unknown namespace", "/api/v1/namespaces/none/configmaps",
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}", 404, "NotFound",
                "namespaces \"none\" not found"},
        Refusal{"wrong kind", kDefaultConfigMaps,
                "{apiVersion: v1, kind: Secret, metadata: {name: a}}", 400, "BadRequest",
                "cannot be handled as a ConfigMap"},
        Refusal{"wrong version", kDefaultConfigMaps,
                "{apiVersion: v2, kind: ConfigMap, metadata: {name: a}}", 400, "BadRequest",
                "no kind \"ConfigMap\" is registered for version \"v2\""},
        Refusal{"number as data", kDefaultConfigMaps,
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {n: 1}}", 400,
                "BadRequest", "json: cannot unmarshal number into Go struct field ConfigMap.data"},
        Refusal{"bad base64", "/api/v1/namespaces/default/secrets",
                "{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {n: '%%'}}", 400,
                "BadRequest", "illegal base64 data"},
        Refusal{"selector does not match", "/apis/apps/v1/namespaces/default/deployments",
                "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {selector: "
                "{matchLabels: {a: b}}, template: {metadata: {labels: {a: c}}, spec: {containers: "
                "[{name: a, image: b}]}}}}",
                422, "Invalid", "`selector` does not match template `labels`"},
        Refusal{"no containers", "/apis/apps/v1/namespaces/default/deployments",
                "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {selector: "
                "{matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}}}}",
                422, "Invalid", "spec.template.spec.containers: Required value"},
        Refusal{"replicas as text", "/apis/apps/v1/namespaces/default/deployments",
                "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {replicas: "
                "'3'}}",
                400, "BadRequest", "cannot unmarshal string into Go struct field"},
        Refusal{"service without ports", "/api/v1/namespaces/default/services",
                "{apiVersion: v1, kind: Service, metadata: {name: a}}", 422, "Invalid",
                "spec.ports: Required value"}),
    [](const auto& info) { return ReplaceAll(info.param.what, " ", "_"); });

TEST_F(CrudTest, SecondCreateConflicts) {
  const std::string yaml = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}";
  EXPECT_EQ(Post(kConfigMaps, yaml).status, 201);
  const Reply again = Post(kConfigMaps, yaml);
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.reason(), "AlreadyExists");
  EXPECT_EQ(again.message(), "configmaps \"a\" already exists");
}

TEST_F(CrudTest, UpdateChecksResourceVersionAndKeepsNoOps) {
  const std::string url = std::string(kConfigMaps) + "/a";
  const Value made =
      Post(kConfigMaps, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: v}}")
          .body;
  const Reply same = Put(url, made);
  EXPECT_EQ(same.status, 200);
  EXPECT_EQ(same.body["metadata"]["resourceVersion"], made["metadata"]["resourceVersion"]);
  const Reply changed = Put(url, made.WithAt({"data", "k"}, Value("w")));
  EXPECT_EQ(changed.status, 200);
  EXPECT_NE(changed.body["metadata"]["resourceVersion"], made["metadata"]["resourceVersion"]);
  const Reply stale = Put(url, made.WithAt({"data", "k"}, Value("x")));
  EXPECT_EQ(stale.status, 409);
  EXPECT_EQ(stale.reason(), "Conflict");
  EXPECT_NE(stale.message().find("the object has been modified"), std::string::npos);
}

TEST_F(CrudTest, SpecChangesRaiseTheGenerationAlone) {
  const std::string url = std::string(kDeployments) + "/web";
  EXPECT_EQ(
      Post(kDeployments, DeploymentYaml("web", "app:v1")).body["metadata"]["generation"].as_int(),
      1);
  EXPECT_EQ(
      Merge(url, R"({"metadata":{"labels":{"x":"y"}}})").body["metadata"]["generation"].as_int(),
      1);
  EXPECT_EQ(Merge(url, R"({"spec":{"replicas":3}})").body["metadata"]["generation"].as_int(), 2);
}

TEST_F(CrudTest, DefaultsAreFilledIn) {
  const Value made = Post(kDeployments, DeploymentYaml("web", "app:v1")).body;
  EXPECT_EQ(made.At({"spec", "strategy", "rollingUpdate", "maxSurge"}).as_string(), "25%");
  EXPECT_EQ(made.At({"spec", "progressDeadlineSeconds"}).as_int(), 600);
  const Value& pod = made.At({"spec", "template", "spec"});
  EXPECT_EQ(pod["restartPolicy"].as_string(), "Always");
  EXPECT_EQ(pod["containers"][0]["imagePullPolicy"].as_string(), "IfNotPresent");
  EXPECT_EQ(pod["containers"][0]["ports"][0]["protocol"].as_string(), "TCP");
  const Value service =
      Post("/api/v1/namespaces/default/services",
           "{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {ports: [{port: 80}]}}")
          .body;
  EXPECT_TRUE(service["spec"]["clusterIP"].as_string().starts_with("10.96."));
  EXPECT_EQ(service["spec"]["ports"][0]["targetPort"].as_int(), 80);
}

TEST_F(CrudTest, ImmutableFieldsAreRefused) {
  Post(kDeployments, DeploymentYaml("web", "app:v1"));
  const Reply selector = Merge(std::string(kDeployments) + "/web",
                               R"({"spec":{"selector":{"matchLabels":{"b":"c"}},
      "template":{"metadata":{"labels":{"b":"c"}}}}})");
  EXPECT_EQ(selector.status, 422);
  EXPECT_NE(selector.message().find("field is immutable"), std::string::npos);
  EXPECT_EQ(selector.body.At({"details", "causes"})[0]["field"].as_string(), "spec.selector");

  Post(kConfigMaps,
       "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, immutable: true, data: {k: v}}");
  const Reply fixed = Merge(std::string(kConfigMaps) + "/a", R"({"data":{"k":"w"}})");
  EXPECT_EQ(fixed.status, 422);
  EXPECT_EQ(fixed.body.At({"details", "causes"})[0]["reason"].as_string(), "FieldValueForbidden");
}

TEST_F(CrudTest, JsonPatchAndStrategicPatch) {
  Post(kDeployments, DeploymentYaml("web", "app:v1"));
  const std::string url = std::string(kDeployments) + "/web";
  const Reply json =
      Send(Make("PATCH", url, R"([{"op":"replace","path":"/spec/replicas","value":5}])",
                "application/json-patch+json"));
  EXPECT_EQ(json.body["spec"]["replicas"].as_int(), 5);
  const Reply strategic = Strategic(
      url, R"({"spec":{"template":{"spec":{"containers":[{"name":"side","image":"s:1"}]}}}})");
  ASSERT_EQ(strategic.status, 200) << strategic.raw.body;
  EXPECT_EQ(strategic.body.At({"spec", "template", "spec", "containers"}).size(), 2u);
  const Reply removed = Strategic(
      url, R"({"spec":{"template":{"spec":{"containers":[{"name":"side","$patch":"delete"}]}}}})");
  EXPECT_EQ(removed.body.At({"spec", "template", "spec", "containers"}).size(), 1u);
  EXPECT_EQ(Send(Make("PATCH", url, "{}", "text/csv")).status, 415);
}

TEST_F(CrudTest, DryRunStoresNothing) {
  const Reply made = Post(std::string(kConfigMaps) + "?dryRun=All",
                          "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}");
  EXPECT_EQ(made.status, 201);
  EXPECT_FALSE(made.body["metadata"].Has("resourceVersion"));
  EXPECT_EQ(Get(std::string(kConfigMaps) + "/a").status, 404);
}

TEST_F(CrudTest, SecretsFoldStringData) {
  const Value made = Post("/api/v1/namespaces/default/secrets",
                          "{apiVersion: v1, kind: Secret, metadata: {name: a}, stringData: {k: v}}")
                         .body;
  EXPECT_EQ(made["data"]["k"].as_string(), "dg==");
  EXPECT_FALSE(made.Has("stringData"));
  EXPECT_EQ(made["type"].as_string(), "Opaque");
}

TEST_F(CrudTest, ListsPageAndSelect) {
  for (int i = 0; i < 5; ++i) {
    Post(kConfigMaps, "{apiVersion: v1, kind: ConfigMap, metadata: {name: m" + std::to_string(i) +
                          ", labels: {odd: '" + std::to_string(i % 2) + "'}}}");
  }
  const auto names = [](const Value& list) {
    std::string text;
    for (const Value& item : list["items"].items()) text += item["metadata"]["name"].str() + " ";
    return text;
  };
  const Reply first = Get(std::string(kConfigMaps) + "?limit=2");
  EXPECT_EQ(names(first.body), "kube-root-ca.crt m0 ");
  EXPECT_EQ(first.body["metadata"]["remainingItemCount"].as_int(), 4);
  EXPECT_FALSE(first.body["items"][0].Has("kind"));
  const std::string token = first.body["metadata"]["continue"].str();
  EXPECT_EQ(names(Get(std::string(kConfigMaps) + "?limit=2&continue=" + token).body), "m1 m2 ");
  EXPECT_EQ(Get(std::string(kConfigMaps) + "?continue=rubbish").status, 400);
  EXPECT_EQ(names(Get(std::string(kConfigMaps) + "?labelSelector=odd=1").body), "m1 m3 ");
  EXPECT_EQ(names(Get(std::string(kConfigMaps) + "?labelSelector=odd in (0,2)").body), "m0 m2 m4 ");
  EXPECT_EQ(names(Get(std::string(kConfigMaps) + "?fieldSelector=metadata.name=m3").body), "m3 ");
  EXPECT_EQ(Get(std::string(kConfigMaps) + "?labelSelector=@@").status, 400);
}

TEST_F(CrudTest, UnknownKindIsPlainNotFound) {
  const Reply reply = Get("/apis/example.com/v1/namespaces/default/things");
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.raw.body, "404 page not found\n");
}

TEST_F(CrudTest, BrokenBodiesAreRefused) {
  EXPECT_EQ(Send(Make("POST", kConfigMaps, "{\"apiVersion\":")).status, 400);
  EXPECT_EQ(Send(Make("POST", kConfigMaps, "[]")).status, 400);
  EXPECT_EQ(Send(Make("POST", kConfigMaps, "{}", "application/vnd.kubernetes.protobuf")).status,
            415);
  EXPECT_EQ(Send(Make("POST", kConfigMaps, std::string(4 << 20, ' '))).status, 413);
}

TEST_F(CrudTest, ScaleSubresource) {
  Post(kDeployments, DeploymentYaml("web", "app:v1"));
  const std::string url = std::string(kDeployments) + "/web/scale";
  EXPECT_EQ(Get(url).body["spec"]["replicas"].as_int(), 2);
  EXPECT_EQ(Merge(url, R"({"spec":{"replicas":4}})").body["spec"]["replicas"].as_int(), 4);
  EXPECT_EQ(Get(std::string(kDeployments) + "/web").body["spec"]["replicas"].as_int(), 4);
}

}  // namespace
}  // namespace swell::sandbox
