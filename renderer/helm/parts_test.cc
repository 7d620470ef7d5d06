// The smaller parts: ignore rules, glob patterns, splitting, sorting, versions, error texts.

#include <gtest/gtest.h>

#include "renderer/helm/capabilities.h"
#include "renderer/helm/engine_errors.h"
#include "renderer/helm/ignore.h"
#include "renderer/helm/manifests.h"
#include "renderer/helm/patterns.h"

namespace swell::helm {
namespace {

bool Ignored(std::string_view rules, std::string_view path, bool directory = false) {
  auto parsed = IgnoreRules::Parse(rules);
  EXPECT_TRUE(parsed);
  return parsed && parsed->Ignores(path, directory);
}

TEST(IgnoreRules, MatchAsHelmDoes) {
  EXPECT_TRUE(Ignored("*.bak", "a/b/c.bak"));
  EXPECT_FALSE(Ignored("*.bak", "a/b/c.yaml"));
  EXPECT_TRUE(Ignored("/docs", "docs", true));
  EXPECT_FALSE(Ignored("/docs", "a/docs", true));
  EXPECT_TRUE(Ignored("docs/", "a/docs", true));
  EXPECT_FALSE(Ignored("docs/", "docs"));
  EXPECT_TRUE(Ignored("a/*.txt", "a/x.txt"));
  EXPECT_FALSE(Ignored("a/*.txt", "a/b/x.txt"));
  // A negated rule ignores what does not match it.
  EXPECT_TRUE(Ignored("!keep.txt", "other.txt"));
  EXPECT_FALSE(Ignored("!keep.txt", "keep.txt"));
  EXPECT_TRUE(Ignored("# a comment\n\n  x.txt  ", "x.txt"));
  // Built in: dot files of templates/.
  EXPECT_TRUE(Ignored("", "templates/.hidden"));
  EXPECT_FALSE(Ignored("", "templates/shown"));
}

TEST(IgnoreRules, RefusesWhatHelmRefuses) {
  EXPECT_FALSE(IgnoreRules::Parse("a/**/b"));
  EXPECT_FALSE(IgnoreRules::Parse("[a"));
}

TEST(MatchGlob, IsGobwasGlob) {
  EXPECT_TRUE(*MatchGlob("files/*", "files/a"));
  EXPECT_FALSE(*MatchGlob("files/*", "files/a/b"));
  EXPECT_TRUE(*MatchGlob("files/**", "files/a/b"));
  EXPECT_TRUE(*MatchGlob("files/**.txt", "files/a/b.txt"));
  EXPECT_FALSE(*MatchGlob("**/*.txt", "a.txt"));
  EXPECT_TRUE(*MatchGlob("{a,b/c}?", "b/cd"));
  EXPECT_TRUE(*MatchGlob("[!a]*", "bcd"));
  EXPECT_FALSE(*MatchGlob("[a-c]x", "dx"));
  EXPECT_FALSE(MatchGlob("[", "x"));
  EXPECT_FALSE(MatchGlob("{a", "x"));
  // Many stars do not hang.
  EXPECT_FALSE(*MatchGlob("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", std::string(200, 'a')));
}

TEST(SplitManifests, CutsAtLineStarts) {
  using Texts = std::vector<std::string>;
  EXPECT_EQ(SplitManifests("a: 1\n---\nb: 2\n"), (Texts{"a: 1", "b: 2"}));
  EXPECT_EQ(SplitManifests("---\na: 1\n--- # c\nb: 2"), (Texts{"a: 1", "# c\nb: 2"}));
  EXPECT_EQ(SplitManifests("---a: 1"), (Texts{"a: 1"}));
  // White space goes with the separator, and so the second of two in a row is none.
  EXPECT_EQ(SplitManifests("x\n---\n---\na: 1"), (Texts{"x", "---\na: 1"}));
  EXPECT_EQ(SplitManifests("a: |\n  --- b\n"), (Texts{"a: |\n  --- b"}));
  EXPECT_EQ(SplitManifests(" \n\n"), Texts{});
}

TEST(SortManifests, PutsKindsInInstallOrder) {
  const auto sorted = SortManifests({
      {"c/templates/a.yaml",
       "kind: Zebra\n---\nkind: Deployment\n---\nkind: Aardvark\n---\n# only"},
      {"c/templates/b.yaml", "kind: Namespace\n---\nkind: Service"},
      {"c/templates/_p.yaml", "kind: Never"},
      {"c/templates/h.yaml",
       "kind: Job\nmetadata: {annotations: {helm.sh/hook: ' Test , pre-install'}}"},
      {"c/templates/u.yaml", "kind: Job\nmetadata: {annotations: {helm.sh/hook: crd-install}}"},
  });
  ASSERT_TRUE(sorted);
  std::string kinds;
  for (const Manifest& m : sorted->manifests) kinds += m.kind + " ";
  EXPECT_EQ(kinds, "Namespace Service Deployment  Aardvark Zebra ");
  ASSERT_EQ(sorted->hooks.size(), 1u);
  EXPECT_TRUE(sorted->hooks[0].is_test);
}

TEST(SortManifests, RefusesWhatIsNoObject) {
  const std::pair<const char*, const char*> cases[] = {
      {"a: b: c",
       "YAML parse error on c/t.yaml: error converting YAML to JSON: yaml: mapping values are not "
       "allowed in this context"},
      {"kind: X\nmetadata: {annotations: {a: [1]}}",
       "YAML parse error on c/t.yaml: error unmarshaling JSON: while decoding JSON: json: cannot "
       "unmarshal array into Go struct field SimpleHead.metadata.annotations of type string"},
      {"- a",
       "YAML parse error on c/t.yaml: error unmarshaling JSON: while decoding JSON: json: cannot "
       "unmarshal array into Go value of type util.SimpleHead"},
  };
  for (const auto& [text, expected] : cases) {
    const auto sorted = SortManifests({{"c/t.yaml", text}});
    ASSERT_FALSE(sorted) << text;
    EXPECT_EQ(sorted.error().ToString(), expected);
  }
}

TEST(SortManifests, IsTheSameOnSeveralThreads) {
  std::map<std::string, std::string> files;
  for (int i = 0; i < 40; ++i) {
    files["c/t" + std::to_string(i) + ".yaml"] =
        "kind: Deployment\nmetadata: {name: d" + std::to_string(i) +
        "}\ndata: " + std::string(8000, 'x') + "\n---\nkind: Service\nmetadata: {name: s}\n";
  }
  const auto one = SortManifests(files, 1);
  const auto two = SortManifests(files, 2);
  ASSERT_TRUE(one && two);
  ASSERT_EQ(one->manifests.size(), 80u);
  ASSERT_EQ(two->manifests.size(), 80u);
  for (std::size_t i = 0; i < 80; ++i) {
    EXPECT_EQ(one->manifests[i].source, two->manifests[i].source);
    EXPECT_EQ(one->manifests[i].text, two->manifests[i].text);
    EXPECT_EQ(one->manifests[i].content, two->manifests[i].content);
  }
  files["c/t20.yaml"] = files["c/t30.yaml"] = "- no object";
  const auto failed = SortManifests(files, 2);
  ASSERT_FALSE(failed);
  EXPECT_TRUE(failed.error().ToString().contains("c/t20.yaml")) << failed.error().ToString();
}

TEST(KubeVersion, IsReadAsHelmReadsIt) {
  const auto version = ParseKubeVersion("v1.27.3-gke.100+b");
  ASSERT_TRUE(version);
  EXPECT_EQ(version->version, "v1.27.3-gke.100+b");
  EXPECT_EQ(version->normalized, "v1.27.3");
  EXPECT_EQ(version->minor, "27");
  EXPECT_EQ(ParseKubeVersion("1.25")->version, "v1.25");
  for (const char* bad : {"bad", "1", "", "v", "1.x", "01.2"}) {
    EXPECT_FALSE(ParseKubeVersion(bad)) << bad;
  }
  EXPECT_EQ(DefaultApiVersions().size(), 57u);
}

TEST(EngineErrors, AreShownAsHelmShowsThem) {
  EXPECT_EQ(CleanParseError("c/a.yaml", "template: c/a.yaml:3: function \"x\" not defined"),
            "parse error at (c/a.yaml:3): function \"x\" not defined");
  EXPECT_EQ(
      ReformatExecError("template: c/a.yaml:1:6: executing \"c/a.yaml\" at <include \"t\" .>: "
                        "error calling include: template: c/_t.tpl:1:30: executing \"t\" at "
                        "<.Values.a.b>: nil pointer evaluating interface {}.b"),
      "c/a.yaml:1:6\n  executing \"c/a.yaml\" at <include \"t\" .>:\n    error calling "
      "include:\nc/_t.tpl:1:30\n  executing \"t\" at <.Values.a.b>:\n    nil pointer "
      "evaluating interface {}.b");
  // A level that is no template error leaves the chain as it is.
  const std::string raw =
      "template: c/a.yaml:1:3: executing \"c/a.yaml\" at <eq 1 1.0>: error calling eq: "
      "incompatible "
      "types for comparison";
  EXPECT_EQ(ReformatExecError(raw), raw);
  EXPECT_EQ(
      ReformatExecError("template: c/a.yaml:1:3: executing \"c/a.yaml\" at <fail \"x\">: error "
                        "calling fail: " +
                        MarkMessage("two\nlines: here")),
      "execution error at (c/a.yaml:1:3): two\nlines: here");
}

}  // namespace
}  // namespace swell::helm
