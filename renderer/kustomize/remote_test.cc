// Remote bases and files, over trees that stand for what was fetched.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "renderer/kustomize/git_url.h"
#include "renderer/kustomize/kustomize.h"
#include "renderer/source/trees.h"

namespace swell::kustomize {
namespace {

using Files = std::map<std::string, std::string>;

std::string Config(const std::string& name) {
  return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "}\n";
}

// A network of repositories and files, of which a build sees what is at hand.
class Network {
 public:
  void Repository(const std::string& url, const std::string& ref, Files files) {
    Add({.kind = RemoteName::Kind::kGit, .url = url, .ref = ref}, std::move(files));
  }
  void File(const std::string& url, const std::string& text) {
    Add({.kind = RemoteName::Kind::kFile, .url = url, .ref = ""}, {{kRemoteFile, text}});
  }

  Result<std::string> Build(Files files, Options options = {}) {
    options.remotes = remotes_;
    auto built =
        kustomize::Build(MountTree(MakeMemoryTree(std::move(files)), mounts_), "app", options);
    if (!built) return Fail(std::move(built).error());
    origins.clear();
    for (const Object& object : built->objects) origins.push_back(object.origin);
    return BuildStream(built->objects);
  }
  std::vector<WantedRemote> Wanted() { return remotes_->wanted->Take(); }

  std::vector<std::string> origins;  // of the last build

 private:
  void Add(const RemoteName& name, Files files) {
    mounts_[RemoteFolder(name)] = MakeMemoryTree(std::move(files));
    remotes_->pins[name] = "id";
  }
  std::map<std::string, FileTreePtr> mounts_;
  std::shared_ptr<Remotes> remotes_ = std::make_shared<Remotes>();
};

bool Has(const std::vector<std::string>& texts, std::string_view text) {
  return std::ranges::find(texts, text) != texts.end();
}

std::string Names(const std::vector<std::string>& resources) {
  std::string out = "resources:\n";
  for (const std::string& resource : resources) out += "- '" + resource + "'\n";
  return out;
}

TEST(RemoteTest, BasesAndFilesAreBuiltFromWhatIsAtHand) {
  Network network;
  network.Repository("https://example.org/acme/bases", "v1",
                     {{"web/kustomization.yaml", Names({"web.yaml", "../common"})},
                      {"web/web.yaml", Config("web")},
                      {"common/kustomization.yaml",
                       "configMapGenerator: [{name: gen, files: [a.txt], options: "
                       "{disableNameSuffixHash: true}}]\n"},
                      {"common/a.txt", "a"}});
  network.File("https://example.org/extra.yaml", Config("extra"));
  const auto text = network.Build(
      {{"app/kustomization.yaml", Names({"https://example.org/acme/bases//web?ref=v1",
                                         "https://example.org/extra.yaml", "own.yaml"}) +
                                      "namePrefix: x-\n"},
       {"app/own.yaml", Config("own")}});
  ASSERT_TRUE(text) << text.error().ToString();
  for (const char* name : {"name: x-web", "name: x-gen", "name: x-extra", "name: x-own"}) {
    EXPECT_TRUE(text->contains(name)) << name << " in " << *text;
  }
  EXPECT_TRUE(Has(network.origins, "https://example.org/acme/bases//web/web.yaml?ref=v1"));
  EXPECT_TRUE(Has(network.origins, "https://example.org/extra.yaml"));
  EXPECT_TRUE(network.Wanted().empty());
}

TEST(RemoteTest, AllThatIsMissingIsFoundAtOnce) {
  Network network;
  network.Repository("https://example.org/acme/bases", "",
                     {{"kustomization.yaml", Names({"https://example.org/a/nested//x"})}});
  const Files files = {
      {"app/kustomization.yaml",
       Names({"https://example.org/acme/bases.git/?ref=v2", "../local",
              "https://example.org/acme/bases", "https://example.org/one.yaml"})},
      {"local/Kustomization", Names({"github.com/acme/other?ref=v1", "missing.yaml"})}};
  const auto text = network.Build(files);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code(), ErrorCode::kUnavailable);
  EXPECT_TRUE(text.error().ToString().contains("has not been fetched yet"));
  std::map<std::string, std::string> wanted;  // what: who names it
  for (const WantedRemote& remote : network.Wanted()) {
    wanted[(remote.git ? *remote.git : *remote.file).ToString()] = remote.named_by;
  }
  const std::map<std::string, std::string> expected = {
      {"https://example.org/acme/bases.git at v2", "app/kustomization.yaml"},
      {"https://github.com/acme/other at v1", "local/Kustomization"},
      {"https://example.org/a/nested at HEAD",
       "https://example.org/acme/bases//kustomization.yaml"},
      {"https://example.org/one.yaml", "app/kustomization.yaml"}};
  EXPECT_EQ(wanted, expected);
}

TEST(RemoteTest, WhatUrlsMayBe) {
  struct Case {
    const char* url;
    bool file;
    bool git;
  };
  const Case kCases[] = {{"https://example.org/a/b", true, true},
                         {"https://example.org/a/b?ref=v1", true, true},
                         {"https://example.org/a/b//c", false, true},
                         {"https://example.org/a/b.git", false, true},
                         {"https://example.org/o/p/_git/r", false, true},
                         {"https://example.org/a/b/c.yaml", true, false},
                         {"https://example.org/a/b/c.json?token=x", true, false},
                         {"https://example.org/manifests", true, false},
                         {"ssh://git@example.org/a/b", false, true},
                         {"git@example.org:a/b.yaml", false, true}};
  for (const Case& c : kCases) {
    Network network;
    EXPECT_FALSE(network.Build({{"app/kustomization.yaml", Names({c.url})}})) << c.url;
    const auto wanted = network.Wanted();
    ASSERT_EQ(wanted.size(), 1u) << c.url;
    EXPECT_EQ(wanted[0].file.has_value(), c.file) << c.url;
    EXPECT_EQ(wanted[0].git.has_value(), c.git) << c.url;
  }
}

TEST(RemoteTest, OtherFieldsTakeFilesToo) {
  Network network;
  network.File("https://example.org/patch", "- {op: add, path: /data, value: {a: b}}\n");
  network.File("https://example.org/page/index.html", "<html>");
  const auto text = network.Build(
      {{"app/kustomization.yaml",
        Names({"own.yaml"}) +
            "patches: [{path: 'https://example.org/patch', target: {name: own}}]\n"
            "configMapGenerator: [{name: gen, files: ['https://example.org/page/index.html']}]\n"},
       {"app/own.yaml", Config("own")}});
  ASSERT_TRUE(text) << text.error().ToString();
  EXPECT_TRUE(text->contains("a: b"));
  EXPECT_TRUE(text->contains("index.html: <html>")) << *text;
}

TEST(RemoteTest, ClonesAreNotLeft) {
  struct Case {
    const char* what;
    const char* resource;
    const char* why;
  };
  const Case kCases[] = {
      {"a base of ours", "../../../ours", "must be within the repo"},
      {"a file of ours", "../../../ours/own.yaml", "is not in or below"},
      {"a file beside the base", "../beside.yaml", "is not in or below"},
      {"above all", "../../../../ours", "leaves the repository"},
      {"itself", ".", "cycle detected"},
      {"an absolute path", "/ours", "is absolute"},
      {"itself by its URL", "https://example.org/acme/bases//web", "cycle detected"},
      {"itself, spelled otherwise", "https://EXAMPLE.org/acme/bases//./web?timeout=9",
       "cycle detected"},
      {"the other, which names it", "https://example.org/acme/other//web", "cycle detected"},
      {"what is not there", "https://example.org/acme/other//nowhere", "nowhere"},
      {"a file as a base", "https://example.org/acme/other//web/kustomization.yaml",
       "refers to a file; expecting directory"},
  };
  for (const Case& c : kCases) {
    Network network;
    network.Repository(
        "https://example.org/acme/bases", "",
        {{"web/kustomization.yaml", Names({c.resource})}, {"beside.yaml", Config("beside")}});
    network.Repository(
        "https://example.org/acme/other", "",
        {{"web/kustomization.yaml", Names({"https://example.org/acme/bases//web"})}});
    // Whatever the restrictor says of the files that are ours.
    const auto text =
        network.Build({{"app/kustomization.yaml", Names({"https://example.org/acme/bases//web"})},
                       {"ours/kustomization.yaml", Names({"own.yaml"})},
                       {"ours/own.yaml", Config("own")}},
                      {.load_restrictor = LoadRestrictor::kNone});
    ASSERT_FALSE(text) << c.what << ": " << *text;
    EXPECT_TRUE(text.error().ToString().contains(c.why))
        << c.what << ": " << text.error().ToString();
    EXPECT_TRUE(network.Wanted().empty()) << c.what;
  }
}

TEST(RemoteTest, AFileOfOursComesFirst) {
  Network network;
  const Files files = {{"app/kustomization.yaml", Names({"team@site/a/own.yaml"})},
                       {"app/team@site/a/own.yaml", Config("own")}};
  EXPECT_TRUE(network.Build(files));
  // A folder does not, as kustomize has it.
  EXPECT_FALSE(network.Build({{"app/kustomization.yaml", Names({"team@site/a/own"})},
                              {"app/team@site/a/own/kustomization.yaml", Names({"own.yaml"})},
                              {"app/team@site/a/own/own.yaml", Config("own")}}));
  EXPECT_EQ(network.Wanted().size(), 1u);
}

TEST(RemoteTest, WithoutRemotesTheyAreRefused) {
  for (const char* resource : {"https://user:pass@example.org/a/b//c", "https://example.org/a.yaml",
                               "git@example.org:a/b.git"}) {
    const auto built =
        Build(MakeMemoryTree({{"app/kustomization.yaml", Names({resource})}}), "app");
    ASSERT_FALSE(built) << resource;
    EXPECT_TRUE(built.error().ToString().contains("is remote, and nothing is fetched"))
        << built.error().ToString();
    EXPECT_FALSE(built.error().ToString().contains("pass")) << built.error().ToString();
  }
}

TEST(RemoteTest, TheRootMayBeRemote) {
  Network network;
  network.Repository(
      "https://example.org/acme/bases", "v1",
      {{"web/kustomization.yaml", Names({"web.yaml"})}, {"web/web.yaml", Config("web")}});
  const auto text = network.Build({{"app/own.yaml", Config("own")}},
                                  {.remote_root = "https://example.org/acme/bases//web?ref=v1"});
  ASSERT_TRUE(text) << text.error().ToString();
  EXPECT_TRUE(text->contains("name: web"));
}

}  // namespace
}  // namespace swell::kustomize
