#include "reconciler/kube/exec_plugin.h"

#include <gtest/gtest.h>

namespace swell::kube {
namespace {

using std::chrono::milliseconds;

constexpr char kV1[] = "client.authentication.k8s.io/v1";

ExecPlugin Shell(const std::string& script) {
  return {
      .api_version = kV1, .command = "/bin/sh", .args = {"-c", script}, .env = {{"MINE", "yes"}}};
}

std::string Printing(const std::string& status) {
  return R"(echo '{"kind":"ExecCredential","apiVersion":")" + std::string(kV1) + R"(","status":)" +
         status + "}'";
}

TEST(ExecPluginTest, GivesATokenWithItsExpiry) {
  const auto credential = RunExecPlugin(
      Shell(Printing(R"({"token":"t","expirationTimestamp":"2030-01-02T03:04:05Z"})")), {});
  ASSERT_TRUE(credential) << credential.error().ToString();
  EXPECT_EQ(credential->token.Reveal(), "t");
  ASSERT_TRUE(credential->expires);
  EXPECT_EQ(FormatTimestamp(*credential->expires), "2030-01-02T03:04:05Z");
}

TEST(ExecPluginTest, TheEnvironmentIsWhatIsAllowed) {
  setenv("SWELL_TEST_SECRET", "leak", 1);
  ClusterAccess access;
  access.server = "https://h:1";
  ExecPlugin plugin = Shell(
      "[ \"$MINE\" = yes ] && [ -z \"$SWELL_TEST_SECRET\" ] && [ -n \"$PATH\" ] || exit 3; "
      "case \"$KUBERNETES_EXEC_INFO\" in *'\"server\":\"https://h:1\"'*) ;; *) exit 4;; esac; " +
      Printing(R"({"token":"t"})"));
  plugin.provide_cluster_info = true;
  const auto credential = RunExecPlugin(plugin, access);
  EXPECT_TRUE(credential) << credential.error().ToString();
}

TEST(ExecPluginTest, FailuresSayWhyWithoutTheOutput) {
  auto failed = RunExecPlugin(Shell("echo hunter2; echo 'no login: run x' >&2; exit 7"), {});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), ErrorCode::kUnauthenticated);
  EXPECT_TRUE(failed.error().ToString().contains("exit code 7")) << failed.error().ToString();
  EXPECT_TRUE(failed.error().ToString().contains("no login: run x")) << failed.error().ToString();
  EXPECT_FALSE(failed.error().ToString().contains("hunter2"));
  ExecPlugin missing = Shell("");
  missing.command = "/no/such/plugin";
  failed = RunExecPlugin(missing, {});
  ASSERT_FALSE(failed);
  EXPECT_TRUE(failed.error().ToString().contains("/no/such/plugin")) << failed.error().ToString();
}

TEST(ExecPluginTest, TimeAndOutputAreBounded) {
  const auto start = std::chrono::steady_clock::now();
  // The grandchild holds the pipe open: it must go too.
  auto slow = RunExecPlugin(Shell("sleep 60 & sleep 60"), {}, {.timeout = milliseconds(200)});
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().code(), ErrorCode::kDeadlineExceeded);
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(5000));
  // Its output is closed, but it does not end.
  slow = RunExecPlugin(Shell("exec >&- 2>&-; sleep 60"), {}, {.timeout = milliseconds(200)});
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().code(), ErrorCode::kDeadlineExceeded);
  const auto loud = RunExecPlugin(Shell("while :; do echo xxxxxxxxxxxxxxxxxxxx; done"), {},
                                  {.max_output_bytes = 10'000});
  ASSERT_FALSE(loud);
  EXPECT_EQ(loud.error().code(), ErrorCode::kResourceExhausted);
}

TEST(ExecPluginTest, BadCredentialsAreRefused) {
  const std::string head = R"({"kind":"ExecCredential","apiVersion":")" + std::string(kV1) + "\"";
  const std::string cases[] = {
      "",
      "hunter2",
      "[]",
      R"({"kind":"Pod"})",
      R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","status":{"token":"hunter2"}})",
      head + "}",
      head + R"(,"status":{}})",
      head + R"(,"status":{"clientCertificateData":"x"}})",
      head + R"(,"status":{"token":"hunter2\r\nX: y"}})",
      head + R"(,"status":{"token":"hunter2","expirationTimestamp":"tomorrow"}})",
  };
  for (const std::string& text : cases) {
    const auto credential = ParseExecCredential(text, kV1);
    ASSERT_FALSE(credential) << text;
    EXPECT_EQ(credential.error().code(), ErrorCode::kUnauthenticated);
    EXPECT_FALSE(credential.error().ToString().contains("hunter2"))
        << credential.error().ToString();
  }
}

}  // namespace
}  // namespace swell::kube
