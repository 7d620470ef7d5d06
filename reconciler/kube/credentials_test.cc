// Tokens and certificates that are replaced while a client uses them, and what is said when they
// are not accepted: over TLS, at the wire.

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/core/encoding.h"
#include "base/net/test_proxy.h"
#include "base/net/test_util.h"
#include "reconciler/kube/client.h"
#include "reconciler/kube/test_util.h"

namespace swell::kube {
namespace {

using net::testing::Identity;
using net::testing::MakeIdentity;
using std::chrono::milliseconds;
using testing::kJson;
using testing::StatusBody;

class CredentialFileTest : public testing::KubeTest {
 protected:
  void SetUp() override {
    path_ = std::filesystem::temp_directory_path() /
            ("swell_token_" + std::to_string(::getpid()) + "_" +
             ::testing::UnitTest::GetInstance()->current_test_info()->name());
  }
  void TearDown() override { std::filesystem::remove(path_); }
  void Write(const std::string& text) { std::ofstream(path_) << text; }
  std::filesystem::path path_;
};

TEST_F(CredentialFileTest, ATokenFileIsReadAnewAfter401) {
  Serve([](const net::HttpRequest& request, net::ResponseWriterPtr writer) {
    const bool good = request.headers.Get("authorization") == "Bearer new";
    writer->Respond(good ? 200 : 401, kJson, good ? "{}" : StatusBody(401, "Unauthorized", "no"));
  });
  Write("old\n");
  ClusterAccess access;
  access.server = server_->url();
  access.token_file = path_;
  Connect(Options(), access);
  // Refreshed once, and the file still says the same: final.
  EXPECT_EQ(Get(kPod).error().code(), ErrorCode::kUnauthenticated);
  EXPECT_EQ(Seen().size(), 2u);
  Write("new\n");
  EXPECT_TRUE(Get(kPod));
  std::filesystem::remove(path_);
  EXPECT_TRUE(Get(kPod)) << "what was read serves for a while";
}

TEST_F(CredentialFileTest, AMissingOrEmptyTokenFileIsNamed) {
  ServeAnswers({{}});
  ClusterAccess access;
  access.server = server_->url();
  access.token_file = path_;
  Connect(Options(), access);
  for (int i = 0; i < 2; ++i) {
    const auto result = Get(kPod);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), ErrorCode::kUnauthenticated);
    EXPECT_TRUE(result.error().ToString().contains(path_.string())) << result.error().ToString();
    Write("\n");
  }
  EXPECT_TRUE(Seen().empty());
}

TEST_F(CredentialFileTest, APluginGivesATokenAndIsAskedAgainAfter401) {
  Serve([](const net::HttpRequest& request, net::ResponseWriterPtr writer) {
    const bool good = request.headers.Get("authorization") == "Bearer run-2";
    writer->Respond(good ? 200 : 401, kJson, good ? "{}" : StatusBody(401, "Unauthorized", "no"));
  });
  ClusterAccess access;
  access.server = server_->url();
  access.exec.api_version = "client.authentication.k8s.io/v1";
  access.exec.command = "/bin/sh";
  access.exec.args = {"-c",
                      "n=$(($(cat \"$COUNT\" 2>/dev/null || echo 0)+1)); echo $n > \"$COUNT\"; "
                      "echo '{\"kind\":\"ExecCredential\",\"apiVersion\":"
                      "\"client.authentication.k8s.io/v1\",\"status\":{\"token\":\"run-'$n'\"}}'"};
  access.exec.env = {{"COUNT", path_.string()}};
  Connect(Options(), access);
  EXPECT_TRUE(Get(kPod));
  EXPECT_TRUE(Get(kPod));
  EXPECT_EQ(Seen().size(), 3u) << "401, then two with the second token";
  std::ifstream in(path_);
  int runs = 0;
  in >> runs;
  EXPECT_EQ(runs, 2);
}

// An API server that wants client certificates, as API servers do: it takes any in the handshake
// and answers 401 to those it does not know.
class CertificateTest : public CredentialFileTest {
 protected:
  void SetUp() override {
    CredentialFileTest::SetUp();
    std::filesystem::create_directories(path_);
    ca_ = MakeIdentity("ca", "");
    server_id_ = MakeIdentity("server", "DNS:api.test,IP:127.0.0.1", &ca_);
    first_ = MakeIdentity("first", "DNS:first", &ca_);
    second_ = MakeIdentity("second", "DNS:second", &ca_);
  }
  void TearDown() override { std::filesystem::remove_all(path_); }
  void ServeTls(const Identity& id, bool client_certs) {
    client_.reset();
    net::HttpServer::Options options;
    options.tls = net::TlsServerConfig{.cert_pem = id.cert, .key = Secret(id.key)};
    if (client_certs) options.tls->client_ca_pem = ca_.cert;
    Serve(
        [](const net::HttpRequest& request, net::ResponseWriterPtr writer) {
          if (request.path == "/api/v1/namespaces/web/secrets/s") {
            return writer->Respond(401, kJson, StatusBody(401, "Unauthorized", "Unauthorized"));
          }
          writer->Respond(200, kJson, "\"" + request.tls_peer_subject + "\"");
        },
        options);
  }
  void File(const std::string& name, const std::string& text) {
    std::ofstream(path_ / name) << text;
  }
  // A kubeconfig of one cluster and one user, read as the server would.
  void UseKubeconfig(const std::string& cluster, const std::string& user) {
    File("config",
         "kind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: k, user: u}}]\n"
         "clusters: [{name: k, cluster: {server: '" +
             server_->url() + "'" + cluster +
             "}}]\n"
             "users: [{name: u, user: {" +
             user + "}}]\n");
    auto access = LoadKubeconfig(path_ / "config", {});
    ASSERT_TRUE(access) << access.error().ToString();
    Connect(Options(), *access);
  }
  std::string Subject() {
    const auto answer = Get(kPod);
    return answer ? answer->body.str() : answer.error().ToString();
  }

  Identity ca_, server_id_, first_, second_;
};

TEST_F(CertificateTest, FilesAreReadAnew) {
  ServeTls(server_id_, true);
  File("ca.crt", ca_.cert);
  File("me.crt", first_.cert);
  File("me.key", first_.key);
  UseKubeconfig(", certificate-authority: ca.crt",
                "client-certificate: me.crt, client-key: me.key");
  EXPECT_EQ(Subject(), "CN=first");
  // Half replaced: what was read before serves on. A 401 makes it look.
  File("me.crt", second_.cert);
  EXPECT_FALSE(Get(kSecret));
  EXPECT_EQ(Subject(), "CN=first");
  File("me.key", second_.key);
  EXPECT_FALSE(Get(kSecret));
  EXPECT_EQ(Subject(), "CN=second");
}

TEST_F(CertificateTest, InlineDataServesToo) {
  ServeTls(server_id_, true);
  UseKubeconfig(", certificate-authority-data: " + Base64Encode(ca_.cert),
                "client-certificate-data: " + Base64Encode(first_.cert) +
                    ", client-key-data: " + Base64Encode(first_.key));
  EXPECT_EQ(Subject(), "CN=first");
}

TEST_F(CertificateTest, ABundleTrustsEachOfItsCertificates) {
  ServeTls(server_id_, false);
  const Identity other = MakeIdentity("other ca", "");
  UseKubeconfig(", certificate-authority-data: " + Base64Encode(other.cert + ca_.cert), "");
  EXPECT_EQ(Subject(), "");
}

TEST_F(CertificateTest, WhatIsWrongWithTheServersCertificateIsSaid) {
  const Identity expired = MakeIdentity("old", "IP:127.0.0.1", &ca_, -7200, -3600);
  const Identity early = MakeIdentity("new", "IP:127.0.0.1", &ca_, 3600, 7200);
  const Identity other = MakeIdentity("other", "DNS:other.test,IP:10.0.0.1", &ca_);
  const Identity stranger = MakeIdentity("stranger", "IP:127.0.0.1");
  const std::tuple<const Identity*, std::string, const char*> cases[] = {
      {&expired, "", "certificate has expired (CN=old: until "},
      {&early, "", "certificate is not yet valid (CN=new: from "},
      {&other, "", "(it is for DNS:other.test, IP Address:10.0.0.1, not for 127.0.0.1)"},
      {&server_id_, ", tls-server-name: other.test",
       "(it is for DNS:api.test, IP Address:127.0.0.1, not for other.test)"},
      {&stranger, "", "certificate (CN=stranger)"},
  };
  for (const auto& [id, cluster, saying] : cases) {
    ServeTls(*id, false);
    UseKubeconfig(", certificate-authority-data: " + Base64Encode(ca_.cert) + cluster, "");
    const auto answer = Get(kPod);
    ASSERT_FALSE(answer) << saying;
    EXPECT_EQ(answer.error().code(), ErrorCode::kUnauthenticated);
    EXPECT_TRUE(answer.error().ToString().contains(saying)) << answer.error().ToString();
    EXPECT_TRUE(Seen().empty());
  }
  // As it is told, and with a warning (KubeconfigTest).
  ServeTls(stranger, false);
  UseKubeconfig(", insecure-skip-tls-verify: true", "");
  EXPECT_EQ(Subject(), "");
  ServeTls(server_id_, false);
  UseKubeconfig(
      ", tls-server-name: api.test, certificate-authority-data: " + Base64Encode(ca_.cert), "");
  EXPECT_EQ(Subject(), "");
}

// The API server says no more than "Unauthorized".
TEST_F(CertificateTest, AnExpiredClientCertificateIsNamed) {
  ServeTls(server_id_, false);
  const Identity old = MakeIdentity("old-admin", "DNS:me", &ca_, -7200, -3600);
  UseKubeconfig(", certificate-authority-data: " + Base64Encode(ca_.cert),
                "client-certificate-data: " + Base64Encode(old.cert) +
                    ", client-key-data: " + Base64Encode(old.key));
  const auto answer = Get(kSecret);
  ASSERT_FALSE(answer);
  EXPECT_TRUE(
      answer.error().ToString().contains("the client certificate (CN=old-admin) expired at 20"))
      << answer.error().ToString();
}

TEST_F(CertificateTest, ThroughTheProxyOfTheKubeconfigAndAsSomebodyElse) {
  ServeTls(server_id_, false);
  net::Loop proxy_loop("proxy");
  net::testing::TestProxy proxy(proxy_loop, {});
  UseKubeconfig(", tls-server-name: api.test, proxy-url: 'http://me:pw@" + proxy.address() +
                    "', certificate-authority-data: " + Base64Encode(ca_.cert),
                "token: t0, as: jane, as-uid: '7', as-groups: [dev, 'ops:all'], "
                "as-user-extra: {example.com/team: [a, b], 'x y%': [c]}");
  EXPECT_EQ(Subject(), "");
  ASSERT_EQ(proxy.asked().size(), 1u);
  EXPECT_TRUE(proxy.asked()[0].contains("Proxy-Authorization: Basic " + Base64Encode("me:pw")));
  std::vector<std::pair<std::string, std::string>> seen;
  const std::vector<net::HttpRequest> requests = Seen();
  for (const net::Header& field : requests.at(0).headers) {
    if (field.name.starts_with("impersonate") || field.name == "authorization") {
      seen.emplace_back(field.name, field.value);
    }
  }
  std::ranges::sort(seen);
  EXPECT_EQ(seen, (std::vector<std::pair<std::string, std::string>>{
                      {"authorization", "Bearer t0"},
                      {"impersonate-extra-example.com%2fteam", "a"},
                      {"impersonate-extra-example.com%2fteam", "b"},
                      {"impersonate-extra-x%20y%25", "c"},
                      {"impersonate-group", "dev"},
                      {"impersonate-group", "ops:all"},
                      {"impersonate-uid", "7"},
                      {"impersonate-user", "jane"}}));
  client_.reset();
}

}  // namespace
}  // namespace swell::kube
