#include "reconciler/domain/source.h"

#include <gtest/gtest.h>

namespace swell {
namespace {

TEST(Credentials, TheLongestPrefixOnAPathBoundary) {
  std::vector<Repository> all(3);
  all[0].name = "host";
  all[0].url = "https://git.example.com/";
  all[1].name = "team";
  all[1].url = "https://git.example.com/team";
  all[2].name = "bare";
  all[2].url = "https://other.example.com";
  const auto name = [&](const std::string& url) -> std::string {
    const Repository* r = CredentialsFor(all, url);
    return r ? r->name : "none";
  };
  EXPECT_EQ(name("https://git.example.com/x.git"), "host");
  EXPECT_EQ(name("https://git.example.com/team/x.git"), "team");
  EXPECT_EQ(name("https://git.example.com/teamster/x.git"), "host");
  EXPECT_EQ(name("https://other.example.com.evil/x.git"), "none");
}

TEST(SourceKey, TellsChartsFromFolders) {
  EXPECT_FALSE(IsChart({"https://git.example.com/x.git", ""}));
  EXPECT_TRUE(IsChart({"https://charts.example.com", "web"}));
  EXPECT_TRUE(IsChart({"oci://registry.example.com/charts/web", ""}));
}

}  // namespace
}  // namespace swell
