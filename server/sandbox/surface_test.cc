// Discovery, tables, faults and counters.

#include "server/sandbox/cluster_test_util.h"

namespace swell::sandbox {
namespace {

class SurfaceTest : public ClusterTest {
 protected:
  Reply GetAs(const std::string& url, const std::string& accept, const std::string& tag = "") {
    Request request = Make("GET", url);
    request.headers.emplace_back("accept", accept);
    if (!tag.empty()) request.headers.emplace_back("if-none-match", tag);
    return Send(request);
  }
  static std::string HeaderOf(const Reply& reply, std::string_view name) {
    for (const auto& [key, value] : reply.raw.headers) {
      if (key == name) return value;
    }
    return "";
  }
};

TEST_F(SurfaceTest, VersionSaysThatItIsASimulation) {
  const Value version = Get("/version").body;
  EXPECT_EQ(version["gitVersion"].as_string(), "v1.36.0+swell-sandbox");
  EXPECT_EQ(version["minor"].as_string(), "36");
  EXPECT_EQ(Get("/readyz").raw.body, "ok");
}

TEST_F(SurfaceTest, PlainDiscovery) {
  EXPECT_EQ(Get("/api").body["versions"][0].as_string(), "v1");
  bool apps = false;
  const Value groups = Get("/apis").body["groups"];
  for (const Value& group : groups.items()) {
    apps = apps || group["name"].as_string() == "apps";
  }
  EXPECT_TRUE(apps);
  const Value list = Get("/apis/apps/v1").body;
  EXPECT_EQ(list["groupVersion"].as_string(), "apps/v1");
  bool scale = false;
  for (const Value& resource : list["resources"].items()) {
    scale = scale || resource["name"].as_string() == "deployments/scale";
  }
  EXPECT_TRUE(scale);
  EXPECT_EQ(Get("/apis/none/v1").status, 404);
  EXPECT_EQ(Get("/apis/apps").body["kind"].as_string(), "APIGroup");
}

TEST_F(SurfaceTest, AggregatedDiscoveryAndItsTag) {
  const std::string accept =
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";
  const Reply first = GetAs("/apis", accept);
  EXPECT_EQ(first.body["kind"].as_string(), "APIGroupDiscoveryList");
  EXPECT_NE(HeaderOf(first, "content-type").find("as=APIGroupDiscoveryList"), std::string::npos);
  const std::string tag = HeaderOf(first, "etag");
  EXPECT_EQ(GetAs("/apis", accept, tag).status, 304);
  const Reply core = GetAs("/api", accept);
  EXPECT_EQ(core.body["items"].size(), 1u);
  EXPECT_EQ(core.body["items"][0]["versions"][0]["version"].as_string(), "v1");
}

TEST_F(SurfaceTest, OpenApiSaysThatPatchesAreValidated) {
  const Value index = Get("/openapi/v3").body;
  EXPECT_TRUE(index["paths"].Has("apis/apps/v1"));
  const Value document = Get("/openapi/v3/apis/apps/v1").body;
  const Value& patch =
      document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"];
  EXPECT_EQ(patch["x-kubernetes-group-version-kind"]["kind"].as_string(), "Deployment");
  EXPECT_EQ(Get("/openapi/v3/apis/none/v1").status, 404);
  EXPECT_EQ(Get("/openapi/v2").body["swagger"].as_string(), "2.0");
}

TEST_F(SurfaceTest, Tables) {
  Apply(std::string(kDeployments) + "/web", DeploymentYaml("web", "app:v1"));
  Advance(190'000);
  const Value table =
      GetAs(kDeployments, "application/json;as=Table;v=v1;g=meta.k8s.io,application/json").body;
  EXPECT_EQ(table["kind"].as_string(), "Table");
  EXPECT_EQ(table["columnDefinitions"][1]["name"].as_string(), "Ready");
  EXPECT_EQ(json::Write(table["rows"][0]["cells"]), R"(["web","2/2",2,2,"3m10s"])");
  EXPECT_EQ(table["rows"][0]["object"]["kind"].as_string(), "PartialObjectMetadata");
  const Value partial =
      GetAs(kDeployments, "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io").body;
  EXPECT_EQ(partial["kind"].as_string(), "PartialObjectMetadataList");
  EXPECT_FALSE(partial["items"][0].Has("spec"));
  EXPECT_EQ(GetAs(kDeployments, "application/vnd.kubernetes.protobuf").status, 406);
}

TEST_F(SurfaceTest, FaultRulesCountDown) {
  EXPECT_EQ(Send(Make("POST", "/sandbox/faults",
                      R"({"rules":[{"match":{"method":"GET","path":"configmaps$"},"status":503,
                          "retryAfter":2,"times":2}]})"))
                .status,
            200);
  const Reply first = Get(kConfigMaps);
  EXPECT_EQ(first.status, 503);
  EXPECT_EQ(HeaderOf(first, "retry-after"), "2");
  EXPECT_EQ(Get(kDeployments).status, 200);
  EXPECT_EQ(Get(kConfigMaps).status, 503);
  EXPECT_EQ(Get(kConfigMaps).status, 200);
  EXPECT_EQ(Get("/sandbox/faults").body["rules"][0]["hits"].as_int(), 2);
}

TEST_F(SurfaceTest, FaultyBodies) {
  const auto fault = [&](const std::string& rule) {
    Delete("/sandbox/faults");
    EXPECT_EQ(Send(Make("POST", "/sandbox/faults", rule)).status, 200) << rule;
    return Get(kConfigMaps);
  };
  EXPECT_NE(fault(R"({"match":{},"body":"html","status":502})").raw.body.find("<html>"),
            std::string::npos);
  EXPECT_TRUE(fault(R"({"match":{},"body":"garbage"})").body.is_null());
  const Reply half = fault(R"({"match":{},"body":"half","delayMs":30})");
  EXPECT_EQ(half.raw.delivery, Delivery::kHalf);
  EXPECT_EQ(half.raw.delay, Duration(30));
  EXPECT_EQ(half.body["kind"].as_string(), "ConfigMapList");  // the transport cuts it
  EXPECT_EQ(fault(R"({"match":{},"status":429,"retryAfter":1})").raw.body,
            "Too many requests, please try again later.\n");
  EXPECT_EQ(fault(R"({"down":true})").raw.delivery, Delivery::kAbort);
  EXPECT_EQ(fault(R"({"hang":true})").raw.delivery, Delivery::kHang);
  Delete("/sandbox/faults");
  EXPECT_EQ(Get(kConfigMaps).status, 200);
}

TEST_F(SurfaceTest, BadFaultsAreRefused) {
  for (const char* body : {R"({"match":{"path":"("},"status":500})", R"({"match":{},"status":42})",
                           R"({"match":{},"body":"odd"})", R"({"match":{},"statu":500})", "[]"}) {
    EXPECT_EQ(Send(Make("POST", "/sandbox/faults", body)).status, 400) << body;
  }
}

TEST_F(SurfaceTest, DownCutsWatches) {
  const auto sink = Watch(std::string(kConfigMaps) + "?watch=1");
  Send(Make("POST", "/sandbox/faults", R"({"down":true})"));
  EXPECT_TRUE(sink->aborted);
}

TEST_F(SurfaceTest, HangMutesWatches) {
  const auto sink = Watch(std::string(kConfigMaps) + "?watch=1");
  const std::size_t count = sink->events.size();
  Send(Make("POST", "/sandbox/faults", R"({"hang":true})"));
  Advance(100);
  EXPECT_EQ(sink->events.size(), count);
  EXPECT_FALSE(sink->aborted);
  Delete("/sandbox/faults");
  EXPECT_TRUE(sink->aborted);
}

TEST_F(SurfaceTest, StatsTellWritesFromReads) {
  Send(Make("DELETE", "/sandbox/stats"));
  Get(kConfigMaps);
  const std::string yaml = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: v}}";
  Apply(std::string(kConfigMaps) + "/a", yaml, "fieldManager=swell&dryRun=All");
  Value stats = Get("/sandbox/stats").body;
  EXPECT_EQ(stats["writes"].as_int(), 0);
  EXPECT_EQ(stats["dryRuns"].as_int(), 1);
  Apply(std::string(kConfigMaps) + "/a", yaml);
  Apply(std::string(kConfigMaps) + "/a", yaml);
  stats = Get("/sandbox/stats").body;
  EXPECT_EQ(stats["writes"].as_int(), 2);
  EXPECT_EQ(stats["changes"].as_int(), 1);
  EXPECT_EQ(stats["requests"]["apply"].as_int(), 3);
  EXPECT_EQ(stats["requests"]["list"].as_int(), 1);
}

TEST_F(SurfaceTest, AccessReviewsAllow) {
  const Reply review = Post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                            "{apiVersion: authorization.k8s.io/v1, kind: SelfSubjectAccessReview}");
  EXPECT_EQ(review.status, 201);
  EXPECT_TRUE(review.body["status"]["allowed"].as_bool());
}

}  // namespace
}  // namespace swell::sandbox
