#include "reconciler/kube/discovery.h"

#include <map>

#include "reconciler/kube/test_util.h"

namespace swell::kube {
namespace {

using testing::Json;
using testing::kJson;
using testing::StatusBody;

const char kVersion[] = R"({"major":"1","minor":"36","gitVersion":"v1.36.2"})";

const char kCoreList[] = R"({"kind":"APIResourceList","groupVersion":"v1","resources":[
  {"name":"pods","kind":"Pod","namespaced":true,"verbs":["list","get","patch"]},
  {"name":"pods/log","kind":"Pod","namespaced":true,"verbs":["get"]},
  {"name":"pods/status","kind":"Pod","namespaced":true,"verbs":["get","patch"]},
  {"name":"namespaces","kind":"Namespace","namespaced":false,"verbs":["get"]}]})";

const char kCoreAggregated[] = R"({"kind":"APIGroupDiscoveryList","items":[
  {"metadata":{},"versions":[{"version":"v1","freshness":"Current","resources":[
    {"resource":"pods","responseKind":{"kind":"Pod"},"scope":"Namespaced",
     "verbs":["list","get","patch"],
     "subresources":[{"subresource":"status"},{"subresource":"log"}]},
    {"resource":"namespaces","responseKind":{"kind":"Namespace"},"scope":"Cluster",
     "verbs":["get"]}]}]}]})";

std::string Deployments(const char* version, const char* verbs) {
  return R"({"version":")" + std::string(version) + R"(","freshness":"Current","resources":[
    {"resource":"deployments","responseKind":{"kind":"Deployment"},"scope":"Namespaced",
     "verbs":[)" +
         verbs + "]}]}";
}

class DiscoveryTest : public testing::KubeTest {
 protected:
  // Serves what is in pages_; a body that begins with a digit is a status code.
  void Start() {
    Serve([this](const net::HttpRequest& request, net::ResponseWriterPtr writer) {
      std::lock_guard lock(pages_mutex_);
      const auto page = pages_.find(request.path);
      if (page == pages_.end()) {
        return writer->Respond(404, {{"content-type", "text/plain"}}, "404 page not found");
      }
      if (page->second[0] != '{') {
        const int status = std::stoi(page->second);
        return writer->Respond(status, kJson, StatusBody(status, "Broken", "broken API"));
      }
      writer->Respond(200, kJson, page->second);
    });
    ClientOptions options = Options();
    options.max_attempts = 1;
    Connect(options);
    discovery_ = std::make_unique<Discovery>(*client_);
  }
  void TearDown() override { discovery_.reset(); }
  void SetPage(const std::string& path, std::string body) {
    std::lock_guard lock(pages_mutex_);
    pages_[path] = std::move(body);
  }
  ApiResult<ApiResourcesPtr> Refresh() {
    return Wait<ApiResourcesPtr>([&](auto done) { discovery_->Refresh(std::move(done)); });
  }
  ApiResult<ApiResource> Resolve(const GroupKind& kind, const std::string& version = "") {
    return Wait<ApiResource>(
        [&](auto done) { discovery_->Resolve(kind, version, std::move(done)); });
  }

  std::mutex pages_mutex_;
  std::map<std::string, std::string> pages_ = {{"/version", kVersion}};
  std::unique_ptr<Discovery> discovery_;
};

class BothWaysTest : public DiscoveryTest, public ::testing::WithParamInterface<bool> {
 protected:
  void SetUp() override {
    if (GetParam()) {
      pages_["/api"] = kCoreAggregated;
      pages_["/apis"] = R"({"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"apps"},
          "versions":[)" +
                        Deployments("v1", R"("get","patch")") + "," +
                        Deployments("v1beta2", R"("get")") + "]}]}";
    } else {
      pages_["/api"] = R"({"kind":"APIVersions","versions":["v1"]})";
      pages_["/api/v1"] = kCoreList;
      pages_["/apis"] = R"({"kind":"APIGroupList","groups":[{"name":"apps",
          "versions":[{"version":"v1beta2"},{"version":"v1"}],
          "preferredVersion":{"version":"v1"}}]})";
      const std::string list = R"({"kind":"APIResourceList","resources":[{"name":"deployments",
          "kind":"Deployment","namespaced":true,"verbs":)";
      pages_["/apis/apps/v1"] = list + R"(["get","patch"]}]})";
      pages_["/apis/apps/v1beta2"] = list + R"(["get"]}]})";
    }
    Start();
  }
};

TEST_P(BothWaysTest, FindsKindsVersionsAndScopes) {
  const auto result = Refresh();
  ASSERT_TRUE(result) << result.error().ToString();
  const ApiResources& all = **result;
  EXPECT_EQ(all.version().Normalized(), "v1.36.2");
  EXPECT_TRUE(all.failures().empty());
  const ApiResource* pod = all.Find(GroupKind{"", "Pod"});
  ASSERT_NE(pod, nullptr);
  EXPECT_EQ(*pod, (ApiResource{.group = "",
                               .version = "v1",
                               .kind = "Pod",
                               .resource = "pods",
                               .namespaced = true,
                               .verbs = {"get", "list", "patch"},
                               .subresources = {"log", "status"}}));
  EXPECT_TRUE(pod->Can("patch"));
  EXPECT_FALSE(pod->Can("delete"));
  EXPECT_EQ(pod->Ref("web", "a").Path(), "/api/v1/namespaces/web/pods/a");
  const ApiResource* ns = all.Find(GroupKind{"", "Namespace"});
  ASSERT_NE(ns, nullptr);
  EXPECT_EQ(ns->Ref("ignored", "web").Path(), "/api/v1/namespaces/web");
  const GroupKind deployment{"apps", "Deployment"};
  ASSERT_NE(all.Find(deployment), nullptr);
  EXPECT_EQ(all.Find(deployment)->version, "v1") << "the preferred one";
  EXPECT_EQ(all.Versions(deployment).size(), 2u);
  ASSERT_NE(all.Find(GroupVersionKind{"apps", "v1beta2", "Deployment"}), nullptr);
  EXPECT_EQ(all.Find(GroupVersionKind{"apps", "v9", "Deployment"}), nullptr);
  EXPECT_EQ(all.api_versions(),
            (std::vector<std::string>{"apps/v1", "apps/v1/Deployment", "apps/v1beta2",
                                      "apps/v1beta2/Deployment", "v1", "v1/Namespace", "v1/Pod"}));
  EXPECT_EQ(discovery_->Current(), *result);
}

TEST_P(BothWaysTest, TheDigestDependsOnWhatIsServedAlone) {
  const auto first = Refresh(), second = Refresh();
  EXPECT_NE(*first, *second);
  EXPECT_EQ((*first)->digest(), (*second)->digest());
  SetPage("/version", R"({"major":"1","minor":"37","gitVersion":"v1.37.0"})");
  EXPECT_NE((*Refresh())->digest(), (*first)->digest());
}

INSTANTIATE_TEST_SUITE_P(Aggregated, BothWaysTest, ::testing::Values(true));
INSTANTIATE_TEST_SUITE_P(Legacy, BothWaysTest, ::testing::Values(false));

TEST_F(DiscoveryTest, BothWaysGiveTheSameDigest) {
  pages_["/api"] = kCoreAggregated;
  pages_["/apis"] = R"({"kind":"APIGroupDiscoveryList","items":[]})";
  Start();
  const auto aggregated = Refresh();
  ASSERT_TRUE(aggregated);
  SetPage("/api", R"({"kind":"APIVersions","versions":["v1"]})");
  SetPage("/api/v1", kCoreList);
  SetPage("/apis", R"({"kind":"APIGroupList","groups":[]})");
  const auto walked = Refresh();
  ASSERT_TRUE(walked);
  EXPECT_EQ((*aggregated)->digest(), (*walked)->digest());
}

TEST_F(DiscoveryTest, ABrokenGroupDoesNotHideTheOthers) {
  pages_["/api"] = R"({"kind":"APIVersions","versions":["v1"]})";
  pages_["/api/v1"] = kCoreList;
  pages_["/apis"] = R"({"kind":"APIGroupList","groups":[
      {"name":"metrics.k8s.io","versions":[{"version":"v1beta1"}]},
      {"name":"odd.io","versions":[{"version":"v1"}]}]})";
  pages_["/apis/metrics.k8s.io/v1beta1"] = "503";
  pages_["/apis/odd.io/v1"] = R"({"kind":"Surprise"})";
  Start();
  const auto result = Refresh();
  ASSERT_TRUE(result) << result.error().ToString();
  EXPECT_NE((*result)->Find(GroupKind{"", "Pod"}), nullptr);
  ASSERT_EQ((*result)->failures().size(), 2u);
  EXPECT_EQ((*result)->failures()[0].group_version, "metrics.k8s.io/v1beta1");
  EXPECT_TRUE((*result)->failures()[0].message.contains("broken API"));
  EXPECT_TRUE((*result)->Failed("metrics.k8s.io"));
  EXPECT_FALSE((*result)->Failed("apps"));
  EXPECT_FALSE((*result)->Failed(""));
  // Nobody knows whether the kind exists; of a whole group one does.
  EXPECT_EQ(Resolve({"metrics.k8s.io", "PodMetrics"}).error().code(), ErrorCode::kUnavailable);
  const auto missing = Resolve({"none.io", "None"});
  EXPECT_EQ(missing.error().code(), ErrorCode::kNotFound);
  EXPECT_TRUE(missing.error().ToString().contains("none.io/None is not served"))
      << missing.error().ToString();
}

TEST_F(DiscoveryTest, AStaleAggregatedGroupIsAFailure) {
  pages_["/api"] = kCoreAggregated;
  pages_["/apis"] = R"({"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"m.io"},
      "versions":[{"version":"v1","freshness":"Stale"}]}]})";
  Start();
  const auto result = Refresh();
  ASSERT_TRUE(result);
  EXPECT_TRUE((*result)->Failed("m.io"));
}

TEST_F(DiscoveryTest, UnreadableRootsAreFailuresAndKeepTheLastSnapshot) {
  pages_["/api"] = kCoreAggregated;
  pages_["/apis"] = R"({"kind":"APIGroupDiscoveryList","items":[]})";
  Start();
  const auto first = Refresh();
  ASSERT_TRUE(first);
  for (const char* path : {"/api", "/apis", "/version"}) {
    const std::string before = pages_[path];
    SetPage(path, "500");
    EXPECT_FALSE(Refresh()) << path;
    EXPECT_EQ(discovery_->Current(), *first) << path;
    SetPage(path, before);
  }
  // Nothing at all is no answer either.
  SetPage("/api", R"({"kind":"APIGroupDiscoveryList","items":[]})");
  EXPECT_EQ(Refresh().error().code(), ErrorCode::kDataLoss);
  SetPage("/api", kCoreAggregated);
  SetPage("/version", "403");
  const auto hidden = Refresh();
  ASSERT_TRUE(hidden) << hidden.error().ToString();
  EXPECT_EQ((*hidden)->version().Normalized(), "");
}

TEST_F(DiscoveryTest, ResolveReadsAnewForAKindThatAppeared) {
  pages_["/api"] = kCoreAggregated;
  pages_["/apis"] = R"({"kind":"APIGroupDiscoveryList","items":[]})";
  Start();
  ASSERT_TRUE(Resolve({"", "Pod"}));
  const std::size_t requests = Seen().size();
  ASSERT_TRUE(Resolve({"", "Pod"}));
  EXPECT_EQ(Seen().size(), requests) << "known kinds need no request";
  EXPECT_FALSE(Resolve({"apps", "Deployment"}));
  SetPage("/apis", R"({"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"apps"},
      "versions":[)" + Deployments("v1", R"("get")") +
                       "]}]}");
  EXPECT_TRUE(Resolve({"apps", "Deployment"}));
  EXPECT_TRUE(Resolve({"apps", "Deployment"}, "v1"));
  EXPECT_EQ(Resolve({"apps", "Deployment"}, "v2").error().code(), ErrorCode::kNotFound);
}

TEST_F(DiscoveryTest, ManyCallersShareReadings) {
  pages_["/api"] = kCoreAggregated;
  pages_["/apis"] = R"({"kind":"APIGroupDiscoveryList","items":[]})";
  Start();
  std::atomic<int> good = 0, left = 50;
  std::promise<void> all;
  for (int i = 0; i < 50; ++i) {
    discovery_->Refresh([&](ApiResult<ApiResourcesPtr> r) {
      if (r) ++good;
      if (--left == 0) all.set_value();
    });
  }
  all.get_future().wait();
  EXPECT_EQ(good, 50);
  EXPECT_LT(Seen().size(), 50u);
}

TEST(ApiResourcesShelfTest, MakesEqualSnapshotsOne) {
  const ApiResource pods{.version = "v1", .kind = "Pod", .resource = "pods", .namespaced = true};
  const ApiResource nodes{.version = "v1", .kind = "Node", .resource = "nodes"};
  const auto make = [](std::vector<ApiResource> resources, const char* version,
                       std::vector<ApiResources::Failure> failures = {}) {
    return std::make_shared<const ApiResources>(std::move(resources), ServerVersion{version, 1, 36},
                                                std::move(failures));
  };
  ApiResourcesShelf shelf;
  const auto first = shelf.Share(make({pods, nodes}, "v1.36.0"));
  EXPECT_EQ(shelf.Share(make({pods, nodes}, "v1.36.0")), first);
  EXPECT_NE(shelf.Share(make({pods, nodes}, "v1.36.1")), first);
  EXPECT_NE(shelf.Share(make({pods}, "v1.36.0")), first);
  // The digest does not tell the server's order, nor what failed.
  EXPECT_NE(shelf.Share(make({nodes, pods}, "v1.36.0")), first);
  const auto failed = make({pods, nodes}, "v1.36.0", {{"metrics.k8s.io/v1beta1", "down"}});
  EXPECT_EQ(shelf.Share(failed), failed);
}

TEST(ServerVersionTest, IsReadTolerantly) {
  struct Case {
    const char* json;
    int major, minor;
    const char* normalized;
  };
  const Case cases[] = {
      {R"({"major":"1","minor":"36","gitVersion":"v1.36.2"})", 1, 36, "v1.36.2"},
      {R"({"major":"1","minor":"27+","gitVersion":"v1.27.3-gke.100"})", 1, 27, "v1.27.3-gke.100"},
      {R"({"major":"1","minor":"36","gitVersion":"v0.0.0-master+$Format:%H$"})", 1, 36, "v1.36.0"},
      {R"({"major":"","minor":"","gitVersion":"v1.20.5"})", 1, 20, "v1.20.5"},
      {R"({"major":"","minor":"","gitVersion":"v0.0.0-master+abc"})", 0, 0, ""},
      {R"({})", 0, 0, ""},
      {R"({"major":"x","minor":"99999999999999","gitVersion":"garbage"})", 0, 0, ""},
  };
  for (const Case& c : cases) {
    const ServerVersion version = ParseServerVersion(Json(c.json));
    EXPECT_EQ(version.major, c.major) << c.json;
    EXPECT_EQ(version.minor, c.minor) << c.json;
    EXPECT_EQ(version.Normalized(), c.normalized) << c.json;
  }
}

}  // namespace
}  // namespace swell::kube
