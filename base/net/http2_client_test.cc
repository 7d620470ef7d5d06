#include "base/net/http2_client.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

#include "base/net/gzip.h"
#include "base/net/http2_fixture.h"

namespace swell::net {
namespace {

using namespace testing;  // NOLINT: the fixture

TEST_F(Http2ClientTest, Exchanges) {
  Serve(Echo);
  Connect();
  ClientRequest request = Get("/a%20b?c=d");
  request.method = "POST";
  request.body = "body";
  request.headers.Add("X-Q", "q");
  const auto response = Send(request);
  ASSERT_TRUE(response) << response.error().ToString();
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->headers.Get("x-method"), "POST");
  EXPECT_EQ(response->headers.Get("x-version"), "2");
  EXPECT_EQ(response->body, "/a b|c=d|body|q");
}

TEST_F(Http2ClientTest, AThousandAtOnceOverOneConnectionKeepToTheServersLimit) {
  std::atomic<int> now = 0, most = 0;
  HttpServer::Options options;
  options.max_concurrent_streams = 50;
  Serve(
      [&](HttpRequest request, ResponseWriterPtr writer) {
        most = std::max(most.load(), ++now);
        server_loop_.PostAfter(milliseconds(5), [&, request, writer] {
          --now;
          writer->Respond(200, {}, request.path);
        });
      },
      options);
  Connect();
  std::atomic<int> good = 0;
  std::promise<void> done;
  std::atomic<int> left = 1000;
  for (int i = 0; i < 1000; ++i) {
    client_->Send(Get("/" + std::to_string(i)), [&, i](Result<ClientResponse> r) {
      if (r && r->body == "/" + std::to_string(i)) ++good;
      if (--left == 0) done.set_value();
    });
  }
  ASSERT_EQ(done.get_future().wait_for(seconds(30)), std::future_status::ready);
  EXPECT_EQ(good, 1000);
  EXPECT_LE(most, 50);
  EXPECT_GT(most, 20);
  EXPECT_EQ(client_->stats().connects, 1u);
  EXPECT_EQ(client_->stats().open, 0u);
}

TEST_F(Http2ClientTest, BigBodiesBothWays) {
  HttpServer::Options options;
  options.max_body_bytes = 10'000'000;
  Serve([](HttpRequest request,
           ResponseWriterPtr writer) { writer->Respond(200, {}, request.body + request.body); },
        options);
  Connect();
  ClientRequest request = Get("/");
  request.method = "PUT";
  for (int i = 0; i < 8'000'000; ++i) request.body += static_cast<char>(i * 7 + i / 251);
  const auto response = Send(request);
  ASSERT_TRUE(response) << response.error().ToString();
  EXPECT_TRUE(response->body == request.body + request.body);
  request.body += std::string(3'000'000, 'x');
  const auto refused = Send(request);
  ASSERT_TRUE(refused) << refused.error().ToString();
  EXPECT_EQ(refused->status, 413);
}

TEST_F(Http2ClientTest, TheResponseLimitNamesItself) {
  Serve([](HttpRequest, ResponseWriterPtr writer) {
    writer->Respond(200, {}, std::string(100'001, 'x'));
  });
  Connect();
  ClientRequest request = Get("/big");
  request.max_response_bytes = 100'000;
  const auto response = Send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_TRUE(response.error().ToString().contains("max_response_bytes"))
      << response.error().ToString();
  EXPECT_TRUE(response.error().ToString().contains("GET /big")) << response.error().ToString();
  request.max_response_bytes = 100'001;
  EXPECT_TRUE(Send(request));
}

TEST_F(Http2ClientTest, DecodesGzipWithinTheLimit) {
  const std::string text(3'000'000, 'y');
  Serve([&](HttpRequest request, ResponseWriterPtr writer) {
    EXPECT_EQ(request.headers.Get("accept-encoding"), "gzip");
    std::string body = GzipEncode(text);
    if (request.path == "/half") body.resize(body.size() / 2);
    if (request.path == "/junk") body = "junk";
    writer->Respond(200, {{"content-encoding", request.path == "/br" ? "br" : "gzip"}}, body);
  });
  Connect();
  const auto response = Send(Get("/"));
  ASSERT_TRUE(response) << response.error().ToString();
  EXPECT_TRUE(response->body == text);
  EXPECT_FALSE(response->headers.Has("content-encoding"));
  ClientRequest small = Get("/");
  small.max_response_bytes = 1'000'000;
  EXPECT_EQ(Send(small).error().code(), ErrorCode::kResourceExhausted);
  for (const char* path : {"/half", "/junk", "/br"}) {
    EXPECT_EQ(Send(Get(path)).error().code(), ErrorCode::kDataLoss) << path;
  }
}

TEST_F(Http2ClientTest, ADeadlineEndsAServerThatNeverAnswers) {
  std::vector<ResponseWriterPtr> kept;
  std::atomic<bool> closed = false;
  Serve([&](HttpRequest request, ResponseWriterPtr writer) {
    if (request.path == "/half") {
      writer->Begin(200, {});
      writer->Write("half");
    }
    writer->OnClose([&] { closed = true; });
    kept.push_back(std::move(writer));
  });
  Connect();
  const auto none = Send(Get("/none", milliseconds(100)));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), ErrorCode::kDeadlineExceeded);
  EXPECT_TRUE(none.error().ToString().contains("no response within 100ms"))
      << none.error().ToString();
  const auto half = Send(Get("/half", milliseconds(100)));
  ASSERT_FALSE(half);
  EXPECT_TRUE(half.error().ToString().contains("4 bytes so far")) << half.error().ToString();
  for (int i = 0; i < 100 && !closed; ++i) std::this_thread::sleep_for(milliseconds(10));
  EXPECT_TRUE(closed) << "the server was not told";
  server_->Stop();
}

TEST_F(Http2ClientTest, ACutStreamIsAborted) {
  Serve([](HttpRequest request, ResponseWriterPtr writer) {
    if (request.path == "/before") return writer->Abort();
    writer->Begin(200, {});
    writer->Write("some");
    writer->Abort();
  });
  Connect();
  for (const char* path : {"/before", "/middle"}) {
    const auto response = Send(Get(path));
    ASSERT_FALSE(response) << path;
    EXPECT_EQ(response.error().code(), ErrorCode::kAborted) << response.error().ToString();
  }
}

TEST_F(Http2ClientTest, LostConnectionsAreAbortedAndMadeAnew) {
  Serve([&](HttpRequest request, ResponseWriterPtr writer) {
    if (request.path == "/ok") return writer->Respond(200, {}, "ok");
    auto kept = std::make_shared<ResponseWriterPtr>(std::move(writer));
    server_loop_.Post([this, kept] { server_->CloseConnections(); });
  });
  Connect();
  const auto lost = Send(Get("/lost"));
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code(), ErrorCode::kAborted) << lost.error().ToString();
  EXPECT_TRUE(Send(Get("/ok")));
  EXPECT_EQ(client_->stats().connects, 2u);
}

TEST_F(Http2ClientTest, GoawayFinishesOldRequestsAndReconnects) {
  ResponseWriterPtr kept;
  std::promise<void> arrived;
  Serve([&](HttpRequest request, ResponseWriterPtr writer) {
    if (request.path == "/slow") {
      kept = std::move(writer);
      arrived.set_value();
    } else {
      writer->Respond(200, {}, "ok");
    }
  });
  Connect();
  std::promise<Result<ClientResponse>> slow;
  client_->Send(Get("/slow"), [&](Result<ClientResponse> r) { slow.set_value(std::move(r)); });
  arrived.get_future().wait();
  server_->Drain();
  EXPECT_TRUE(Send(Get("/next")));
  kept->Respond(200, {}, "done");
  const auto response = slow.get_future().get();
  ASSERT_TRUE(response) << response.error().ToString();
  EXPECT_EQ(response->body, "done");
  EXPECT_EQ(client_->stats().connects, 2u);
}

TEST_F(Http2ClientTest, UnreachableIsUnavailable) {
  Http2Client::Options options;
  {
    Serve(Echo);
    options.origin = server_->url();
    server_.reset();
  }
  Connect(options);
  const auto response = Send(Get("/"));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code(), ErrorCode::kUnavailable);
  EXPECT_TRUE(response.error().ToString().contains("refused")) << response.error().ToString();
  EXPECT_TRUE(response.error().ToString().contains(options.origin)) << response.error().ToString();
  options.origin = "http://no-such-host.invalid";
  Connect(options);
  EXPECT_EQ(Send(Get("/")).error().code(), ErrorCode::kUnavailable);
}

// Accepts and says `answer` to whatever comes, if anything.
class DumbServer {
 public:
  explicit DumbServer(std::string answer) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(fd_, reinterpret_cast<sockaddr*>(&at), sizeof at);
    listen(fd_, 10);
    socklen_t size = sizeof at;
    getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
    thread_ = std::thread([this, answer = std::move(answer)] {
      while (true) {
        const int peer = accept(fd_, nullptr, nullptr);
        if (peer < 0) return;
        peers_.push_back(peer);
        if (!answer.empty()) send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
      }
    });
  }
  ~DumbServer() {
    shutdown(fd_, SHUT_RDWR);
    thread_.join();
    close(fd_);
    for (const int peer : peers_) close(peer);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  int fd_;
  std::uint16_t port_ = 0;
  std::vector<int> peers_;
  std::thread thread_;
};

TEST_F(Http2ClientTest, AnOriginWithoutHttp2IsRefusedByName) {
  DumbServer server("HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<html>no</html>");
  Http2Client::Options options;
  options.origin = server.url();
  Connect(options);
  const auto response = Send(Get("/"));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code(), ErrorCode::kUnimplemented);
  EXPECT_TRUE(response.error().ToString().contains("does not speak HTTP/2"));
  EXPECT_TRUE(response.error().ToString().contains(server.url()));
}

TEST_F(Http2ClientTest, AServerThatSaysNothingRunsIntoTheConnectTimeout) {
  DumbServer server("");
  Http2Client::Options options;
  options.origin = server.url();
  options.connect_timeout = milliseconds(100);
  Connect(options);
  const auto response = Send(Get("/"));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code(), ErrorCode::kUnavailable);
  EXPECT_TRUE(response.error().ToString().contains("no connection within 100ms"));
}

TEST_F(Http2ClientTest, AFrozenServerIsNoticedByPing) {
  // Real settings first, then silence.
  DumbServer server(std::string("\0\0\0\4\0\0\0\0\0", 9));
  Http2Client::Options options;
  options.origin = server.url();
  options.ping_interval = milliseconds(50);
  options.ping_timeout = milliseconds(100);
  Connect(options);
  const auto start = std::chrono::steady_clock::now();
  const auto response = Send(Get("/"));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code(), ErrorCode::kAborted) << response.error().ToString();
  EXPECT_TRUE(response.error().ToString().contains("PING")) << response.error().ToString();
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(3));
}

TEST_F(Http2ClientTest, StreamsAndCancels) {
  ResponseWriterPtr kept;
  std::promise<void> closed;
  Serve([&](HttpRequest, ResponseWriterPtr writer) {
    writer->Begin(200, {{"content-type", "application/json"}});
    writer->Write("one");
    writer->OnClose([&] { closed.set_value(); });
    kept = std::move(writer);
  });
  Connect();
  std::promise<int> head;
  std::string seen;
  std::promise<void> two;
  std::promise<Status> end;
  auto call = client_->Stream(
      Get("/watch"), {.on_headers = [&](int status, const Headers&) { head.set_value(status); },
                      .on_data =
                          [&](std::string_view data) {
                            seen += data;
                            if (seen == "onetwo") two.set_value();
                          },
                      .on_end = [&](Status status) { end.set_value(std::move(status)); }});
  EXPECT_EQ(head.get_future().get(), 200);
  kept->Write("two");
  two.get_future().wait();
  call.Cancel();
  const Status status = end.get_future().get();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code(), ErrorCode::kCancelled);
  EXPECT_EQ(closed.get_future().wait_for(seconds(5)), std::future_status::ready);
  kept.reset();
}

TEST_F(Http2ClientTest, APausedStreamHoldsOneWindowAndNobodyElse) {
  constexpr std::size_t kTotal = 4'000'000;
  Serve([](HttpRequest request, ResponseWriterPtr writer) {
    writer->Respond(200, {}, request.path == "/big" ? std::string(kTotal, 'x') : "small");
  });
  Connect();
  std::atomic<std::size_t> seen = 0;
  std::promise<Status> end;
  ClientCall call;
  std::promise<void> have_call;
  auto ready = have_call.get_future().share();
  call =
      client_->Stream(Get("/big"), {.on_headers =
                                        [&](int, const Headers&) {
                                          ready.wait();
                                          call.Pause();
                                        },
                                    .on_data = [&](std::string_view data) { seen += data.size(); },
                                    .on_end = [&](Status s) { end.set_value(std::move(s)); }});
  have_call.set_value();
  // Others go on meanwhile.
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(Send(Get("/small")));
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_LE(seen, 256u * 1024);
  EXPECT_GT(seen, 0u);
  call.Resume();
  EXPECT_TRUE(end.get_future().get());
  EXPECT_EQ(seen, kTotal);
}

TEST_F(Http2ClientTest, ASilentStreamEndsAtItsIdleTimeout) {
  ResponseWriterPtr kept;
  Serve([&](HttpRequest, ResponseWriterPtr writer) {
    writer->Begin(200, {});
    kept = std::move(writer);
  });
  Connect();
  ClientRequest request = Get("/");
  request.idle_timeout = milliseconds(100);
  std::promise<Status> end;
  client_->Stream(std::move(request), {.on_headers = [](int, const Headers&) {},
                                       .on_data = [](std::string_view) {},
                                       .on_end = [&](Status s) { end.set_value(std::move(s)); }});
  const Status status = end.get_future().get();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code(), ErrorCode::kDeadlineExceeded);
  server_->Stop();
}

TEST_F(Http2ClientTest, DestructionFailsWhatIsOpen) {
  std::vector<ResponseWriterPtr> kept;
  Serve([&](HttpRequest, ResponseWriterPtr writer) { kept.push_back(std::move(writer)); });
  Connect();
  std::atomic<int> cancelled = 0;
  for (int i = 0; i < 10; ++i) {
    client_->Send(Get("/"), [&](Result<ClientResponse> r) {
      if (!r && r.error().code() == ErrorCode::kCancelled) ++cancelled;
    });
  }
  client_.reset();
  EXPECT_EQ(cancelled, 10);
  server_->Stop();
}

TEST_F(Http2ClientTest, MalformedRequestsAreRefusedBeforeTheWire) {
  Serve(Echo);
  Connect();
  ClientRequest bad_header = Get("/");
  bad_header.headers.Add("x", "a\r\nb: c");
  ClientRequest no_time = Get("/", Duration(0));
  ClientRequest bad_method = Get("/");
  bad_method.method = "GE T";
  for (const ClientRequest& request : {Get("x"), Get("/a b"), bad_header, no_time, bad_method}) {
    EXPECT_EQ(Send(request).error().code(), ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(client_->stats().connects, 0u);
}

TEST_F(Http2ClientTest, TheQueueIsBounded) {
  std::vector<ResponseWriterPtr> kept;
  HttpServer::Options server;
  server.max_concurrent_streams = 1;
  Serve([&](HttpRequest, ResponseWriterPtr writer) { kept.push_back(std::move(writer)); }, server);
  Http2Client::Options options;
  options.max_queued = 3;
  Connect(options);
  std::atomic<int> refused = 0;
  for (int i = 0; i < 10; ++i) {
    client_->Send(Get("/"), [&](Result<ClientResponse> r) {
      if (r.error().code() == ErrorCode::kResourceExhausted) ++refused;
    });
  }
  client_.reset();
  EXPECT_GE(refused, 6);
  server_->Stop();
}

}  // namespace
}  // namespace swell::net
