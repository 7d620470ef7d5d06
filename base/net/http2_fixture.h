#pragma once
// For the HTTP/2 client's tests: a server and a client of it, on two loops.

#include <gtest/gtest.h>

#include "base/net/test_util.h"

namespace swell::net::testing {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline ClientRequest Get(std::string target, Duration timeout = seconds(10)) {
  ClientRequest request;
  request.target = std::move(target);
  request.timeout = timeout;
  return request;
}

// A server and a client of it, on two loops.
class Http2ClientTest : public ::testing::Test {
 protected:
  void Serve(HttpServer::Handler handler, HttpServer::Options options = {}) {
    auto started = HttpServer::Start(server_loop_, std::move(options), std::move(handler));
    ASSERT_TRUE(started) << started.error().ToString();
    server_ = std::move(*started);
  }
  void Connect(Http2Client::Options options = {}) {
    if (options.origin.empty()) options.origin = server_->url();
    auto created = Http2Client::Create(client_loop_, std::move(options));
    ASSERT_TRUE(created) << created.error().ToString();
    client_ = std::move(*created);
  }
  Result<ClientResponse> Send(ClientRequest request) {
    return SendAndWait(*client_, std::move(request));
  }

  Loop server_loop_{"server"};
  Loop client_loop_{"client"};
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<Http2Client> client_;
};

inline void Echo(HttpRequest request, ResponseWriterPtr writer) {
  writer->Respond(200,
                  {{"X-Method", request.method}, {"x-version", std::to_string(request.version)}},
                  request.path + "|" + request.query + "|" + request.body + "|" +
                      std::string(request.headers.Get("X-Q")));
}

}  // namespace swell::net::testing
