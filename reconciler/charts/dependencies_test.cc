#include "reconciler/charts/dependencies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "reconciler/charts/test_util.h"
#include "renderer/helm/helm.h"

namespace swell::charts {
namespace {

using std::chrono_literals::operator""s;
using fetch::testing::TestServer;
using testing::ChartArchive;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IndexOf;
using ::testing::IsEmpty;
using testing::TestLimits;

using Files = std::map<std::string, std::string>;

class DependenciesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::vector<testing::Indexed> index;
    for (const char* version : {"1.0.0", "1.2.0"}) {
      const std::string archive = ChartArchive("one", version);
      const std::string file = std::string("one-") + version + ".tgz";
      index.push_back({"one", version, file, Digest::Of(archive).Hex()});
      server_.Serve("/" + file, archive);
    }
    server_.ServeTagged("/index.yaml", IndexOf(index));
  }

  // A chart "app" in the folder a that depends on what is said.
  Files App(const std::string& dependencies) {
    return {{"a/Chart.yaml",
             "apiVersion: v2\nname: app\nversion: 0.1.0\ndependencies: " + dependencies + "\n"}};
  }
  std::string One(const std::string& version) {
    return "{name: one, version: \"" + version + "\", repository: \"" + server_.url() + "\"}";
  }
  // The lock that helm would write: its digest is over both lists (lock_test.cc holds that to
  // helm's own).
  std::string LockOf(const std::string& declared, const std::string& locked) {
    const auto json = [&](const std::string& version) {
      return R"([{"name":"one","version":")" + version + R"(","repository":")" + server_.url() +
             R"("}])";
    };
    return "dependencies: [" + One(locked) +
           "]\ndigest: " + Digest::Of("[" + json(declared) + "," + json(locked) + "]").ToString() +
           "\n";
  }

  Result<Completed> Complete(const Files& files) {
    return dependencies_.Complete(MakeMemoryTree(files), {"a"}, Deadline::After(20s));
  }
  std::string Error(const Files& files) {
    const auto completed = Complete(files);
    return completed ? "completed" : completed.error().ToString();
  }
  // The names in charts/, or what is wrong.
  std::vector<std::string> Charts(const Result<Completed>& completed) {
    if (!completed) return {completed.error().ToString()};
    std::vector<std::string> out;
    const auto entries = completed->tree->List("a/charts");
    if (!entries) return out;
    for (const FileEntry& entry : *entries) out.push_back(entry.name);
    return out;
  }

  // The cache's files with this suffix, which are then gone.
  std::vector<std::string> Remove(const std::string& suffix) {
    std::vector<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(scratch_.path)) {
      if (entry.path().extension() == suffix) out.push_back(entry.path().string());
    }
    for (const std::string& path : out) std::filesystem::remove(path);
    return out;
  }

  fetch::testing::Scratch scratch_;
  TestServer server_;
  Fetcher fetcher_{scratch_.path, TestLimits()};
  Dependencies dependencies_{fetcher_};
};

TEST_F(DependenciesTest, LockedOnesAreExact) {
  Files files = App("[" + One("^1") + "]");
  files["a/Chart.lock"] = LockOf("^1", "1.0.0");
  const auto completed = Complete(files);
  EXPECT_THAT(Charts(completed), ElementsAre("one-1.0.0.tgz"));
  EXPECT_THAT(completed->warnings, IsEmpty());
  const auto rendered = helm::Render(completed->tree, "a", {}, {});
  ASSERT_TRUE(rendered) << rendered.error().ToString();
  EXPECT_THAT(helm::TemplateStream(*rendered), HasSubstr("data: {v: \"1.0.0\"}"));
  EXPECT_EQ(completed->tree->ContentId("a/charts/one-1.0.0.tgz"),
            Digest::Of(ChartArchive("one", "1.0.0")).Hex());
  // Again, and after a restart: nobody is asked.
  const int before = server_.Asked();
  EXPECT_THAT(Charts(Complete(files)), ElementsAre("one-1.0.0.tgz"));
  Fetcher restarted(scratch_.path, TestLimits());
  const auto cached = Dependencies(restarted).FromCache(MakeMemoryTree(files), {"a"});
  ASSERT_TRUE(cached && cached->missing.empty());
  EXPECT_EQ(cached->tree->Read("a/charts/one-1.0.0.tgz").value(), ChartArchive("one", "1.0.0"));
  EXPECT_EQ(server_.Asked(), before);
}

TEST_F(DependenciesTest, ALockOfOtherDependenciesIsRefused) {
  Files files = App("[" + One("^1") + "]");
  files["a/Chart.lock"] = LockOf("~1.0", "1.0.0");
  EXPECT_THAT(Error(files), HasSubstr("a/Chart.lock is out of sync with Chart.yaml"));
  EXPECT_THAT(Error(files), HasSubstr("helm dependency update"));
  EXPECT_EQ(server_.Asked(), 0);
  // What lies in charts/ already needs no lock, as for helm template.
  files["a/charts/one/Chart.yaml"] = "apiVersion: v2\nname: one\nversion: 0.0.1\n";
  EXPECT_THAT(Charts(Complete(files)), ElementsAre("one"));
}

TEST_F(DependenciesTest, WithoutALockTheChoiceStaysUntilChartYamlChanges) {
  Files files = App("[" + One("^1") + "]");
  const auto completed = Complete(files);
  EXPECT_THAT(Charts(completed), ElementsAre("one-1.2.0.tgz"));
  EXPECT_THAT(completed->warnings, ElementsAre(HasSubstr("has no Chart.lock")));
  const std::string newer = ChartArchive("one", "1.3.0");
  server_.Serve("/one-1.3.0.tgz", newer);
  server_.ServeTagged("/index.yaml",
                      IndexOf({{"one", "1.3.0", "one-1.3.0.tgz", Digest::Of(newer).Hex()}}));
  EXPECT_THAT(Charts(Complete(files)), ElementsAre("one-1.2.0.tgz"));
  files["a/templates/x.yaml"] = "# another commit";
  EXPECT_THAT(Charts(Complete(files)), ElementsAre("one-1.2.0.tgz"));
  files["a/Chart.yaml"] += "description: changed\n";
  EXPECT_THAT(Charts(Complete(files)), ElementsAre("one-1.3.0.tgz"));
}

TEST_F(DependenciesTest, TheChoiceOutlivesItsArchive) {
  const Files files = App("[" + One("^1") + "]");
  EXPECT_THAT(Charts(Complete(files)), ElementsAre("one-1.2.0.tgz"));
  const std::string old = ChartArchive("one", "1.2.0"), newer = ChartArchive("one", "1.3.0");
  const testing::Indexed next = {"one", "1.3.0", "one-1.3.0.tgz", Digest::Of(newer).Hex()};
  server_.Serve("/one-1.3.0.tgz", newer);
  server_.ServeTagged("/index.yaml",
                      IndexOf({next, {"one", "1.2.0", "one-1.2.0.tgz", Digest::Of(old).Hex()}}));
  Remove(".tgz");
  const auto missing = dependencies_.FromCache(MakeMemoryTree(files), {"a"});
  EXPECT_THAT(missing->missing, ElementsAre("one 1.2.0 from " + server_.url()));
  const auto again = Complete(files);
  EXPECT_THAT(Charts(again), ElementsAre("one-1.2.0.tgz"));
  EXPECT_EQ(again->tree->Read("a/charts/one-1.2.0.tgz").value(), old);
  // The same version with another content is another chart.
  Remove(".tgz");
  auto changed = testing::ChartFiles("one", "1.2.0");
  changed["one/values.yaml"] = "a: 1\n";
  const std::string other = WriteTar(changed);
  server_.Serve("/one-1.2.0.tgz", other);
  server_.ServeTagged("/index.yaml",
                      IndexOf({next, {"one", "1.2.0", "one-1.2.0.tgz", Digest::Of(other).Hex()}}));
  const auto replaced = Complete(files);
  ASSERT_FALSE(replaced);
  EXPECT_EQ(replaced.error().code(), ErrorCode::kDataLoss);
  EXPECT_THAT(Error(files), HasSubstr("one 1.2.0 was " + Digest::Of(old).ToString()));
  // Neither is a choice that cannot be read now made anew.
  for (const std::string& note : Remove(".note")) std::filesystem::create_directory(note);
  const auto unreadable = Complete(files);
  ASSERT_FALSE(unreadable);
  EXPECT_EQ(unreadable.error().code(), ErrorCode::kUnavailable);
}

TEST_F(DependenciesTest, NothingIsAskedWhereNothingIsMissing) {
  Files files = App("[" + One("^1") + ", {name: two, version: 1.x, repository: \"\"}]");
  files["a/charts/renamed.tgz"] = ChartArchive("one", "1.0.0");
  const FileTreePtr tree = MakeMemoryTree(files);
  const auto same = dependencies_.FromCache(tree, {"a", "no/such/folder"});
  ASSERT_TRUE(same);
  EXPECT_EQ(same->tree, tree);  // "two" has no repository: helm's error comes from the render
  EXPECT_THAT(dependencies_.FromCache(MakeMemoryTree({{"a/x", ""}}), {"a"})->missing, IsEmpty());
  files.erase("a/charts/renamed.tgz");
  const auto missing = dependencies_.FromCache(MakeMemoryTree(files), {"a"});
  ASSERT_TRUE(missing);
  EXPECT_EQ(missing->tree, nullptr);
  EXPECT_THAT(missing->missing, ElementsAre("one ^1 from " + server_.url()));
  EXPECT_EQ(server_.Asked(), 0);
}

TEST_F(DependenciesTest, OfFoldersInTheSameRepository) {
  const auto local = [](const std::string& url, const std::string& version = "*") {
    return "[{name: common, version: \"" + version + "\", repository: \"" + url + "\"}]";
  };
  Files files = App(local("file://../shared/common"));
  files["shared/common/Chart.yaml"] = "apiVersion: v2\nname: common\nversion: 0.3.0\n";
  files["shared/common/templates/c.yaml"] = "kind: ConfigMap\n";
  files["shared/common/secret.txt"] = "ignored";
  files["shared/common/.helmignore"] = "*.txt\n";
  const auto completed = Complete(files);
  EXPECT_THAT(Charts(completed), ElementsAre("common-0.3.0.tgz"));
  const FileTreePtr archive =
      OpenArchive(completed->tree->Read("a/charts/common-0.3.0.tgz").value(), 1 << 20, "x").value();
  EXPECT_TRUE(archive->Stat("common/templates/c.yaml"));
  EXPECT_FALSE(archive->Stat("common/secret.txt"));
  const auto rendered = helm::Render(completed->tree, "a", {}, {});
  ASSERT_TRUE(rendered) << rendered.error().ToString();
  const std::string id = completed->tree->ContentId("a/charts/common-0.3.0.tgz");
  files["shared/common/templates/c.yaml"] = "kind: Secret\n";
  EXPECT_NE(Complete(files)->tree->ContentId("a/charts/common-0.3.0.tgz"), id);
  // A chart without a lock that has only such dependencies leaves nothing open.
  EXPECT_THAT(completed->warnings, IsEmpty());
  const auto with = [&](const std::string& dependencies) {
    Files other = files;
    other["a/Chart.yaml"] = App(dependencies)["a/Chart.yaml"];
    return Error(other);
  };
  EXPECT_THAT(with(local("file://../../outside")), HasSubstr("leaves the repository"));
  EXPECT_THAT(with(local("file:///etc")), HasSubstr("is absolute"));
  EXPECT_THAT(with(local("file://../shared")), HasSubstr("there is no chart"));
  EXPECT_THAT(with(local("file://../shared/common", "^1")), HasSubstr("does not satisfy \"^1\""));
}

TEST_F(DependenciesTest, NamesOfHelmsConfigurationAreRefused) {
  for (const char* name : {"@stable", "alias:stable"}) {
    EXPECT_THAT(
        Error(App(std::string("[{name: one, version: 1.0.0, repository: \"") + name + "\"}]")),
        HasSubstr("a name in helm's configuration"));
  }
  EXPECT_THAT(Error(App("[{name: one, version: 1.0.0, repository: stable}]")),
              HasSubstr("is no https://, http://, oci:// or file:// URL"));
}

TEST_F(DependenciesTest, FaultsSayWhichDependency) {
  EXPECT_THAT(Error(App("[" + One("^3") + "]")), HasSubstr("dependency one: chart repository"));
  EXPECT_THAT(Error(App("[" + One("^3") + "]")), HasSubstr("no version \"^3\""));
  server_.On("/index.yaml", nullptr);
  EXPECT_THAT(Error(App("[" + One("^1") + "]")), HasSubstr("index.yaml is not there"));
}

}  // namespace
}  // namespace swell::charts
