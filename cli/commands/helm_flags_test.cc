#include "cli/commands/helm_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace swell::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Result<HelmTemplateRequest> Parse(std::vector<std::string> words) {
  return ParseHelmTemplate(words);
}

TEST(HelmFlags, TakesEveryFormOfAFlag) {
  const auto r = Parse({"rel", "--set", "a=1,b=2", "--set=c=3", "-nshop", "-f", "x.yaml,y.yaml",
                        "--values=z.yaml", "-a=v1", "--include-crds", "--is-upgrade=false", "-s",
                        "templates/a.yaml", "--", "-chart"});
  ASSERT_TRUE(r) << r.error().ToString();
  EXPECT_THAT(r->positional, ElementsAre("rel", "-chart"));
  EXPECT_THAT(r->values.set, ElementsAre("a=1,b=2", "c=3"));
  EXPECT_EQ(r->options.ns, "shop");
  EXPECT_THAT(r->value_files, ElementsAre("x.yaml", "y.yaml", "z.yaml"));
  EXPECT_THAT(r->options.api_versions, ElementsAre("v1"));
  EXPECT_TRUE(r->options.include_crds);
  EXPECT_FALSE(r->options.is_upgrade);
  EXPECT_THAT(r->show_only, ElementsAre("templates/a.yaml"));
}

TEST(HelmFlags, TakesWhatChangesNothing) {
  const auto r =
      Parse({"--wait", "--wait=watcher", "--timeout", "5m", "--kube-context=x", "--qps", "5",
             "--validate=false", "--create-namespace", "-l", "a=b", "--dry-run", "chart"});
  ASSERT_TRUE(r) << r.error().ToString();
  EXPECT_THAT(r->positional, ElementsAre("chart"));
}

TEST(HelmFlags, RefusesByNameWhatItCannotDo) {
  for (const char* flag : {"--output-dir", "--post-renderer", "-g", "--name-template", "--verify",
                           "--enable-dns", "--username", "--dependency-update"}) {
    const auto r = Parse({flag, "x", "chart"});
    ASSERT_FALSE(r) << flag;
    EXPECT_EQ(r.error().code(), ErrorCode::kUnimplemented) << flag;
    EXPECT_THAT(r.error().message(), HasSubstr(flag));
  }
  const auto server = Parse({"--dry-run=server", "chart"});
  ASSERT_FALSE(server);
  EXPECT_THAT(server.error().message(), HasSubstr("swell diff"));
}

TEST(HelmFlags, RefusesWhatIsWrong) {
  const struct {
    std::vector<std::string> words;
    const char* message;
  } kCases[] = {
      {{"--nope", "x"}, "unknown flag: --nope"},
      {{"--set"}, "flag needs an argument: --set"},
      {{"--include-crds=maybe"}, "invalid argument \"maybe\" for \"--include-crds\" flag"},
      {{"--render-max-steps=x"}, "--render-max-steps"},
  };
  for (const auto& c : kCases) {
    const auto r = Parse(c.words);
    ASSERT_FALSE(r) << c.message;
    EXPECT_THAT(r.error().ToString(), HasSubstr(c.message));
  }
}

}  // namespace
}  // namespace swell::cli
