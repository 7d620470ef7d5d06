#include "cli/commands/kustomize_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace swell::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Result<KustomizeBuildRequest> Parse(std::vector<std::string> words) {
  return ParseKustomizeBuild(words);
}

TEST(KustomizeFlags, AreKustomizesAndOurs) {
  const auto r = Parse({"--enable-helm", "over/lay", "--load-restrictor=LoadRestrictionsNone",
                        "--helm-kube-version", "v1.29.0", "--helm-api-versions=a/v1",
                        "--helm-api-versions", "b/v1", "--helm-command", "/usr/bin/helm", "-o",
                        "out", "--enable-remote", "--repository", "r.yaml", "--stack-trace"});
  ASSERT_TRUE(r) << r.error().ToString();
  EXPECT_EQ(r->folder, "over/lay");
  EXPECT_EQ(r->output, "out");
  EXPECT_TRUE(r->options.enable_helm);
  EXPECT_EQ(r->options.load_restrictor, kustomize::LoadRestrictor::kNone);
  EXPECT_EQ(r->options.helm.kube_version, "v1.29.0");
  EXPECT_THAT(r->options.helm.api_versions, ElementsAre("a/v1", "b/v1"));
  EXPECT_EQ(r->remotes.fetching, Fetching::kAllowed);
  EXPECT_THAT(r->remotes.repository_files, ElementsAre("r.yaml"));
}

TEST(KustomizeFlags, HaveKustomizesDefaults) {
  const auto r = Parse({});
  ASSERT_TRUE(r) << r.error().ToString();
  EXPECT_EQ(r->folder, ".");
  EXPECT_FALSE(r->options.enable_helm);
  EXPECT_EQ(r->options.load_restrictor, kustomize::LoadRestrictor::kRootOnly);
  EXPECT_EQ(r->remotes.fetching, Fetching::kNever);
  EXPECT_FALSE(Parse({"--enable-helm=false"})->options.enable_helm);
}

TEST(KustomizeFlags, RefuseByNameWhatIsNotDone) {
  const struct {
    std::vector<std::string> words;
    ErrorCode code;
    const char* message;
  } kCases[] = {
      {{"--enable-alpha-plugins"}, ErrorCode::kUnimplemented, "--enable-alpha-plugins"},
      {{"--enable-exec"}, ErrorCode::kUnimplemented, "no programs are run"},
      {{"--network=true"}, ErrorCode::kUnimplemented, "--network"},
      {{"-e", "A=b"}, ErrorCode::kUnimplemented, "-e"},
      {{"--nope"}, ErrorCode::kInvalidArgument, "unknown flag: --nope"},
      {{"--output"}, ErrorCode::kInvalidArgument, "needs an argument: --output"},
      {{"--enable-helm=maybe"}, ErrorCode::kInvalidArgument, "true or false"},
      {{"--load-restrictor", "Some"}, ErrorCode::kInvalidArgument, "legal values"},
      {{"--render-max-steps=x"}, ErrorCode::kInvalidArgument, "--render-max-steps"},
      {{"a", "b"}, ErrorCode::kInvalidArgument, "one path"},
  };
  for (const auto& c : kCases) {
    const auto r = Parse(c.words);
    ASSERT_FALSE(r) << c.words[0];
    EXPECT_EQ(r.error().code(), c.code) << r.error().ToString();
    EXPECT_THAT(r.error().ToString(), HasSubstr(c.message));
  }
}

}  // namespace
}  // namespace swell::cli
