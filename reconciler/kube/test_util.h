#pragma once
// For tests: an API server that does what the test says, and a client of it.

#include <gtest/gtest.h>

#include <deque>
#include <mutex>
#include <thread>

#include "base/net/http_server.h"
#include "base/value/json.h"
#include "reconciler/kube/client.h"

namespace swell::kube::testing {

inline Value Json(std::string_view text) {
  auto value = json::Parse(text);
  EXPECT_TRUE(value) << text << ": " << value.error().ToString();
  return value ? *value : Value();
}

inline const net::Headers kJson = {{"content-type", "application/json"}};

// A Status as API servers send it.
inline std::string StatusBody(int code, const std::string& reason, const std::string& message,
                              const std::string& details = "{}") {
  return R"({"kind":"Status","apiVersion":"v1","status":"Failure","message":")" + message +
         R"(","reason":")" + reason + R"(","details":)" + details + R"(,"code":)" +
         std::to_string(code) + "}";
}

class KubeTest : public ::testing::Test {
 protected:
  struct Answer {
    int status = 200;
    net::Headers headers = kJson;
    std::string body = "{}";
  };
  using Handler = std::function<void(const net::HttpRequest&, net::ResponseWriterPtr)>;

  // Every request is remembered, then handled.
  void Serve(Handler handler, net::HttpServer::Options options = {}) {
    auto started = net::HttpServer::Start(
        server_loop_, std::move(options),
        [this, handler](net::HttpRequest request, net::ResponseWriterPtr writer) {
          {
            std::lock_guard lock(mutex_);
            seen_.push_back(request);
          }
          handler(request, std::move(writer));
        });
    ASSERT_TRUE(started) << started.error().ToString();
    server_ = std::move(*started);
  }
  // One answer after the other; the last one stays.
  void ServeAnswers(std::deque<Answer> answers) {
    auto left = std::make_shared<std::deque<Answer>>(std::move(answers));
    Serve([left](const net::HttpRequest&, net::ResponseWriterPtr writer) {
      const Answer answer = left->front();
      if (left->size() > 1) left->pop_front();
      writer->Respond(answer.status, answer.headers, answer.body);
    });
  }
  ClientOptions Options() {
    ClientOptions options;
    options.cluster = "c1";
    options.default_timeout = std::chrono::seconds(10);
    options.backoff = {.initial = std::chrono::milliseconds(5),
                       .max = std::chrono::milliseconds(20)};
    options.executor = &executor_;
    return options;
  }
  void Connect() { Connect(Options()); }
  void Connect(ClientOptions options, ClusterAccess access = {}) {
    if (access.server.empty()) access.server = server_->url();
    auto created = Client::Create(client_loop_, std::move(access), std::move(options));
    ASSERT_TRUE(created) << created.error().ToString();
    client_ = std::move(*created);
  }
  ApiResult<Response> Get(const ResourceRef& ref, Duration timeout = {}) {
    return Wait<Response>(
        [&](auto done) { client_->Get(ref, std::move(done), {.timeout = timeout}); });
  }
  std::vector<net::HttpRequest> Seen() {
    std::lock_guard lock(mutex_);
    return seen_;
  }

  static inline const ResourceRef kPod{
      .version = "v1", .resource = "pods", .ns = "web", .name = "a"};
  static inline const ResourceRef kSecret{
      .version = "v1", .resource = "secrets", .ns = "web", .name = "s"};
  static inline const ResourceRef kDeployments{
      .group = "apps", .version = "v1", .resource = "deployments", .ns = "web"};

  net::Loop server_loop_{"server"};
  net::Loop client_loop_{"client"};
  Executor executor_{{.threads = 2}};
  std::mutex mutex_;
  std::vector<net::HttpRequest> seen_;  // guarded by mutex_
  std::unique_ptr<net::HttpServer> server_;
  std::unique_ptr<Client> client_;
};

}  // namespace swell::kube::testing
