#include "base/net/http_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "base/net/test_util.h"

namespace swell::net {
namespace {

using testing::RawSocket;

void Echo(HttpRequest request, ResponseWriterPtr writer) {
  writer->Respond(200, {{"content-type", "text/plain"}, {"x-path", request.path}},
                  request.method + " " + request.query + " " + request.body);
}

struct Served {
  explicit Served(HttpServer::Handler handler, HttpServer::Options options = {}) {
    auto started = HttpServer::Start(loop, std::move(options), std::move(handler));
    EXPECT_TRUE(started) << started.error().ToString();
    server = std::move(*started);
  }
  Loop loop;
  std::unique_ptr<HttpServer> server;
};

TEST(HttpServerTest, Http11KeepAliveAndPipelining) {
  Served s(Echo);
  RawSocket socket(s.server->port());
  ASSERT_TRUE(
      socket.Send("GET /a%20b?x=1 HTTP/1.1\r\nHost: h\r\n\r\n"
                  "POST /c HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
                  "PUT /d HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
                  "Connection: close\r\n\r\n2\r\nde\r\n0\r\n\r\n"));
  const std::string all = socket.Read();
  EXPECT_TRUE(all.starts_with("HTTP/1.1 200 OK\r\n")) << all;
  EXPECT_TRUE(all.contains("x-path: /a b\r\n")) << all;
  EXPECT_TRUE(all.contains("GET x=1 ")) << all;
  EXPECT_TRUE(all.contains("POST  abc")) << all;
  EXPECT_TRUE(all.ends_with("PUT  de")) << all;
  EXPECT_TRUE(all.contains("connection: close\r\n")) << all;
}

TEST(HttpServerTest, Http10AndHead) {
  Served s(Echo);
  RawSocket old(s.server->port());
  old.Send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(old.Read().ends_with("GET  "));
  RawSocket head(s.server->port());
  head.Send("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const std::string text = head.Read();
  EXPECT_TRUE(text.contains("content-length: 6\r\n")) << text;
  EXPECT_TRUE(text.ends_with("\r\n\r\n")) << text;
}

TEST(HttpServerTest, ExpectContinue) {
  Served s(Echo);
  RawSocket socket(s.server->port());
  socket.Send(
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n"
      "Connection: close\r\n\r\n");
  EXPECT_EQ(socket.Read("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  socket.Send("ok");
  EXPECT_TRUE(socket.Read().ends_with("POST  ok"));
}

TEST(HttpServerTest, StreamsChunksFromAnotherThread) {
  std::thread worker;
  Served s([&](HttpRequest, ResponseWriterPtr writer) {
    worker = std::thread([writer = std::move(writer)] {
      writer->Begin(200, {});
      writer->Write("one");
      writer->Write("two!");
      writer->End();
      EXPECT_FALSE(writer->Write("late"));
    });
  });
  RawSocket socket(s.server->port());
  socket.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string text = socket.Read("0\r\n\r\n");
  EXPECT_TRUE(text.contains("transfer-encoding: chunked\r\n"));
  EXPECT_TRUE(text.ends_with("\r\n\r\n3\r\none\r\n4\r\ntwo!\r\n0\r\n\r\n")) << text;
  worker.join();
}

TEST(HttpServerTest, RefusesWhatIsTooLargeOrMalformed) {
  HttpServer::Options options;
  options.max_body_bytes = 100;
  options.max_header_bytes = 1000;
  Served s(Echo, options);
  struct Case {
    std::string request;
    const char* status;
  };
  const Case cases[] = {
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 101\r\n\r\n", "413"},
      {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n" +
           std::string(255, 'x') + "\r\n",
       "413"},
      {"GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(2000, 'x') + "\r\n\r\n", "431"},
      {"GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n", "400"},
      {"nonsense\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "400"},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400"},
      {std::string("GET / HTTP/1.1\r\nA: \0b\r\n\r\n", 25), "400"},
  };
  for (const Case& c : cases) {
    RawSocket socket(s.server->port());
    socket.Send(c.request);
    const std::string text = socket.Read();
    EXPECT_TRUE(text.starts_with("HTTP/1.1 " + std::string(c.status))) << c.request << "\n" << text;
  }
}

TEST(HttpServerTest, SurvivesGarbage) {
  Served s(Echo);
  std::mt19937 random(7);
  for (int i = 0; i < 200; ++i) {
    RawSocket socket(s.server->port());
    std::string bytes;
    if (i % 4 == 1) bytes = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    if (i % 4 == 2) bytes = "GET / HTTP/1.1\r\n";
    // A valid empty SETTINGS frame, then nonsense behind it.
    if (i % 4 == 3) bytes = std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);
    for (int n = static_cast<int>(random() % 400); n > 0; --n) bytes += static_cast<char>(random());
    socket.Send(bytes);
    socket.HalfClose();
  }
  RawSocket socket(s.server->port());
  socket.Send("GET /alive HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(socket.Read().contains("x-path: /alive"));
}

TEST(HttpServerTest, AWriterThatIsDroppedAnswersAnyway) {
  Served s([](HttpRequest request, ResponseWriterPtr writer) {
    if (request.path == "/cut") {
      writer->Begin(200, {});
      writer->Write("half");
    }
  });
  RawSocket plain(s.server->port());
  plain.Send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(plain.Read().starts_with("HTTP/1.1 500"));
  RawSocket cut(s.server->port());
  cut.Send("GET /cut HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string text = cut.Read();
  EXPECT_TRUE(text.ends_with("half\r\n")) << text;
}

TEST(HttpServerTest, TellsWhenTheClientGoesAway) {
  std::promise<void> closed;
  ResponseWriterPtr kept;
  Served s([&](HttpRequest, ResponseWriterPtr writer) {
    kept = std::move(writer);  // first: the client may read the head at once
    kept->OnClose([&] { closed.set_value(); });
    kept->Begin(200, {});
  });
  {
    RawSocket socket(s.server->port());
    socket.Send("GET /watch HTTP/1.1\r\nHost: h\r\n\r\n");
    socket.Read("\r\n\r\n");
    EXPECT_FALSE(kept->IsClosed());
  }
  ASSERT_EQ(closed.get_future().wait_for(std::chrono::seconds(5)), std::future_status::ready);
  EXPECT_TRUE(kept->IsClosed());
  EXPECT_FALSE(kept->Write("x"));
}

TEST(HttpServerTest, ASlowClientIsCutAtTheLimit) {
  HttpServer::Options options;
  options.max_pending_bytes = 1'000'000;
  ResponseWriterPtr kept;
  std::promise<void> begun;
  Served s(
      [&](HttpRequest, ResponseWriterPtr writer) {
        writer->Begin(200, {});
        kept = std::move(writer);
        begun.set_value();
      },
      options);
  RawSocket socket(s.server->port());  // never reads
  socket.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  begun.get_future().wait();
  int written = 0;
  while (written < 1000 && kept->Write(std::string(100'000, 'x'))) ++written;
  // Whatever the kernel's buffers took, it is far below what was offered.
  EXPECT_LT(written, 200);
  EXPECT_TRUE(kept->IsClosed());
}

TEST(HttpServerTest, SlowRequestsAndIdleConnectionsAreClosed) {
  HttpServer::Options options;
  options.io_timeout = std::chrono::milliseconds(150);
  options.idle_timeout = std::chrono::milliseconds(300);
  Served s(Echo, options);
  RawSocket silent(s.server->port()), half(s.server->port()), idle(s.server->port());
  half.Send("GET / HTTP/1.1\r\nHost:");
  idle.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_FALSE(silent.Read().contains("<timeout>"));
  EXPECT_FALSE(half.Read().contains("<timeout>"));
  const std::string text = idle.Read();
  EXPECT_TRUE(text.starts_with("HTTP/1.1 200"));
  EXPECT_FALSE(text.contains("<timeout>"));
  for (int i = 0; i < 100 && s.server->connections() > 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(s.server->connections(), 0u);
}

TEST(HttpServerTest, LimitsConnections) {
  HttpServer::Options options;
  options.max_connections = 2;
  Served s(Echo, options);
  RawSocket a(s.server->port()), b(s.server->port());
  a.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  b.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  a.Read("GET  ");
  b.Read("GET  ");
  RawSocket c(s.server->port());
  c.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(c.Read(), "");
}

TEST(HttpServerTest, AHalfClosedClientGetsItsAnswer) {
  Served s([](HttpRequest, ResponseWriterPtr writer) {
    std::thread([writer = std::move(writer)] {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      writer->Respond(200, {}, "late");
    }).detach();
  });
  RawSocket socket(s.server->port());
  socket.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  socket.HalfClose();
  EXPECT_TRUE(socket.Read().ends_with("late"));
}

TEST(HttpServerTest, HeaderValuesCannotSplitAResponse) {
  Served s([](HttpRequest, ResponseWriterPtr writer) {
    writer->Respond(200, {{"x-a", "b\r\nSet-Cookie: c"}, {"bad name\r\n", "x"}}, "");
  });
  RawSocket socket(s.server->port());
  socket.Send("GET / HTTP/1.0\r\n\r\n");
  const std::string text = socket.Read();
  EXPECT_FALSE(text.contains("\r\nSet-Cookie")) << text;
  EXPECT_TRUE(text.contains("x-a: b  Set-Cookie: c\r\n")) << text;
}

TEST(HttpServerTest, SaysWhatIsWrongWithItsOptions) {
  Loop loop;
  HttpServer::Options options;
  options.address = "localhost";
  EXPECT_EQ(HttpServer::Start(loop, options, Echo).error().code(), ErrorCode::kInvalidArgument);
  Served s(Echo);
  options.address = "127.0.0.1";
  options.port = s.server->port();
  const auto taken = HttpServer::Start(loop, options, Echo);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code(), ErrorCode::kUnavailable);
  EXPECT_TRUE(taken.error().message().contains("in use")) << taken.error().message();
  options.port = 0;
  options.tls = TlsServerConfig{.cert_pem = "junk", .key = Secret("junk")};
  EXPECT_EQ(HttpServer::Start(loop, options, Echo).error().code(), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace swell::net
