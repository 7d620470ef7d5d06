#include "reconciler/kube/kubeconfig.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/core/encoding.h"
#include "base/core/strings.h"
#include "base/net/test_util.h"

namespace swell::kube {
namespace {

using net::testing::Identity;
using net::testing::MakeIdentity;

// A kubeconfig with one context, cluster and user of the given fields (JSON is YAML).
std::string Config(const std::string& cluster, const std::string& user) {
  return "apiVersion: v1\nkind: Config\ncurrent-context: ctx\ncontexts:\n"
         "- name: ctx\n  context: {cluster: cl, user: us, namespace: web}\n"
         "- name: other\n  context: {cluster: nowhere, user: us}\n"
         "clusters:\n- name: cl\n  cluster: " +
         cluster + "\nusers:\n- name: us\n  user: " + user + "\n";
}

KubeconfigOptions Options() {
  return {.file = "kc.yaml", .allowed_commands = {"/usr/bin/get-token"}};
}

class KubeconfigTest : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ = std::filesystem::temp_directory_path() /
           ("swell_kubeconfig_" + std::to_string(::getpid()) + "_" +
            ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(dir_);
    ca_ = MakeIdentity("ca", "");
    me_ = MakeIdentity("me", "DNS:me", &ca_);
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }
  void Write(const std::string& name, const std::string& text) {
    std::ofstream(dir_ / name) << text;
  }

  std::filesystem::path dir_;
  Identity ca_, me_;
};

TEST_F(KubeconfigTest, InlineData) {
  const auto access = ParseKubeconfig(
      Config("{server: 'https://h:6443', tls-server-name: api, certificate-authority-data: " +
                 Base64Encode(ca_.cert) + "}",
             "{client-certificate-data: " + Base64Encode(me_.cert) +
                 ", client-key-data: " + Base64Encode(me_.key) + ", token: t0}"),
      Options());
  ASSERT_TRUE(access) << access.error().ToString();
  EXPECT_EQ(access->server, "https://h:6443");
  EXPECT_EQ(access->tls.ca_pem, ca_.cert);
  EXPECT_EQ(access->tls.client_cert_pem, me_.cert);
  EXPECT_EQ(access->tls.client_key.Reveal(), me_.key);
  EXPECT_EQ(access->tls.server_name, "api");
  EXPECT_EQ(access->token.Reveal(), "t0");
  EXPECT_EQ(access->default_namespace, "web");
  EXPECT_TRUE(access->warnings.empty());
}

TEST_F(KubeconfigTest, FilesRelativeToTheKubeconfig) {
  Write("ca.crt", ca_.cert);
  Write("me.crt", me_.cert);
  Write("me.key", me_.key);
  const std::string text =
      Config("{server: 'https://h', certificate-authority: ca.crt}",
             "{client-certificate: me.crt, client-key: " + (dir_ / "me.key").string() +
                 ", tokenFile: tok}");
  Write("config", text);
  const auto access = LoadKubeconfig(dir_ / "config", {});
  ASSERT_TRUE(access) << access.error().ToString();
  EXPECT_EQ(access->tls.ca_pem, ca_.cert);
  EXPECT_EQ(access->tls.client_key.Reveal(), me_.key);
  EXPECT_EQ(access->token_file, dir_ / "tok");
  EXPECT_EQ(access->ca_file, dir_ / "ca.crt");
  EXPECT_EQ(access->client_cert_file, dir_ / "me.crt");
  EXPECT_EQ(access->client_key_file, dir_ / "me.key");
  // Without a folder, or where files are not allowed.
  EXPECT_TRUE(ParseKubeconfig(text, Options()).error().ToString().contains("absolute path"));
  KubeconfigOptions remote = Options();
  remote.files = KubeconfigOptions::Files::kRefuse;
  const auto refused = ParseKubeconfig(text, remote);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().ToString().contains(
      "kc.yaml: clusters[cl].cluster.certificate-authority: files of the server"))
      << refused.error().ToString();
  EXPECT_EQ(LoadKubeconfig(dir_ / "none", {}).error().code(), ErrorCode::kUnavailable);
}

TEST_F(KubeconfigTest, AFileThatIsKeptIsReadAsItIsNow) {
  KubeconfigFile file;
  const auto server = [&](const char* name) {
    const auto access = file.Load(dir_ / name, {});
    return access ? access->server : access.error().ToString();
  };
  Write("one", Config("{server: 'https://a'}", "{token: t0}"));
  Write("two", Config("{server: 'https://b'}", "{token: t0}"));
  EXPECT_EQ(server("one"), "https://a");
  EXPECT_EQ(server("one"), "https://a");
  EXPECT_EQ(server("two"), "https://b");
  Write("two", Config("{server: 'https://c'}", "{token: t0}"));
  EXPECT_EQ(server("two"), "https://c");
  Write("two", "nonsense");
  EXPECT_TRUE(server("two").contains("two: no kubeconfig")) << server("two");
  EXPECT_EQ(server("one"), "https://a");
}

TEST_F(KubeconfigTest, ProxyAndImpersonation) {
  const auto access = ParseKubeconfig(
      Config("{server: 'https://[fd00::1]:6443', proxy-url: 'https://me:p%40ss@proxy:8443'}",
             "{token: t0, as: jane, as-uid: '7', as-groups: [dev], as-user-extra: {team: [a, b]}}"),
      Options());
  ASSERT_TRUE(access) << access.error().ToString();
  ASSERT_TRUE(access->proxy);
  EXPECT_EQ(access->proxy->ToString(), "https://proxy:8443");
  EXPECT_EQ(access->proxy->password.Reveal(), "p@ss");
  EXPECT_EQ(access->impersonate,
            (Impersonation{
                .user = "jane", .uid = "7", .groups = {"dev"}, .extra = {{"team", {"a", "b"}}}}));
}

TEST_F(KubeconfigTest, UnsafeAccessIsVisible) {
  auto access = ParseKubeconfig(
      Config("{server: 'https://h', insecure-skip-tls-verify: true}", "{}"), Options());
  ASSERT_TRUE(access) << access.error().ToString();
  EXPECT_TRUE(access->tls.insecure_skip_verify);
  ASSERT_EQ(access->warnings.size(), 1u);
  EXPECT_TRUE(access->warnings[0].contains("not verified"));
  access = ParseKubeconfig(Config("{server: 'http://127.0.0.1:8001'}", "{}"), Options());
  ASSERT_TRUE(access);
  EXPECT_EQ(access->warnings.size(), 1u);
}

TEST_F(KubeconfigTest, Exec) {
  const auto exec = [](const std::string& more) {
    return Config("{server: 'https://h'}",
                  "{exec: {apiVersion: client.authentication.k8s.io/v1, " + more + "}}");
  };
  const auto access = ParseKubeconfig(
      exec("command: /usr/bin/get-token, args: [a, '1'], env: [{name: K, value: v}], "
           "provideClusterInfo: true"),
      Options());
  ASSERT_TRUE(access) << access.error().ToString();
  EXPECT_EQ(access->exec, (ExecPlugin{.api_version = "client.authentication.k8s.io/v1",
                                      .command = "/usr/bin/get-token",
                                      .args = {"a", "1"},
                                      .env = {{"K", "v"}},
                                      .provide_cluster_info = true}));
  for (const char* command : {"/bin/sh", "get-token", "/usr/bin/../bin/get-token"}) {
    const auto refused = ParseKubeconfig(exec(std::string("command: ") + command), Options());
    ASSERT_FALSE(refused) << command;
    EXPECT_EQ(refused.error().code(), ErrorCode::kPermissionDenied) << refused.error().ToString();
    EXPECT_TRUE(refused.error().ToString().contains(command)) << refused.error().ToString();
    EXPECT_TRUE(refused.error().ToString().contains("--allow-exec")) << refused.error().ToString();
  }
  EXPECT_EQ(ParseKubeconfig(exec("command: /usr/bin/get-token, interactiveMode: Always"), Options())
                .error()
                .code(),
            ErrorCode::kUnimplemented);
}

TEST_F(KubeconfigTest, RefusalsNameTheField) {
  struct Case {
    std::string text;
    ErrorCode code;
    const char* saying;
  };
  const std::string good = "{server: 'https://h'}";
  const Case cases[] = {
      {"", ErrorCode::kInvalidArgument, "no kubeconfig"},
      {"kind: Pod", ErrorCode::kInvalidArgument, "kind is not Config"},
      {"kind: Config", ErrorCode::kInvalidArgument, "current-context"},
      {"kind: Config\ncurrent-context: x", ErrorCode::kInvalidArgument,
       "context \"x\" is not in contexts"},
      {Config("{}", "{}"), ErrorCode::kInvalidArgument, "clusters[cl].cluster.server: is missing"},
      {Config("{server: h}", "{}"), ErrorCode::kInvalidArgument, "server"},
      {Config("{server: 'ftp://h'}", "{}"), ErrorCode::kInvalidArgument, "neither https nor http"},
      {Config("{server: 'https://h', proxy-url: 'ftp://u:hunter2@p'}", "{}"),
       ErrorCode::kInvalidArgument,
       "clusters[cl].cluster.proxy-url: proxy: scheme \"ftp\" is none of http, https, socks5"},
      {Config("{server: 'https://h', certificate-authority-data: '%%'}", "{}"),
       ErrorCode::kInvalidArgument, "certificate-authority-data: is not base64"},
      {Config("{server: 'https://h', certificate-authority-data: anVuaw==}", "{}"),
       ErrorCode::kInvalidArgument, "ca_pem"},
      {Config(good, "{username: u, password: hunter2}"), ErrorCode::kUnimplemented,
       "basic authentication"},
      {Config(good, "{auth-provider: {name: gcp}}"), ErrorCode::kUnimplemented, "auth-provider"},
      {Config(good, "{as-groups: [dev]}"), ErrorCode::kInvalidArgument,
       "users[us].user.as: is missing"},
      {Config(good, "{as: a, as-groups: dev}"), ErrorCode::kInvalidArgument,
       "as-groups: must be a list"},
      {Config(good, "{as: a, as-user-extra: {k: [1]}}"), ErrorCode::kInvalidArgument,
       "as-user-extra[k]: must be strings"},
      {Config(good, "{as: \"a\\nb\"}"), ErrorCode::kInvalidArgument, "line breaks"},
      {Config(good, "{token: [hunter2]}"), ErrorCode::kInvalidArgument,
       "users[us].user.token: must be a string"},
      {Config(good,
              "{token: hunter2, exec: {apiVersion: client.authentication.k8s.io/v1, "
              "command: /usr/bin/get-token}}"),
       ErrorCode::kInvalidArgument, "contradicts"},
      {Config(good, "{exec: {apiVersion: client.authentication.k8s.io/v1alpha1}}"),
       ErrorCode::kUnimplemented, "v1alpha1"},
      {Config(good, "{client-certificate-data: " + Base64Encode(me_.cert) + "}"),
       ErrorCode::kInvalidArgument, "client_key: missing"},
      {"users: [{token: hunter2", ErrorCode::kInvalidArgument, "not valid YAML"},
  };
  for (const Case& c : cases) {
    const auto access = ParseKubeconfig(c.text, Options());
    ASSERT_FALSE(access) << c.text;
    const std::string message = access.error().ToString();
    EXPECT_EQ(access.error().code(), c.code) << message;
    EXPECT_TRUE(message.contains(c.saying)) << message;
    EXPECT_TRUE(message.contains("kc.yaml")) << message;
    EXPECT_FALSE(message.contains("hunter2")) << message;
  }
  KubeconfigOptions other = Options();
  other.context = "other";
  const auto access = ParseKubeconfig(Config(good, "{}"), other);
  ASSERT_FALSE(access);
  EXPECT_TRUE(access.error().ToString().contains("\"nowhere\" is not in clusters (there are: cl)"))
      << access.error().ToString();
}

TEST_F(KubeconfigTest, SizesAreBounded) {
  KubeconfigOptions options = Options();
  options.max_bytes = 100;
  EXPECT_EQ(ParseKubeconfig(std::string(101, ' '), options).error().code(),
            ErrorCode::kResourceExhausted);
  Write("big", std::string(101, ' '));
  EXPECT_EQ(LoadKubeconfig(dir_ / "big", options).error().code(), ErrorCode::kResourceExhausted);
}

}  // namespace
}  // namespace swell::kube
