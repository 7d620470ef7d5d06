#include "base/net/proxy.h"

#include "base/core/encoding.h"
#include "base/net/http2_fixture.h"
#include "base/net/test_proxy.h"

namespace swell::net {
namespace {

using namespace testing;  // NOLINT: the fixture

TEST(ProxyTest, Parses) {
  const auto proxy = Proxy::Parse("http://me:p%40ss%3A@Proxy.Example:3128/");
  ASSERT_TRUE(proxy) << proxy.error().ToString();
  EXPECT_EQ(proxy->user, "me");
  EXPECT_EQ(proxy->password.Reveal(), "p@ss:");
  EXPECT_EQ(proxy->ToString(), "http://proxy.example:3128");
  EXPECT_EQ(Proxy::Parse("squid:3128")->ToString(), "http://squid:3128");
  EXPECT_EQ(Proxy::Parse("squid")->port(), 80);
  EXPECT_EQ(Proxy::Parse("https://p")->port(), 443);
  EXPECT_EQ(Proxy::Parse("socks5://[::1]")->port(), 1080);
  EXPECT_EQ(Proxy::Parse("socks5h://u@h:1")->user, "u");
}

TEST(ProxyTest, RefusalsSayWhyAndKeepCredentials) {
  const std::pair<const char*, const char*> cases[] = {
      {"ftp://hunter2@h", "scheme \"ftp\" is none of"},
      {"http://h/path", "without path"},
      {"http://u:hunter2@", "no host"},
      {"http://:hunter2@h", "credentials"},
      {"http://u:hunter2%zz@h", "credentials"},
      {"http://u:hunter2@h:99999", "port"},
      {"", "no host"},
  };
  for (const auto& [text, saying] : cases) {
    const auto proxy = Proxy::Parse(text);
    ASSERT_FALSE(proxy) << text;
    EXPECT_TRUE(proxy.error().ToString().contains(saying)) << proxy.error().ToString();
    EXPECT_FALSE(proxy.error().ToString().contains("hunter2")) << proxy.error().ToString();
  }
  EXPECT_FALSE(Proxy::Parse("socks5://u:" + std::string(256, 'x') + "@h"));
}

// The rules of golang.org/x/net/http/httpproxy, which client-go asks.
TEST(ProxyTest, NoProxy) {
  struct Case {
    const char* no_proxy;
    const char* server;
    bool proxied;
  };
  const Case cases[] = {
      {"", "https://api.example.com:6443", true},
      {"", "https://localhost:6443", false},
      {"", "https://127.8.9.1", false},
      {"", "https://[::1]:6443", false},
      {"*", "https://api.example.com", false},
      {"example.com", "https://example.com", false},
      {"example.com", "https://api.example.com", false},
      {"example.com", "https://notexample.com", true},
      {".example.com", "https://api.example.com", false},
      {".example.com", "https://example.com", true},
      {"*.example.com", "https://api.example.com", false},
      {"*.example.com", "https://example.com", true},
      {" a.test , EXAMPLE.com ", "https://api.Example.com", false},
      {"example.com:6443", "https://example.com:6443", false},
      {"example.com:6443", "https://example.com", true},
      {"example.com:443", "https://example.com", false},
      {"10.0.0.0/8", "https://10.1.2.3:6443", false},
      {"10.0.0.0/8", "https://11.1.2.3:6443", true},
      {"10.0.0.0/8", "https://10.example.com", true},
      {"10.1.2.3", "https://10.1.2.3", false},
      {"10.1.2.3:443", "https://10.1.2.3", false},
      {"10.1.2.3:80", "https://10.1.2.3", true},
      {"fd00::/8", "https://[fd12::1]:6443", false},
      {"fd00::/8", "https://[fe80::1]:6443", true},
      {"::/0", "https://10.1.2.3", true},
      {"[fd12::1]:6443", "https://[fd12::1]:6443", false},
      {"fd12::1", "https://[fd12::1]:6443", false},
      {"10.0.0.0/33,10.0.0.0/x,:80,,/", "https://10.1.2.3", true},
  };
  for (const Case& c : cases) {
    const ProxyEnvironment environment{.https_proxy = "http://p:1", .no_proxy = c.no_proxy};
    const auto proxy = environment.For(*Url::Parse(c.server));
    ASSERT_TRUE(proxy) << proxy.error().ToString();
    EXPECT_EQ(proxy->has_value(), c.proxied) << c.no_proxy << " " << c.server;
  }
  const ProxyEnvironment plain{.https_proxy = "http://s:1", .http_proxy = "h:2"};
  EXPECT_EQ((*plain.For(*Url::Parse("http://x")))->ToString(), "http://h:2");
  EXPECT_EQ((*plain.For(*Url::Parse("https://x")))->ToString(), "http://s:1");
  EXPECT_FALSE(*ProxyEnvironment{}.For(*Url::Parse("https://x")));
  const auto bad = ProxyEnvironment{.https_proxy = "ftp://p"}.For(*Url::Parse("https://x"));
  ASSERT_FALSE(bad);
  EXPECT_TRUE(bad.error().ToString().contains("HTTPS_PROXY")) << bad.error().ToString();
}

// A TLS server of another name behind a proxy that alone knows where it is.
class ProxiedClientTest : public Http2ClientTest {
 protected:
  void SetUp() override {
    ca_ = MakeIdentity("test ca", "");
    server_id_ = MakeIdentity("server", "DNS:server.test", &ca_);
    proxy_id_ = MakeIdentity("proxy", "IP:127.0.0.1", &ca_);
    HttpServer::Options options;
    options.tls = TlsServerConfig{.cert_pem = server_id_.cert, .key = Secret(server_id_.key)};
    Serve(Echo, options);
  }
  Http2Client::Options Through(const std::string& proxy) {
    Http2Client::Options options;
    options.origin = "https://server.test:" + std::to_string(server_->port());
    options.tls.ca_pem = ca_.cert;
    options.proxy = *Proxy::Parse(proxy);
    options.proxy_tls.ca_pem = ca_.cert;
    return options;
  }
  std::string Error(const std::string& proxy) {
    Connect(Through(proxy));
    const auto response = Send(Get("/"));
    return response ? "no error" : response.error().ToString();
  }
  std::string Target() { return "server.test:" + std::to_string(server_->port()); }
  TlsServerConfig ProxyTls() { return {.cert_pem = proxy_id_.cert, .key = Secret(proxy_id_.key)}; }

  Loop proxy_loop_{"proxy"};
  Identity ca_, server_id_, proxy_id_;
};

TEST_F(ProxiedClientTest, HttpConnectWithBasicAuthentication) {
  TestProxy proxy(proxy_loop_, {});
  Connect(Through("http://me:hunter2@" + proxy.address()));
  const auto response = Send(Get("/x?y"));
  ASSERT_TRUE(response) << response.error().ToString();
  EXPECT_EQ(response->body, "/x|y||");
  ASSERT_EQ(proxy.asked().size(), 1u);
  EXPECT_EQ(proxy.asked()[0], "CONNECT " + Target() + " HTTP/1.1\r\nHost: " + Target() +
                                  "\r\nProxy-Authorization: Basic " + Base64Encode("me:hunter2") +
                                  "\r\n\r\n");
  EXPECT_TRUE(Send(Get("/again")));
  EXPECT_EQ(proxy.asked().size(), 1u) << "one connection";
  client_.reset();
}

TEST_F(ProxiedClientTest, HttpsProxies) {
  TestProxy proxy(proxy_loop_, {.tls = ProxyTls()});
  Connect(Through("https://" + proxy.address()));
  const auto response = Send(Get("/x"));
  ASSERT_TRUE(response) << response.error().ToString();
  EXPECT_EQ(proxy.asked().size(), 1u);
  // Its certificate is verified as any other.
  Http2Client::Options options = Through("https://" + proxy.address());
  options.proxy_tls.ca_pem = MakeIdentity("other ca", "").cert;
  Connect(options);
  const auto refused = Send(Get("/x"));
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().ToString().contains("not trusted")) << refused.error().ToString();
  EXPECT_TRUE(refused.error().ToString().contains("proxy")) << refused.error().ToString();
  client_.reset();
}

TEST_F(ProxiedClientTest, Socks5) {
  {
    TestProxy proxy(proxy_loop_, {.kind = TestProxy::Kind::kSocks});
    Connect(Through("socks5://" + proxy.address()));
    const auto response = Send(Get("/x"));
    ASSERT_TRUE(response) << response.error().ToString();
    EXPECT_EQ(proxy.asked(), (std::vector<std::string>{Target()})) << "the proxy resolves names";
    client_.reset();
  }
  TestProxy proxy(
      proxy_loop_,
      {.kind = TestProxy::Kind::kSocks, .socks_user = "me", .socks_password = "hunter2"});
  Connect(Through("socks5h://me:hunter2@" + proxy.address()));
  EXPECT_TRUE(Send(Get("/x")));
  EXPECT_TRUE(
      Error("socks5://me:wrong99@" + proxy.address()).contains("does not accept the credentials"));
  EXPECT_TRUE(Error("socks5://" + proxy.address()).contains("wants credentials"));
  client_.reset();
}

TEST_F(ProxiedClientTest, RefusalsNameTheProxyAndKeepCredentials) {
  struct Case {
    TestProxy::Kind kind;
    std::string answer;
    ErrorCode code;
    const char* saying;
  };
  const auto http = TestProxy::Kind::kHttp;
  const auto socks = TestProxy::Kind::kSocks;
  const Case cases[] = {
      {http, "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", ErrorCode::kUnauthenticated,
       "it does not accept the credentials (407 Proxy Authentication Required)"},
      {http, "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", ErrorCode::kUnavailable,
       "it refuses CONNECT (403 Forbidden)"},
      {http, "SSH-2.0-OpenSSH\r\n\r\n", ErrorCode::kUnavailable, "not HTTP"},
      {http, std::string(20'000, 'x'), ErrorCode::kUnavailable, "no end"},
      {socks, "HTTP/1.1 400 Bad", ErrorCode::kUnavailable, "not SOCKS 5"},
      {socks, std::string("\x05\x00\x05\x05", 4), ErrorCode::kUnavailable,
       "it cannot connect (connection refused)"},
      {socks, "\x05\xff", ErrorCode::kUnauthenticated, "wants credentials"},
  };
  for (const Case& c : cases) {
    TestProxy proxy(proxy_loop_, {.kind = c.kind, .answer = c.answer});
    const std::string scheme = c.kind == http ? "http" : "socks5";
    Connect(Through(scheme + "://me:hunter2@" + proxy.address()));
    const auto response = Send(Get("/"));
    ASSERT_FALSE(response);
    const std::string message = response.error().ToString();
    EXPECT_EQ(response.error().code(), c.code) << message;
    EXPECT_TRUE(message.contains(c.saying)) << message;
    EXPECT_TRUE(message.contains("proxy " + scheme + "://" + proxy.address() + " on the way to " +
                                 Target()))
        << message;
    EXPECT_FALSE(message.contains("hunter2")) << message;
    client_.reset();
  }
  std::string gone;
  {
    TestProxy proxy(proxy_loop_, {});
    gone = proxy.address();
  }
  const std::string message = Error("http://" + gone);
  EXPECT_TRUE(message.contains("proxy http://" + gone + ": connect to")) << message;
}

TEST_F(ProxiedClientTest, ASilentProxyRunsIntoTheTimeLimit) {
  TestProxy proxy(proxy_loop_, {.answer = "HTTP/1.1 "});
  Http2Client::Options options = Through("http://" + proxy.address());
  options.connect_timeout = milliseconds(200);
  Connect(options);
  const auto response = Send(Get("/"));
  ASSERT_FALSE(response);
  EXPECT_TRUE(response.error().ToString().contains("no connection within 200ms"))
      << response.error().ToString();
  client_.reset();
}

}  // namespace
}  // namespace swell::net
