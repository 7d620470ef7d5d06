#include "renderer/kustomize/git_url.h"

#include <gtest/gtest.h>

namespace swell::kustomize {
namespace {

TEST(GitUrlTest, SplitsAsKustomizeDoes) {
  struct Case {
    const char* text;
    const char* clone;
    const char* folder;
    const char* ref;
  };
  // As kustomize 5.8.1 hands them to git (`kustomize build` with a git that prints its arguments).
  const Case kCases[] = {
      {"github.com/acme/deploy", "https://github.com/acme/deploy", "", ""},
      {"GitHub.com/acme/deploy/base?ref=v1", "https://github.com/acme/deploy", "base", "v1"},
      {"github.com:acme/deploy/a/b", "https://github.com/acme/deploy", "a/b", ""},
      {"http://github.com/acme/deploy", "https://github.com/acme/deploy", "", ""},
      {"hTTps://github.com/acme/deploy.git/base", "https://github.com/acme/deploy.git", "base", ""},
      {"git@github.com:acme/deploy.git//base?ref=main", "git@github.com:acme/deploy.git", "base",
       "main"},
      {"git@github.com/acme/deploy", "git@github.com:acme/deploy", "", ""},
      {"ssh://git@github.com/acme/deploy//base", "git@github.com:acme/deploy", "base", ""},
      {"ssh://acme-1@github.com/acme/deploy", "acme-1@github.com:acme/deploy", "", ""},
      {"git::git@github.com:acme/deploy", "git@github.com:acme/deploy", "", ""},
      {"git::https://git.example.com/acme/deploy", "https://git.example.com/acme/deploy", "", ""},
      {"git@git.example.com:team/deploy.git?ref=v0.1.0", "git@git.example.com:team/deploy.git", "",
       "v0.1.0"},
      {"git@git.example.com/team/deploy.git//base", "git@git.example.com/team/deploy.git", "base",
       ""},
      {"git@git.example.com/team:x/deploy.git/base", "git@git.example.com/team:x/deploy.git",
       "base", ""},
      {"ssh://git.example.com:7999/team/deploy/base", "ssh://git.example.com:7999/team/deploy",
       "base", ""},
      {"https://example.org/path/to/repo//overlays/dev/?ref=v1.0.6",
       "https://example.org/path/to/repo", "overlays/dev/", "v1.0.6"},
      {"https://example.org/path/to/repo.git/overlays/dev", "https://example.org/path/to/repo.git",
       "overlays/dev", ""},
      {"https://dev.example.com/org/project/_git/repo/a/b?version=v1",
       "https://dev.example.com/org/project/_git/repo", "a/b", "v1"},
      {"https://me@dev.example.com/org/project/_git/repo//a",
       "https://me@dev.example.com/org/project/_git/repo", "a", ""},
      {"https://example.org/a/b?ref=x&version=y", "https://example.org/a/b", "", "x"},
      {"https://example.org/a/b?ref=group%2Fv1+2", "https://example.org/a/b", "", "group/v1 2"},
      {"https://example.org/a/b?ref=%zz", "https://example.org/a/b", "", ""},
      {"https://example.org/a/b/?ref=has.git/in_git/it", "https://example.org/a/b", "",
       "has.git/in_git/it"},
      {"file:///srv/git/deploy", "file:///srv/git/deploy", "", ""},
      {"file:///srv/git/deploy//base?ref=v1", "file:///srv/git/deploy", "base", "v1"},
      {"file:///srv/git/deploy.git/base", "file:///srv/git/deploy.git", "base", ""},
      {"file://git@home/deploy.git//base", "file://git@home/deploy.git", "base", ""},
      {"alice@team/deploy/base", "alice@team/deploy/base", "", ""},
  };
  for (const Case& c : kCases) {
    const auto url = ParseGitUrl(c.text);
    ASSERT_TRUE(url) << c.text << ": " << url.error().ToString();
    EXPECT_EQ(url->CloneSpec(), c.clone) << c.text;
    EXPECT_EQ(url->folder, c.folder) << c.text;
    EXPECT_EQ(url->ref, c.ref) << c.text;
    EXPECT_EQ(url->raw, c.text);
  }
}

TEST(GitUrlTest, OthersArePathsInKustomizesWords) {
  struct Case {
    const char* text;
    const char* why;
  };
  const Case kCases[] = {
      {"/srv/git/deploy", "uri looks like abs path: /srv/git/deploy"},
      {"../base", "failed to parse scheme"},
      {"base", "failed to parse scheme"},
      {"", "failed to parse scheme"},
      {"src/github.com/acme/deploy", "failed to parse scheme"},
      {"charts.git/base", "failed to parse scheme"},
      {"ext::sh -c touch% /tmp/x", "failed to parse scheme"},
      {"--upload-pack=/bin/sh", "failed to parse scheme"},
      {"git://example.org/a/b", "failed to parse scheme"},
      {"oci://example.org/a/b", "failed to parse scheme"},
      {"gh:acme/deploy", "failed to parse scheme"},
      {"git::___", "failed to parse scheme"},
      {"github.com!acme/deploy.git//base", "failed to parse scheme"},
      {"ssh://git.example.com", "failed to parse repo path segment"},
      {"https://example.org?ref=a/b", "failed to parse repo path segment"},
      {"https://github.com/only.yaml", "failed to parse repo path segment"},
      {"file:////srv//base", "failed to parse repo path segment"},
      {"https://github.com/acme/deploy.git//a/../../b",
       "url path exits repo: acme/deploy.git//a/../../b"},
  };
  for (const Case& c : kCases) {
    const auto url = ParseGitUrl(c.text);
    ASSERT_FALSE(url) << c.text;
    EXPECT_EQ(url.error().message(), c.why) << c.text;
  }
}

TEST(GitUrlTest, TimeoutsAndSubmodules) {
  struct Case {
    const char* query;
    Duration timeout;
    bool submodules;
  };
  using namespace std::chrono_literals;
  const Case kCases[] = {{"", 27s, true},
                         {"?timeout=61", 61s, true},
                         {"?timeout=1m5s", 65s, true},
                         {"?timeout=0", 27s, true},
                         {"?timeout=-5s", 27s, true},
                         {"?timeout=soon", 27s, true},
                         {"?submodules=0", 27s, false},
                         {"?submodules=False", 27s, false},
                         {"?submodules=no", 27s, true},
                         {"?timeout=3;x=1", 27s, true}};
  for (const Case& c : kCases) {
    const auto url = ParseGitUrl("https://example.org/a/b" + std::string(c.query));
    ASSERT_TRUE(url) << c.query;
    EXPECT_EQ(url->timeout, c.timeout) << c.query;
    EXPECT_EQ(url->submodules, c.submodules) << c.query;
  }
}

TEST(GitUrlTest, NamesLeaveOutWhatSaysNothingOfTheContent) {
  struct Case {
    const char* text;
    const char* url;
  };
  const Case kCases[] = {
      {"HTTPS://Example.ORG/Acme/Deploy//x?ref=v1&timeout=5", "https://example.org/Acme/Deploy"},
      {"https://me@Dev.example.com/o/p/_git/r", "https://dev.example.com/o/p/_git/r"},
      {"git@Example.org:Acme/Deploy.git", "git@example.org:Acme/Deploy.git"},
      {"ssh://Git@Example.org/Acme/Deploy", "ssh://Git@example.org/Acme/Deploy"},
      {"https-user@host:a/b.git", "https-user@host:a/b.git"},
  };
  for (const Case& c : kCases) {
    const auto url = ParseGitUrl(c.text);
    ASSERT_TRUE(url) << c.text;
    EXPECT_EQ(NameOf(*url).url, c.url) << c.text;
  }
}

TEST(GitUrlTest, FilesAreHttpUrls) {
  EXPECT_TRUE(IsHttpUrl("https://example.org/a.yaml?x=%zz"));
  EXPECT_TRUE(IsHttpUrl("HTTP://example.org"));
  EXPECT_FALSE(IsHttpUrl("https://example.org/%zz"));
  EXPECT_FALSE(IsHttpUrl("https:/example.org"));
  EXPECT_FALSE(IsHttpUrl("ssh://example.org/a.yaml"));
  EXPECT_TRUE(EndsAsFile("https://example.org/a.yaml?ref=v1"));
  EXPECT_FALSE(EndsAsFile("https://example.org/a?file=b.yaml"));
}

}  // namespace
}  // namespace swell::kustomize
