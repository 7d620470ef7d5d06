#include "base/fetch/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "base/fetch/curl.h"
#include "base/fetch/test_util.h"
#include "base/net/test_util.h"

namespace swell::fetch {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::TestServer;

class HttpTest : public ::testing::Test {
 protected:
  Result<HttpResponse> Get(HttpRequest request, Duration within = 20s) {
    return client_.Get(std::move(request), Deadline::After(within));
  }
  Result<HttpResponse> Get(const std::string& url) {
    HttpRequest request;
    request.url = url;
    return Get(std::move(request));
  }

  HttpClient client_{{.first_pause = 5ms}};
  TestServer server_;
};

TEST_F(HttpTest, GetsBodiesAndStatuses) {
  server_.Serve("/a", "hello", {{"ETag", "\"x\""}});
  const auto response = Get(server_.url() + "/a");
  ASSERT_TRUE(response) << response.error().ToString();
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "hello");
  EXPECT_EQ(response->headers.Get("etag"), "\"x\"");
  EXPECT_EQ(Get(server_.url() + "/none")->status, 404);
}

TEST_F(HttpTest, TriesAgainWhatMayPass) {
  int left = 2;
  server_.On("/flaky", [&](const auto&, net::ResponseWriterPtr writer) {
    writer->Respond(left-- > 0 ? 500 : 200, {}, "ok");
  });
  const auto response = Get(server_.url() + "/flaky");
  ASSERT_TRUE(response) << response.error().ToString();
  EXPECT_EQ(response->body, "ok");
  EXPECT_EQ(server_.Asked("/flaky"), 3);
  server_.On("/down",
             [&](const auto&, net::ResponseWriterPtr writer) { writer->Respond(503, {}, ""); });
  const auto down = Get(server_.url() + "/down?signature=s3cret");
  ASSERT_FALSE(down);
  EXPECT_EQ(down.error().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(down.error().ToString(), HasSubstr("/down: the server answers 503"));
  EXPECT_THAT(down.error().ToString(), Not(HasSubstr("s3cret")));
  EXPECT_EQ(server_.Asked("/down"), 3);
}

TEST_F(HttpTest, ATruncatedBodyIsAFault) {
  int left = 1;
  server_.On("/cut", [&](const auto&, net::ResponseWriterPtr writer) {
    if (left-- == 0) return writer->Respond(200, {}, "whole");
    writer->Begin(200, {});
    writer->Write("who");
    writer->Abort();
  });
  const auto again = Get(server_.url() + "/cut");
  ASSERT_TRUE(again) << again.error().ToString();
  EXPECT_EQ(again->body, "whole");
  server_.On("/always", [](const auto&, net::ResponseWriterPtr writer) {
    writer->Begin(200, {});
    writer->Write("who");
    writer->Abort();
  });
  const auto cut = Get(server_.url() + "/always");
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code(), ErrorCode::kUnavailable);
}

// A body of which the server says that it has 500 MB, and one that never ends: neither is read
// beyond the budget.
TEST_F(HttpTest, StopsAtTheBudget) {
  std::vector<net::ResponseWriterPtr> kept;
  server_.On("/endless", [&](const auto&, net::ResponseWriterPtr writer) {
    writer->Begin(200, {});
    writer->Write(std::string(4 << 20, 'x'));
    kept.push_back(std::move(writer));
  });
  HttpRequest request;
  request.url = server_.url() + "/endless";
  request.max_bytes = 1 << 20;
  request.budget = "max_index_bytes";
  const auto endless = Get(request);
  ASSERT_FALSE(endless);
  EXPECT_EQ(endless.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_THAT(endless.error().ToString(), HasSubstr("1048576 bytes (budget max_index_bytes)"));
  EXPECT_EQ(server_.Asked("/endless"), 1);
  server_.Serve("/large", std::string((1 << 20) + 1, 'x'));
  request.url = server_.url() + "/large";
  EXPECT_EQ(Get(request).error().code(), ErrorCode::kResourceExhausted);
  server_.Serve("/fits", std::string(1 << 20, 'x'));
  request.url = server_.url() + "/fits";
  EXPECT_TRUE(Get(request));
}

TEST_F(HttpTest, ASlowServerEndsAtTheDeadline) {
  std::vector<net::ResponseWriterPtr> kept;
  server_.On("/slow", [&](const auto&, net::ResponseWriterPtr writer) {
    kept.push_back(std::move(writer));
  });
  HttpRequest request;
  request.url = server_.url() + "/slow";
  const auto slow = Get(request, 100ms);
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().code(), ErrorCode::kDeadlineExceeded);
}

TEST_F(HttpTest, StopEndsWhatIsUnderWay) {
  std::vector<net::ResponseWriterPtr> kept;
  server_.On("/slow", [&](const auto&, net::ResponseWriterPtr writer) {
    kept.push_back(std::move(writer));
  });
  std::jthread stopper([&] {
    while (server_.Asked("/slow") == 0) std::this_thread::sleep_for(1ms);
    client_.Stop();
  });
  const auto begun = std::chrono::steady_clock::now();
  const auto slow = Get(server_.url() + "/slow");
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().code(), ErrorCode::kUnavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
}

TEST_F(HttpTest, RedirectsAreFollowedWithinBounds) {
  server_.On("/loop", [&](const auto&, net::ResponseWriterPtr writer) {
    writer->Respond(302, {{"Location", "/loop"}}, "");
  });
  const auto loop = Get(server_.url() + "/loop");
  ASSERT_FALSE(loop);
  EXPECT_EQ(loop.error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(loop.error().ToString(), HasSubstr("more than 10 redirects"));
  EXPECT_EQ(server_.Asked("/loop"), 11);
  server_.On("/old", [&](const auto&, net::ResponseWriterPtr writer) {
    writer->Respond(301, {{"Location", "new/../new"}}, "");
  });
  server_.Serve("/new", "here");
  EXPECT_EQ(Get(server_.url() + "/old")->body, "here");
  for (const char* to : {"file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/"}) {
    server_.On("/out", [to](const auto&, net::ResponseWriterPtr writer) {
      writer->Respond(302, {{"Location", to}}, "");
    });
    const auto out = Get(server_.url() + "/out");
    ASSERT_FALSE(out) << to;
    EXPECT_EQ(out.error().code(), ErrorCode::kInvalidArgument) << out.error().ToString();
  }
}

TEST_F(HttpTest, ARedirectElsewhereGetsNoCredentials) {
  TestServer other;
  other.Serve("/blob", "content");
  server_.On("/blob", [&](const auto&, net::ResponseWriterPtr writer) {
    writer->Respond(307, {{"Location", other.url() + "/blob"}}, "");
  });
  HttpRequest request;
  request.url = server_.url() + "/blob";
  request.authorization = Secret("Basic c2VjcmV0");
  const auto response = Get(request);
  ASSERT_TRUE(response) << response.error().ToString();
  EXPECT_EQ(response->body, "content");
  EXPECT_EQ(server_.asked()[0].headers.Get("authorization"), "Basic c2VjcmV0");
  EXPECT_FALSE(other.asked()[0].headers.Has("authorization"));
}

TEST_F(HttpTest, NeverFromHttpsToHttp) {
  const auto identity = net::testing::MakeIdentity("localhost", "IP:127.0.0.1,DNS:localhost");
  net::HttpServer::Options options;
  options.tls = net::TlsServerConfig{.cert_pem = identity.cert, .key = Secret(identity.key)};
  TestServer secure(options);
  secure.On("/down", [&](const auto&, net::ResponseWriterPtr writer) {
    writer->Respond(302, {{"Location", server_.url() + "/plain"}}, "");
  });
  secure.Serve("/here", "safe");
  testing::Scratch scratch;
  std::ofstream(scratch.path + "/ca.pem") << identity.cert;
  HttpRequest request;
  request.url = secure.url() + "/here";
  const auto untrusted = Get(request);
  ASSERT_FALSE(untrusted);
  EXPECT_EQ(untrusted.error().code(), ErrorCode::kPermissionDenied);
  EXPECT_THAT(untrusted.error().ToString(), HasSubstr("set caFile"));
  request.ca_file = scratch.path + "/ca.pem";
  const auto trusted = Get(request);
  ASSERT_TRUE(trusted) << trusted.error().ToString();
  EXPECT_EQ(trusted->body, "safe");
  request.url = secure.url() + "/down";
  const auto down = Get(request);
  ASSERT_FALSE(down);
  EXPECT_EQ(down.error().code(), ErrorCode::kPermissionDenied);
  EXPECT_EQ(server_.Asked(), 0);
}

TEST_F(HttpTest, ACaFileIsForItsOwnOriginAlone) {
  const auto identity = net::testing::MakeIdentity("localhost", "IP:127.0.0.1,DNS:localhost");
  net::HttpServer::Options options;
  options.tls = net::TlsServerConfig{.cert_pem = identity.cert, .key = Secret(identity.key)};
  TestServer here(options), there(options);
  here.Serve("/new", "safe");
  there.Serve("/new", "not for this CA");
  std::string to = here.url() + "/new";
  here.On("/old", [&](const auto&, net::ResponseWriterPtr writer) {
    writer->Respond(302, {{"Location", to}}, "");
  });
  testing::Scratch scratch;
  std::ofstream(scratch.path + "/ca.pem") << identity.cert;
  HttpRequest request;
  request.url = here.url() + "/old";
  request.ca_file = scratch.path + "/ca.pem";
  const auto same = Get(request);
  ASSERT_TRUE(same) << same.error().ToString();
  EXPECT_EQ(same->body, "safe");
  to = there.url() + "/new";
  const auto other = Get(request);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code(), ErrorCode::kPermissionDenied) << other.error().ToString();
  EXPECT_THAT(other.error().ToString(), HasSubstr("redirected to " + there.url() + "/new, for"));
  EXPECT_EQ(there.Asked(), 0);
}

TEST_F(HttpTest, AskAsksOnceAndTakesWhatComes) {
  HttpRequest request;
  request.method = "POST";
  request.body = "a=b";
  for (const int status : {200, 404, 429, 500, 503}) {
    server_.On("/ask", [status](const auto&, net::ResponseWriterPtr writer) {
      writer->Respond(status, {}, "said");
    });
    request.url = server_.url() + "/ask";
    const auto response = client_.Ask(request, Deadline::After(20s));
    ASSERT_TRUE(response) << response.error().ToString();
    EXPECT_EQ(response->status, status);
    EXPECT_EQ(response->body, "said");
  }
  EXPECT_EQ(server_.Asked(), 5);
  EXPECT_EQ(server_.asked().back().method, "POST");
  EXPECT_EQ(server_.asked().back().body, "a=b");
  // A handle that has POSTed once GETs again.
  EXPECT_EQ(Get(server_.url() + "/none")->status, 404);
  EXPECT_EQ(server_.asked().back().method, "GET");
  EXPECT_EQ(server_.asked().back().body, "");
  request.method = "DELETE";
  EXPECT_EQ(client_.Ask(request, Deadline::After(20s)).error().code(), ErrorCode::kInvalidArgument);
}

TEST_F(HttpTest, AskStaysAtItsOrigin) {
  TestServer other;
  std::string to = other.url() + "/x?token=s3cret";
  server_.On("/ask", [&](const auto&, net::ResponseWriterPtr writer) {
    writer->Respond(307, {{"Location", to}}, "");
  });
  server_.Serve("/there", "here");
  HttpRequest request;
  request.url = server_.url() + "/ask";
  const auto away = client_.Ask(request, Deadline::After(20s));
  ASSERT_FALSE(away);
  EXPECT_EQ(away.error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(away.error().ToString(), HasSubstr("it redirects to " + other.url() + "/x, another"));
  EXPECT_EQ(other.Asked(), 0);
  to = "/there";
  EXPECT_EQ(client_.Ask(request, Deadline::After(20s))->body, "here");
}

TEST(IsLinkLocal, KnowsThem) {
  for (const char* address : {"169.254.169.254", "169.254.0.1", "::ffff:169.254.169.254", "fe80::1",
                              "FE80::1%eth0", "fe9a::1", "febf:0::1"}) {
    EXPECT_TRUE(IsLinkLocal(address)) << address;
  }
  for (const char* address : {"169.253.0.1", "127.0.0.1", "10.169.254.1", "::1", "fec0::1",
                              "fd00:ec2::254", "2001:db8::fe80", "fe8::1", ""}) {
    EXPECT_FALSE(IsLinkLocal(address)) << address;
  }
}

TEST_F(HttpTest, NobodyThere) {
  std::string url;
  {
    TestServer gone;
    url = gone.url();
  }
  const auto response = Get(url + "/x");
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code(), ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace swell::fetch
