// The requests that Client sends, against a server that answers well.

#include "reconciler/kube/client.h"

#include "reconciler/kube/test_util.h"

namespace swell::kube {
namespace {

class ClientTest : public testing::KubeTest {};
using testing::Json;
using testing::kJson;
using testing::StatusBody;

TEST(ResourceRefTest, Paths) {
  struct Case {
    ResourceRef ref;
    const char* path;
  };
  const Case cases[] = {
      {{.version = "v1", .resource = "pods", .ns = "web", .name = "a"},
       "/api/v1/namespaces/web/pods/a"},
      {{.version = "v1", .resource = "namespaces", .name = "web"}, "/api/v1/namespaces/web"},
      {{.group = "apps", .version = "v1", .resource = "deployments"}, "/apis/apps/v1/deployments"},
      {{.group = "apps", .version = "v1", .resource = "deployments/scale", .ns = "w", .name = "a"},
       "/apis/apps/v1/namespaces/w/deployments/a/scale"},
      {{.version = "v1", .resource = "pods", .ns = "../x", .name = "a/b?c"},
       "/api/v1/namespaces/..%2Fx/pods/a%2Fb%3Fc"},
  };
  for (const Case& c : cases) EXPECT_EQ(c.ref.Path(), c.path);
}

TEST_F(ClientTest, GetUnderABasePathWithAToken) {
  ServeAnswers({{.body = R"({"kind":"Pod","metadata":{"name":"a"}})"}});
  ClusterAccess access;
  access.server = server_->url() + "/k8s/clusters/c-1/";
  access.token = Secret("t0ken");
  Connect(Options(), access);
  const auto pod = Get(kPod);
  ASSERT_TRUE(pod) << pod.error().ToString();
  EXPECT_EQ(pod->body["metadata"]["name"].as_string(), "a");
  const auto seen = Seen().at(0);
  EXPECT_EQ(seen.path, "/k8s/clusters/c-1/api/v1/namespaces/web/pods/a");
  EXPECT_EQ(seen.headers.Get("authorization"), "Bearer t0ken");
  EXPECT_EQ(seen.headers.Get("accept"), "application/json");
}

TEST_F(ClientTest, Apply) {
  ServeAnswers({{.status = 201,
                 .headers = {{"warning", R"(299 - "unknown field \"spec.bogus\"")"}},
                 .body = R"({"metadata":{"uid":"u"}})"}});
  Connect();
  const Value object = Json(R"({"apiVersion":"v1","kind":"Pod"})");
  const auto applied = Wait<Response>([&](auto done) {
    client_->Apply(kPod, object, std::move(done),
                   {.field_manager = "swell", .force = true, .dry_run = DryRun::kAll});
  });
  ASSERT_TRUE(applied) << applied.error().ToString();
  EXPECT_TRUE(applied->created());
  EXPECT_EQ(applied->warnings, std::vector<std::string>{"unknown field \"spec.bogus\""});
  const auto seen = Seen().at(0);
  EXPECT_EQ(seen.method, "PATCH");
  EXPECT_EQ(seen.headers.Get("content-type"), "application/apply-patch+yaml");
  EXPECT_EQ(seen.query, "fieldManager=swell&fieldValidation=Strict&dryRun=All&force=true");
  EXPECT_EQ(Json(seen.body), object);
}

TEST_F(ClientTest, CreateReplacePatchDelete) {
  ServeAnswers({{.body = "{}"}});
  Connect();
  const Value object = Json(R"({"kind":"Pod"})");
  ASSERT_TRUE(Wait<Response>([&](auto d) { client_->Create(kPod, object, std::move(d)); }));
  ASSERT_TRUE(Wait<Response>([&](auto d) { client_->Replace(kPod, object, std::move(d)); }));
  ASSERT_TRUE(Wait<Response>([&](auto d) {
    client_->Patch(kPod, PatchType::kJson, Json(R"([{"op":"remove","path":"/a"}])"), std::move(d));
  }));
  ASSERT_TRUE(Wait<Response>([&](auto d) {
    client_->Delete(kPod, std::move(d), {.propagation = Propagation::kForeground, .uid = "u1"});
  }));
  const auto seen = Seen();
  ASSERT_EQ(seen.size(), 4u);
  EXPECT_EQ(seen[0].method + " " + seen[0].path, "POST /api/v1/namespaces/web/pods");
  EXPECT_EQ(seen[1].method + " " + seen[1].path, "PUT /api/v1/namespaces/web/pods/a");
  EXPECT_EQ(seen[2].headers.Get("content-type"), "application/json-patch+json");
  EXPECT_EQ(seen[3].method, "DELETE");
  EXPECT_EQ(Json(seen[3].body), Json(R"({"apiVersion":"v1","kind":"DeleteOptions",
      "propagationPolicy":"Foreground","preconditions":{"uid":"u1"}})"));
}

TEST_F(ClientTest, ListFollowsPagesAndFillsInKinds) {
  Serve([](const net::HttpRequest& request, net::ResponseWriterPtr writer) {
    const auto query = *net::ParseQuery(request.query);
    const bool second = net::QueryValue(query, "continue") == "t/2";
    writer->Respond(200, kJson,
                    second ? R"({"kind":"DeploymentList","apiVersion":"apps/v1",
                "metadata":{"resourceVersion":"70"},"items":[{"metadata":{"name":"c"}}]})"
                           : R"({"kind":"DeploymentList","apiVersion":"apps/v1",
                "metadata":{"resourceVersion":"70","continue":"t/2"},
                "items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]})");
  });
  Connect();
  const auto list = Wait<ListResult>([&](auto done) {
    client_->List(kDeployments, std::move(done), {.label_selector = "a=b", .page_size = 2});
  });
  ASSERT_TRUE(list) << list.error().ToString();
  ASSERT_EQ(list->items.size(), 3u);
  EXPECT_EQ(list->items[2], Json(R"({"apiVersion":"apps/v1","kind":"Deployment",
                                     "metadata":{"name":"c"}})"));
  EXPECT_EQ(list->resource_version, "70");
  EXPECT_EQ(Seen().at(0).query, "limit=2&labelSelector=a%3Db");
  EXPECT_EQ(Seen().at(1).query, "limit=2&continue=t%2F2&labelSelector=a%3Db");
}

TEST_F(ClientTest, AnExpiredPageStartsTheListOver) {
  const std::string first = R"({"kind":"PodList","apiVersion":"v1",
      "metadata":{"continue":"t"},"items":[{"metadata":{"name":"old"}}]})";
  ServeAnswers({{.body = first},
                {.status = 410, .body = StatusBody(410, "Expired", "too old")},
                {.body = R"({"kind":"PodList","apiVersion":"v1","metadata":
                          {"resourceVersion":"9"},"items":[{"metadata":{"name":"new"}}]})"}});
  Connect();
  const auto list =
      Wait<ListResult>([&](auto done) { client_->List(kDeployments, std::move(done)); });
  ASSERT_TRUE(list) << list.error().ToString();
  ASSERT_EQ(list->items.size(), 1u);
  EXPECT_EQ(list->items[0]["metadata"]["name"].as_string(), "new");
}

TEST_F(ClientTest, ListsAreBounded) {
  ServeAnswers({{.body = R"({"kind":"PodList","metadata":{},"items":[{},{},{}]})"},
                {.body = R"({"kind":"PodList","metadata":{"continue":"t"},"items":[]})"}});
  Connect();
  auto list = Wait<ListResult>(
      [&](auto done) { client_->List(kDeployments, std::move(done), {.max_items = 2}); });
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_TRUE(list.error().ToString().contains("max_items"));
  // A server that never stops giving the same token.
  list = Wait<ListResult>([&](auto done) { client_->List(kDeployments, std::move(done)); });
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().code(), ErrorCode::kDataLoss);
}

TEST_F(ClientTest, KeepsToItsLimitAndDoesAll) {
  std::atomic<int> now = 0, most = 0;
  Serve([&](const net::HttpRequest&, net::ResponseWriterPtr writer) {
    most = std::max(most.load(), ++now);
    server_loop_.PostAfter(std::chrono::milliseconds(2), [&now, writer] {
      --now;
      writer->Respond(200, kJson, "{}");
    });
  });
  ClientOptions options = Options();
  options.max_in_flight = 8;
  options.default_timeout = std::chrono::minutes(2);  // also on a slow machine
  Connect(options);
  std::atomic<int> good = 0, left = 300;
  std::promise<void> all;
  for (int i = 0; i < 300; ++i) {
    client_->Get(kPod, [&](ApiResult<Response> r) {
      if (r) ++good;
      if (--left == 0) all.set_value();
    });
  }
  all.get_future().wait();
  EXPECT_EQ(good, 300);
  EXPECT_LE(most, 8);
  EXPECT_EQ(client_->stats().in_flight, 0u);
}

TEST_F(ClientTest, TheQueueIsBounded) {
  std::mutex kept_mutex;
  std::vector<net::ResponseWriterPtr> kept;
  Serve([&](const net::HttpRequest&, net::ResponseWriterPtr writer) {
    std::lock_guard lock(kept_mutex);
    kept.push_back(std::move(writer));
  });
  ClientOptions options = Options();
  options.max_in_flight = 1;
  options.max_queued = 2;
  Connect(options);
  std::atomic<int> refused = 0, cancelled = 0;
  for (int i = 0; i < 10; ++i) {
    client_->Get(kPod, [&](ApiResult<Response> r) {
      if (r.error().code() == ErrorCode::kResourceExhausted) ++refused;
      if (r.error().code() == ErrorCode::kCancelled) ++cancelled;
    });
  }
  client_loop_.Run([] {});
  client_.reset();
  executor_.Drain();
  EXPECT_EQ(refused, 7);
  EXPECT_EQ(cancelled, 3);
  server_->Stop();
}

TEST_F(ClientTest, CancelEndsACall) {
  net::ResponseWriterPtr kept;
  std::promise<void> arrived, gone;
  Serve([&](const net::HttpRequest&, net::ResponseWriterPtr writer) {
    kept = writer;
    writer->OnClose([&] { gone.set_value(); });
    arrived.set_value();
  });
  Connect();
  std::promise<ApiResult<Response>> promise;
  Call call = client_->Get(kPod, [&](ApiResult<Response> r) { promise.set_value(std::move(r)); });
  arrived.get_future().wait();
  call.Cancel();
  call.Cancel();
  const auto result = promise.get_future().get();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kCancelled);
  EXPECT_EQ(gone.get_future().wait_for(std::chrono::seconds(5)), std::future_status::ready);
  kept.reset();
}

TEST_F(ClientTest, WorksWithoutAnExecutor) {
  ServeAnswers({{.body = R"({"a":1})"}});
  ClientOptions options = Options();
  options.executor = nullptr;
  Connect(options);
  const auto result = Get(kPod);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->body["a"].as_int(), 1);
  ClusterAccess plugin;
  plugin.server = server_->url();
  plugin.exec.command = "/bin/true";
  EXPECT_EQ(Client::Create(client_loop_, plugin, options).error().code(),
            ErrorCode::kUnimplemented);
}

// All clusters share the loop: what may block or take long must not run there.
TEST_F(ClientTest, OnlyBriefCallbacksOfSmallAnswersRunOnTheLoop) {
  const std::string small = R"({"kind":"Pod"})";
  const std::string large = R"({"kind":"Pod","data":")" + std::string(40'000, 'x') + R"("})";
  struct Case {
    bool brief;
    const std::string& body;
    int status;
    bool on_loop;
  };
  const Case cases[] = {{true, small, 200, true},
                        {true, large, 200, false},
                        {true, small, 404, false},
                        {false, small, 200, false},
                        {false, large, 200, false}};
  std::deque<Answer> answers;
  for (const Case& c : cases) answers.push_back({.status = c.status, .body = c.body});
  ServeAnswers(answers);
  Connect();
  for (const Case& c : cases) {
    std::promise<bool> promise;
    const auto done = [&](const ApiResult<Response>&) {
      promise.set_value(client_loop_.InLoopThread());
    };
    client_->Get(kPod, c.brief ? Callback<Response>::Brief(done) : Callback<Response>(done));
    EXPECT_EQ(promise.get_future().get(), c.on_loop) << c.brief << " " << c.status;
  }
}

TEST_F(ClientTest, BadAccessIsNamed) {
  ClusterAccess access;
  for (const char* server : {"", "not a url", "ftp://h"}) {
    access.server = server;
    const auto created = Client::Create(client_loop_, access, Options());
    ASSERT_FALSE(created) << server;
    EXPECT_EQ(created.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_TRUE(created.error().ToString().starts_with("cluster c1: "));
  }
  access.server = "https://h";
  access.tls.ca_pem = "junk";
  EXPECT_TRUE(
      Client::Create(client_loop_, access, Options()).error().ToString().contains("ca_pem"));
}

}  // namespace
}  // namespace swell::kube
