// The HTTP/2 client over TLS.

#include "base/net/http2_fixture.h"

namespace swell::net {
namespace {

using namespace testing;  // NOLINT: the fixture

class Http2TlsTest : public Http2ClientTest {
 protected:
  void SetUp() override {
    ca_ = MakeIdentity("test ca", "");
    server_id_ = MakeIdentity("server", "DNS:cluster.test,IP:127.0.0.1", &ca_);
    client_id_ = MakeIdentity("swell", "DNS:swell", &ca_);
  }
  HttpServer::Options ServerTls(bool client_certs = false) {
    HttpServer::Options options;
    options.tls = TlsServerConfig{.cert_pem = server_id_.cert, .key = Secret(server_id_.key)};
    if (client_certs) options.tls->client_ca_pem = ca_.cert;
    return options;
  }
  ErrorCode Fails(Http2Client::Options options, std::string_view saying) {
    Connect(std::move(options));
    const auto response = Send(Get("/"));
    if (response) return ErrorCode::kInternal;
    EXPECT_TRUE(response.error().ToString().contains(saying)) << response.error().ToString();
    return response.error().code();
  }
  Identity ca_, server_id_, client_id_;
};

TEST_F(Http2TlsTest, VerifiesByDefault) {
  Serve(Echo, ServerTls());
  Http2Client::Options options;
  options.tls.ca_pem = ca_.cert;
  Connect(options);
  const auto response = Send(Get("/tls"));
  ASSERT_TRUE(response) << response.error().ToString();
  EXPECT_EQ(response->headers.Get("x-version"), "2");

  // Another signer, the system's signers, another name.
  options.tls.ca_pem = MakeIdentity("other ca", "").cert;
  EXPECT_EQ(Fails(options, "not trusted"), ErrorCode::kUnauthenticated);
  options.tls.ca_pem = "";
  EXPECT_EQ(Fails(options, "not trusted"), ErrorCode::kUnauthenticated);
  options.tls.ca_pem = ca_.cert;
  options.tls.server_name = "other.test";
  EXPECT_EQ(Fails(options, "ostname mismatch"), ErrorCode::kUnauthenticated);
  options.tls.server_name = "cluster.test";
  Connect(options);
  EXPECT_TRUE(Send(Get("/")));
  // Only on request.
  options.tls = {.insecure_skip_verify = true};
  Connect(options);
  EXPECT_TRUE(Send(Get("/")));
}

TEST_F(Http2TlsTest, ClientCertificates) {
  Serve([](HttpRequest request,
           ResponseWriterPtr writer) { writer->Respond(200, {}, request.tls_peer_subject); },
        ServerTls(true));
  Http2Client::Options options;
  options.tls.ca_pem = ca_.cert;
  options.tls.client_cert_pem = client_id_.cert;
  options.tls.client_key = Secret(client_id_.key);
  Connect(options);
  const auto response = Send(Get("/"));
  ASSERT_TRUE(response) << response.error().ToString();
  EXPECT_EQ(response->body, "CN=swell");
  options.tls.client_cert_pem = "";
  options.tls.client_key = Secret();
  EXPECT_EQ(Fails(options, "certificate required"), ErrorCode::kUnavailable);
}

TEST_F(Http2TlsTest, PlainAndTlsDoNotMix) {
  Serve(Echo, ServerTls());
  Http2Client::Options options;
  options.origin = "http://127.0.0.1:" + std::to_string(server_->port());
  Connect(options);
  EXPECT_FALSE(Send(Get("/")));
  Serve(Echo);
  options.origin = "https://127.0.0.1:" + std::to_string(server_->port());
  EXPECT_EQ(Fails(options, "TLS handshake"), ErrorCode::kUnavailable);
}

TEST_F(Http2TlsTest, BadMaterialIsNamed) {
  Http2Client::Options options;
  options.origin = "https://h";
  struct Case {
    TlsConfig tls;
    const char* saying;
  };
  const Case cases[] = {
      {{.ca_pem = "junk"}, "ca_pem: no PEM certificate"},
      {{.client_cert_pem = client_id_.cert}, "client_key: missing"},
      {{.client_key = Secret(client_id_.key)}, "client_cert_pem: missing"},
      {{.client_cert_pem = client_id_.cert, .client_key = Secret(server_id_.key)},
       "does not belong"},
      {{.client_cert_pem = client_id_.cert, .client_key = Secret("junk")}, "no PEM private key"},
  };
  for (const Case& c : cases) {
    options.tls = c.tls;
    const auto created = Http2Client::Create(client_loop_, options);
    ASSERT_FALSE(created) << c.saying;
    EXPECT_EQ(created.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_TRUE(created.error().ToString().contains(c.saying)) << created.error().ToString();
  }
  for (const char* origin : {"ftp://h", "h:80", "https://h/path", ""}) {
    options.origin = origin;
    EXPECT_FALSE(Http2Client::Create(client_loop_, options)) << origin;
  }
}

TEST_F(Http2TlsTest, BigBodiesOverTls) {
  Serve(
      [](HttpRequest request, ResponseWriterPtr writer) { writer->Respond(200, {}, request.body); },
      ServerTls());
  Http2Client::Options options;
  options.tls.ca_pem = ca_.cert;
  Connect(options);
  ClientRequest request = Get("/");
  request.method = "POST";
  for (int i = 0; i < 5'000'000; ++i) request.body += static_cast<char>(i * 31 + i / 977);
  const auto response = Send(request);
  ASSERT_TRUE(response) << response.error().ToString();
  EXPECT_TRUE(response->body == request.body);
}

}  // namespace
}  // namespace swell::net
