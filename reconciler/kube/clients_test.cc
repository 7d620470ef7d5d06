#include "reconciler/kube/clients.h"

#include "base/net/test_proxy.h"
#include "reconciler/kube/test_util.h"

namespace swell::kube {
namespace {

using std::chrono::milliseconds;

class ClientsTest : public testing::KubeTest {};

Cluster InlineCluster(const std::string& name, const std::string& server) {
  Cluster cluster;
  cluster.name = name;
  cluster.kubeconfig_inline = Secret(
      "kind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: k}}]\n"
      "clusters: [{name: k, cluster: {server: '" +
      server + "'}}]\n");
  return cluster;
}

TEST_F(ClientsTest, RegistersReplacesAndRemoves) {
  ServeAnswers({{.body = R"({"n":1})"}});
  Clients clients({.loops = 2, .executor = &executor_});
  for (const char* name : {"b", "a", "c"}) {
    const Status set = clients.Set(InlineCluster(name, server_->url()));
    ASSERT_TRUE(set) << set.error().ToString();
  }
  EXPECT_EQ(clients.names(), (std::vector<std::string>{"a", "b", "c"}));
  auto a = clients.Find("a");
  ASSERT_TRUE(a);
  EXPECT_TRUE(Wait<Response>([&](auto done) { (*a)->client->Get(kPod, std::move(done)); }));
  // A bad registration leaves what was there.
  EXPECT_FALSE(clients.Set(InlineCluster("a", "nonsense")));
  EXPECT_EQ(*clients.Find("a"), *a);
  ASSERT_TRUE(clients.Set(InlineCluster("a", server_->url())));
  EXPECT_NE(*clients.Find("a"), *a);
  // The old connection still works for whoever holds it.
  EXPECT_TRUE(Wait<Response>([&](auto done) { (*a)->client->Get(kPod, std::move(done)); }));
  clients.Remove("a");
  const auto gone = clients.Find("a");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code(), ErrorCode::kNotFound);
  a->reset();
}

TEST_F(ClientsTest, AccessOfSaysWhichClusterAndRefusesServerFiles) {
  const Clients clients({.executor = &executor_});
  Cluster cluster = InlineCluster("prod", "https://h");
  EXPECT_TRUE(clients.AccessOf(cluster));
  cluster.kubeconfig_inline = Secret(
      "kind: Config\ncurrent-context: c\n"
      "contexts: [{name: c, context: {cluster: k, user: u}}]\n"
      "clusters: [{name: k, cluster: {server: 'https://h'}}]\n"
      "users: [{name: u, user: {tokenFile: /etc/shadow}}]\n");
  const auto access = clients.AccessOf(cluster);
  ASSERT_FALSE(access);
  EXPECT_TRUE(access.error().ToString().starts_with("cluster prod: kubeconfig (inline): "))
      << access.error().ToString();
  EXPECT_TRUE(access.error().ToString().contains("files of the server"))
      << access.error().ToString();
  cluster.kubeconfig_inline = Secret();
  EXPECT_TRUE(clients.AccessOf(cluster).error().ToString().contains("no kubeconfig"));
  cluster.kubeconfig_path = "/no/such/file";
  EXPECT_TRUE(clients.AccessOf(cluster).error().ToString().contains("/no/such/file"));
}

TEST_F(ClientsTest, TheEnvironmentsProxyLeadsToClustersThatNameNone) {
  ServeAnswers({{}});
  net::Loop proxy_loop("proxy");
  net::testing::TestProxy proxy(proxy_loop, {});
  Clients clients({.executor = &executor_,
                   .proxies = {.http_proxy = proxy.address(), .no_proxy = "direct.test"}});
  const std::string port = std::to_string(server_->port());
  ASSERT_TRUE(clients.Set(InlineCluster("a", "http://server.test:" + port)));
  ASSERT_TRUE(clients.Set(InlineCluster("b", "http://direct.test:" + port)));
  ASSERT_TRUE(clients.Set(InlineCluster("c", "http://127.0.0.1:" + port)));
  const auto get = [&](const char* name) {
    return Wait<Response>([&](auto done) {
      (*clients.Find(name))->client->Get(kPod, std::move(done), {.timeout = milliseconds(2000)});
    });
  };
  EXPECT_TRUE(get("a"));
  ASSERT_EQ(proxy.asked().size(), 1u);
  EXPECT_TRUE(proxy.asked()[0].starts_with("CONNECT server.test:" + port));
  EXPECT_FALSE(get("b"));
  EXPECT_TRUE(get("c"));
  EXPECT_EQ(proxy.asked().size(), 1u);
  Clients bad({.executor = &executor_, .proxies = {.http_proxy = "ftp://me:hunter2@proxy"}});
  const Status set = bad.Set(InlineCluster("prod", "http://server.test"));
  ASSERT_FALSE(set);
  EXPECT_TRUE(set.error().ToString().starts_with(
      "cluster prod: environment variable HTTP_PROXY: proxy: scheme \"ftp\""))
      << set.error().ToString();
}

// Two hundred clusters on one loop: no thread a cluster.
TEST_F(ClientsTest, ManyClustersOnOneLoop) {
  std::vector<std::unique_ptr<net::HttpServer>> servers;
  Clients clients({.loops = 1, .executor = &executor_});
  for (int i = 0; i < 200; ++i) {
    const std::string body = "{\"cluster\":" + std::to_string(i) + "}";
    servers.push_back(*net::HttpServer::Start(
        server_loop_, {}, [body](net::HttpRequest, net::ResponseWriterPtr writer) {
          writer->Respond(200, testing::kJson, body);
        }));
    ASSERT_TRUE(clients.Set(InlineCluster("c" + std::to_string(i), servers.back()->url())));
  }
  std::atomic<int> good = 0, left = 200 * 5;
  std::promise<void> all;
  for (int n = 0; n < 5; ++n) {
    for (int i = 0; i < 200; ++i) {
      const auto connection = *clients.Find("c" + std::to_string(i));
      connection->client->Get(kPod, [&, i, connection](ApiResult<Response> r) {
        if (r && r->body["cluster"].as_int() == i) ++good;
        if (--left == 0) all.set_value();
      });
    }
  }
  all.get_future().wait();
  EXPECT_EQ(good, 1000);
  executor_.Drain();
}

}  // namespace
}  // namespace swell::kube
