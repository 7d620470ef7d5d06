#include "reconciler/remotes/policy.h"

#include <gtest/gtest.h>

namespace swell::remotes {
namespace {

RemoteName Git(const std::string& url) {
  return {.kind = RemoteName::Kind::kGit, .url = url, .ref = "main"};
}
RemoteName File(const std::string& url) {
  return {.kind = RemoteName::Kind::kFile, .url = url, .ref = ""};
}

TEST(PolicyTest, UrlsThatGlobsAreMatchedWith) {
  struct Case {
    RemoteName name;
    const char* url;
  };
  const Case kCases[] = {
      {Git("https://example.org/acme/deploy"), "https://example.org/acme/deploy"},
      {Git("https://example.org/acme/deploy.git"), "https://example.org/acme/deploy"},
      {Git("https://example.org:8443/acme/deploy/"), "https://example.org:8443/acme/deploy"},
      {Git("git@example.org:acme/deploy.git"), "ssh://git@example.org/acme/deploy"},
      {Git("ssh://git@example.org/acme/deploy.git"), "ssh://git@example.org/acme/deploy"},
      {Git("git@example.org/acme/deploy"), "ssh://git@example.org/acme/deploy"},
      {File("https://example.org/a/b.yaml?token=x"), "https://example.org/a/b.yaml"},
      {File("https://example.org/files/a%2Fb.yaml/raw?ref=main"),
       "https://example.org/files/a%2Fb.yaml/raw"},
      {File("https://example.org/a.git"), "https://example.org/a.git"},
  };
  for (const Case& c : kCases) {
    const auto url = PolicyUrl(c.name);
    ASSERT_TRUE(url) << c.name.url << ": " << url.error().ToString();
    EXPECT_EQ(*url, c.url);
  }
}

TEST(PolicyTest, UrlsThatCouldMeanAnotherPlaceAreRefused) {
  struct Case {
    RemoteName name;
    const char* why;
  };
  const Case kCases[] = {
      {Git("file:///srv/git/deploy"), "file:// is never fetched"},
      {Git("https://example.org@evil.test/a/b"), "credentials"},
      {Git("https://user:s3cret@example.org/a/b"), "credentials"},
      {Git("https://example.org\\@evil.test/a/b"), "credentials"},
      {Git("ssh://-oProxyCommand=x@example.org/a/b"), "credentials"},
      {Git("https://example.org:x/a/b"), "port"},
      {Git("https://exa mple.org/a/b"), "host"},
      {Git("https:///a/b"), "host"},
      {Git("https://example.org/acme/../evil/deploy"), "holds . or .."},
      {Git("https://example.org/acme/%2e%2E/evil/deploy"), "holds . or .."},
      {Git("https://example.org/acme%2fdeploy"), "escaped slash"},
      {File("https://example.org/a/..%2f..%2Fb.yaml"), "holds . or .."},
      {File("https://example.org/a\\b.yaml"), "backslash"},
      {File("https://example.org/a\nb.yaml"), "control character"},
      {File("ssh://example.org/a.yaml"), "never fetched"},
  };
  for (const Case& c : kCases) {
    const auto url = PolicyUrl(c.name);
    ASSERT_FALSE(url) << c.name.url << " is " << *url;
    EXPECT_TRUE(url.error().ToString().contains(c.why)) << url.error().ToString();
    EXPECT_FALSE(url.error().ToString().contains("s3cret")) << url.error().ToString();
    EXPECT_FALSE(IsAllowed(c.name, {.url = "", .resource = "own", .globs = {"https://**"}}));
  }
}

TEST(PolicyTest, GlobsAllow) {
  struct Case {
    const char* glob;
    RemoteName name;
    bool allowed;
  };
  const Case kCases[] = {
      {"https://example.org/acme/*", Git("https://example.org/acme/deploy.git"), true},
      {"https://example.org/acme/*", Git("https://example.org/acme/team/deploy"), false},
      {"https://example.org/acme/**", Git("https://example.org/acme/team/deploy"), true},
      {"https://example.org/acme/*", Git("https://example.org/acmeother/deploy"), false},
      {"https://example.org/acme/*", Git("http://example.org/acme/deploy"), false},
      {"https://example.org/acme/*", Git("https://example.org.evil.test/acme/deploy"), false},
      {"https://example.org/acme/*", Git("https://example.org:8443/acme/deploy"), false},
      {"https://example.org/acme/*", Git("git@example.org:acme/deploy"), false},
      {"ssh://git@example.org/acme/*", Git("git@example.org:acme/deploy.git"), true},
      {"https://example.org/acme/deploy", Git("https://example.org/acme/deploy"), true},
      {"https://example.org/*/releases/*.yaml", File("https://example.org/a/releases/b.yaml?x=y"),
       true},
      {"https://example.org/acme/*", File("https://example.org/acme/a/b.yaml"), false},
  };
  for (const Case& c : kCases) {
    const Policy policy{.url = "", .resource = "own", .globs = {"https://other.test/*", c.glob}};
    EXPECT_EQ(IsAllowed(c.name, policy), c.allowed) << c.glob << " and " << c.name.url;
  }
  EXPECT_FALSE(IsAllowed(Git("https://example.org/acme/deploy"), {}));
}

TEST(PolicyTest, ChartsAreNamedBehindTheirRepository) {
  const auto chart = [](const std::string& url, const std::string& name) {
    return RemoteName{.kind = RemoteName::Kind::kChart, .url = url, .ref = "^1", .chart = name};
  };
  EXPECT_EQ(PolicyUrl(chart("https://charts.example.org/stable/", "web")).value(),
            "https://charts.example.org/stable/web");
  EXPECT_EQ(PolicyUrl(chart("oci://ghcr.example.org/acme/web", "")).value(),
            "oci://ghcr.example.org/acme/web");
  for (const RemoteName& bad :
       {chart("file:///charts", "web"), chart("ssh://git@example.org/a", "web"),
        chart("https://example.org/a", "../b"), chart("https://u:p@example.org/a", "web")}) {
    EXPECT_FALSE(PolicyUrl(bad)) << bad.url;
    EXPECT_FALSE(IsAllowed(bad, {.url = "", .resource = "own", .globs = {"https://**"}}));
  }
  const Policy policy{.url = "", .resource = "own", .globs = {"https://charts.example.org/*"}};
  EXPECT_TRUE(IsAllowed(chart("https://charts.example.org", "web"), policy));
  EXPECT_FALSE(IsAllowed(chart("https://charts.example.org/other", "web"), policy));
}

TEST(PolicyTest, RefusalsSayWhatToDo) {
  const WantedRemote wanted{.file = {},
                            .git = Git("https://example.org/acme/deploy.git"),
                            .written = "https://example.org/acme/deploy.git//web?ref=main",
                            .named_by = "app/kustomization.yaml"};
  std::vector<Repository> repositories;
  Policy policy = PolicyFor(repositories, "https://git.test/shop");
  EXPECT_EQ(CheckAllowed(*wanted.git, wanted, policy).error().message(),
            "app/kustomization.yaml: 'https://example.org/acme/deploy.git//web?ref=main' is "
            "remote, and no Repository resource allows it: declare one with url "
            "https://git.test/shop and \"https://example.org/acme/deploy\" in "
            "spec.kustomize.allowedRemotes");
  Repository repository;
  repository.name = "shop";
  repository.url = "https://git.test/";
  repositories.push_back(repository);
  policy = PolicyFor(repositories, "https://git.test/shop");
  EXPECT_EQ(CheckAllowed(*wanted.git, wanted, policy).error().message(),
            "app/kustomization.yaml: 'https://example.org/acme/deploy.git//web?ref=main' is "
            "remote, and Repository shop does not allow it: add "
            "\"https://example.org/acme/deploy\" to its spec.kustomize.allowedRemotes");
  repositories.front().allowed_remotes = {"https://example.org/acme/*"};
  EXPECT_TRUE(CheckAllowed(*wanted.git, wanted, PolicyFor(repositories, "https://git.test/shop")));
}

}  // namespace
}  // namespace swell::remotes
