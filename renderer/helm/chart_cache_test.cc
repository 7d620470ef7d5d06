#include "renderer/helm/chart_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "renderer/helm/helm.h"

namespace swell::helm {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

constexpr char kChartYaml[] = "apiVersion: v2\nname: web\nversion: 0.1.0\n";
constexpr char kTemplate[] = "kind: A\ndata: {{ .Values.x }}\n{{ $_ := set .Values \"x\" 0 }}";

// A tree whose folder "charts/web" has a content id, as one of Git's has; counts its reads.
class CountingTree final : public FileTree {
 public:
  CountingTree(std::string id, std::map<std::string, std::string> files)
      : id_(std::move(id)), inner_(MakeMemoryTree(std::move(files))) {}

  Result<std::string> Read(std::string_view path) const override {
    ++reads;
    return inner_->Read(path);
  }
  Result<std::vector<FileEntry>> List(std::string_view path) const override {
    return inner_->List(path);
  }
  Result<FileEntry> Stat(std::string_view path) const override { return inner_->Stat(path); }
  std::string Describe() const override { return "counting"; }
  std::string ContentId(std::string_view path) const override {
    return path == "charts/web" ? id_ : "";
  }

  mutable int reads = 0;

 private:
  const std::string id_;
  const FileTreePtr inner_;
};

std::shared_ptr<CountingTree> Tree(const std::string& id) {
  return std::make_shared<CountingTree>(
      id, std::map<std::string, std::string>{{"charts/web/Chart.yaml", kChartYaml},
                                             {"charts/web/values.yaml", "x: 1\n"},
                                             {"charts/web/templates/a.yaml", kTemplate}});
}

std::string RenderWith(const LoadedChart& chart, const std::string& set) {
  ValueSources values;
  values.set = {set};
  const auto output = Render(chart, values, {});
  return output ? TemplateStream(*output) : output.error().ToString();
}

TEST(ChartCache, ReadsAChartOncePerContent) {
  ChartCache cache;
  const auto first = Tree("1a");
  const auto loaded = cache.Load(first, "charts/web", {});
  ASSERT_TRUE(loaded) << loaded.error().ToString();
  EXPECT_GT(first->reads, 0);
  // Another commit, the same folder.
  const auto second = Tree("1a");
  EXPECT_EQ(*cache.Load(second, "charts/web", {}), *loaded);
  EXPECT_EQ(second->reads, 0);
  const auto changed = Tree("2b");
  EXPECT_NE(*cache.Load(changed, "charts/web", {}), *loaded);
  EXPECT_GT(changed->reads, 0);
}

TEST(ChartCache, LoadsAFolderWithoutContentIdEachTime) {
  ChartCache cache;
  const auto tree = Tree("");
  EXPECT_NE(*cache.Load(tree, "charts/web", {}), *cache.Load(tree, "charts/web", {}));
}

TEST(ChartCache, AsksAgainUnderOtherLimits) {
  ChartCache cache;
  const auto tree = Tree("1a");
  ASSERT_TRUE(cache.Load(tree, "charts/web", {}));
  Limits strict;
  strict.max_chart_bytes = 8;
  const auto refused = cache.Load(tree, "charts/web", strict);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kResourceExhausted);
}

TEST(ChartCache, TellsWhatLoadingLookedAt) {
  ChartCache cache;
  const auto loaded = cache.Load(Tree("1a"), "charts/web", {});
  ASSERT_TRUE(loaded);
  EXPECT_THAT((*loaded)->reads.files, Contains("templates/a.yaml"));
  EXPECT_THAT((*loaded)->reads.files, Contains(".helmignore"));
  EXPECT_THAT((*loaded)->reads.directories, Contains("templates"));
}

TEST(ChartCache, ForgetsTheLeastRecentlyUsedBeyondItsBudget) {
  const auto one = Tree("1");
  const std::size_t size = (*Load(one, "charts/web", {}))->bytes;
  ChartCache cache(2 * size + size / 2);
  for (const char* id : {"1", "2", "1", "3"}) ASSERT_TRUE(cache.Load(Tree(id), "charts/web", {}));
  const auto kept = Tree("1"), dropped = Tree("2");
  ASSERT_TRUE(cache.Load(kept, "charts/web", {}));
  EXPECT_EQ(kept->reads, 0);
  ASSERT_TRUE(cache.Load(dropped, "charts/web", {}));
  EXPECT_GT(dropped->reads, 0);
}

// Templates change values as they run; the chart that is kept must not notice.
TEST(LoadedChart, RendersAlikeEachTime) {
  const auto loaded = Load(Tree("1a"), "charts/web", {});
  ASSERT_TRUE(loaded);
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(RenderWith(**loaded, "x=7"), HasSubstr("data: 7\n"));
    EXPECT_THAT(RenderWith(**loaded, "y=7"), HasSubstr("data: 1\n"));
  }
}

TEST(LoadedChart, GivesTheSameErrorEachTime) {
  const auto tree = std::make_shared<CountingTree>(
      "1a", std::map<std::string, std::string>{{"charts/web/Chart.yaml", kChartYaml},
                                               {"charts/web/templates/a.yaml", "{{ nope }}"}});
  const auto loaded = Load(tree, "charts/web", {});
  ASSERT_TRUE(loaded);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(RenderWith(**loaded, "x=7"),
              "parse error at (web/templates/a.yaml:1): function \"nope\" not defined");
  }
}

}  // namespace
}  // namespace swell::helm
