#include "renderer/pipeline/cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/value/json.h"

namespace swell {
namespace {

using Files = std::map<std::string, std::string>;

std::string ConfigMap(const std::string& name, const std::string& value = "v") {
  return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "}\ndata: {k: " + value +
         "}\n";
}

// Counts what is asked of it, and can fail like a broken store.
class CountingTree final : public FileTree {
 public:
  explicit CountingTree(Files files) : inner_(MakeMemoryTree(std::move(files))) {}
  Result<std::string> Read(std::string_view path) const override {
    ++reads;
    if (broken) return Fail(Unavailable("the store is gone"));
    return inner_->Read(path);
  }
  Result<std::vector<FileEntry>> List(std::string_view path) const override {
    if (broken) return Fail(Unavailable("the store is gone"));
    return inner_->List(path);
  }
  Result<FileEntry> Stat(std::string_view path) const override {
    if (broken) return Fail(Unavailable("the store is gone"));
    return inner_->Stat(path);
  }
  std::string Describe() const override { return "counting"; }
  std::string ContentId(std::string_view path) const override {
    ++ids;
    return broken ? "" : inner_->ContentId(path);
  }
  mutable std::atomic<int> reads = 0;
  mutable std::atomic<int> ids = 0;  // of contents that were asked for
  std::atomic<bool> broken = false;

 private:
  FileTreePtr inner_;
};

TEST(RenderCache, CommitsThatTouchNothingReadDoNotRenderAgain) {
  RenderCache cache;
  const RenderRequest request{.application = "web", .path = "app"};
  Files files = {{"app/a.yaml", ConfigMap("a")}, {"other/b.yaml", ConfigMap("b")}};
  const auto first = cache.Render(MakeMemoryTree(files), request);
  ASSERT_TRUE(first) << first.error().ToString();

  files["other/b.yaml"] = "changed";
  files["app/README"] = "this adds an entry to a listed folder";
  files["app/sub/x.yaml"] = ConfigMap("x");
  // The listing of app changed: that is an input, so this one renders.
  ASSERT_TRUE(cache.Render(MakeMemoryTree(files), request));
  EXPECT_EQ(cache.Stats().renders, 2u);
  files["app/README"] = "other text";
  files["app/sub/x.yaml"] = ConfigMap("y");
  files["other/c.yaml"] = "new";
  const auto third = cache.Render(MakeMemoryTree(files), request);
  ASSERT_TRUE(third);
  EXPECT_EQ(cache.Stats().renders, 2u);
  EXPECT_EQ(cache.Stats().hits, 1u);
  EXPECT_EQ((*third)->digest, (*first)->digest);

  files["app/a.yaml"] = ConfigMap("a", "changed");
  const auto changed = cache.Render(MakeMemoryTree(files), request);
  EXPECT_EQ(cache.Stats().renders, 3u);
  EXPECT_NE((*changed)->digest, (*first)->digest);
  // A file whose absence was noted appears.
  files["app/kustomization.yaml"] = "resources: [a.yaml]\n";
  ASSERT_TRUE(cache.Render(MakeMemoryTree(files), request));
  EXPECT_EQ(cache.Stats().renders, 4u);
  // Back to an older state: still known.
  files.erase("app/kustomization.yaml");
  ASSERT_TRUE(cache.Render(MakeMemoryTree(files), request));
  EXPECT_EQ(cache.Stats().renders, 4u);
}

TEST(RenderCache, ClustersShareWhatDoesNotDependOnThem) {
  RenderCache cache;
  const auto tree =
      MakeMemoryTree({{"prod/a.yaml", ConfigMap("a")}, {"dev/a.yaml", ConfigMap("d")}});
  RenderRequest request{.application = "web", .path = "{{ .cluster.labels.env }}"};
  for (int i = 0; i < 20; ++i) {
    request.cluster = {.name = "c" + std::to_string(i),
                       .labels = {{"env", i % 2 ? "prod" : "dev"}, {"n", std::to_string(i)}},
                       .kube_version = "v1.3" + std::to_string(i % 7)};
    ASSERT_TRUE(cache.Render(tree, request));
  }
  EXPECT_EQ(cache.Stats().renders, 2u);
  EXPECT_EQ(cache.Stats().hits, 18u);
}

// As a fleet does: every cluster asks about the same commit, with an older one's render at hand.
TEST(RenderCache, WhatWasReadIsLookedUpOnceATree) {
  RenderCache cache;
  RenderRequest request{.application = "web", .path = "app"};
  const auto older = std::make_shared<CountingTree>(Files{{"app/a.yaml", ConfigMap("a", "older")}});
  const auto newer = std::make_shared<CountingTree>(Files{{"app/a.yaml", ConfigMap("a", "newer")}});
  const auto ask = [&](const std::shared_ptr<CountingTree>& tree, int cluster) {
    request.cluster.name = "c" + std::to_string(cluster);
    return (*cache.Render(tree, request))->digest;
  };
  const Digest first = ask(older, 0), second = ask(newer, 0);
  EXPECT_NE(first, second);
  const int looked = newer->ids;
  for (int i = 1; i < 20; ++i) EXPECT_EQ(ask(newer, i), second);
  EXPECT_EQ(newer->ids, looked);
  EXPECT_EQ(ask(older, 1), first);
  EXPECT_EQ(ask(newer, 1), second);
  EXPECT_EQ(cache.Stats().renders, 2u);
}

TEST(RenderCache, KustomizeParametersCountOnceFactsAreInThem) {
  RenderCache cache;
  Files files = {{"app/kustomization.yaml", "resources: [a.yaml]\n"},
                 {"app/a.yaml", ConfigMap("a")}};
  RenderRequest request{.application = "web", .path = "app"};
  request.kustomize = json::Parse(R"({"commonLabels":{"env":"{{ .cluster.labels.env }}"},
                          "components":["part"],"ignoreMissingComponents":true})")
                          .value();
  const auto for_cluster = [&](const std::string& name, const std::string& env) {
    request.cluster = {.name = name, .labels = {{"env", env}, {"other", name}}};
    const auto manifest = cache.Render(MakeMemoryTree(files), request);
    EXPECT_TRUE(manifest) << manifest.error().ToString();
    return manifest ? (*manifest)->digest : Digest();
  };
  const Digest prod = for_cluster("c1", "prod");
  EXPECT_EQ(for_cluster("c2", "prod"), prod);
  EXPECT_EQ(cache.Stats().renders, 1u);
  EXPECT_NE(for_cluster("c3", "test"), prod);
  EXPECT_EQ(cache.Stats().renders, 2u);
  // A component that was left out because it was missing is an input as well.
  files["app/part/kustomization.yaml"] =
      "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nnamePrefix: p-\n";
  EXPECT_NE(for_cluster("c1", "prod"), prod);
  EXPECT_EQ(cache.Stats().renders, 3u);
}

TEST(RenderCache, CapabilitiesCountWhereTheChartReadsThem) {
  RenderCache cache;
  Files files = {{"Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"},
                 {"templates/a.yaml",
                  "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
                  "data: {v: {{ .Capabilities.KubeVersion.Version }}}\n"}};
  RenderRequest request{.application = "web"};
  const auto render = [&](const char* version) {
    request.cluster.kube_version = version;
    const auto manifest = cache.Render(MakeMemoryTree(files), request);
    return manifest ? (*manifest)->objects[0].value["data"]["v"].str()
                    : manifest.error().ToString();
  };
  EXPECT_EQ(render("v1.30.0"), "v1.30.0");
  EXPECT_EQ(render("v1.31.0"), "v1.31.0");
  EXPECT_EQ(render("v1.30.0"), "v1.30.0");
  EXPECT_EQ(cache.Stats().renders, 2u);
}

TEST(RenderCache, EveryParameterCounts) {
  RenderCache cache;
  const auto tree = MakeMemoryTree({{"a.yaml", ConfigMap("a")}, {"b/c.yaml", ConfigMap("c")}});
  RenderRequest request{.application = "web"};
  ASSERT_TRUE(cache.Render(tree, request));
  request.revision = "1a2b3c";  // provenance alone
  ASSERT_TRUE(cache.Render(tree, request));
  EXPECT_EQ(cache.Stats().renders, 1u);
  request.ns = "web";
  ASSERT_TRUE(cache.Render(tree, request));
  request.directory.recurse = true;
  ASSERT_TRUE(cache.Render(tree, request));
  request.directory.exclude = "b/*";
  ASSERT_TRUE(cache.Render(tree, request));
  ASSERT_TRUE(cache.Render(tree, request, {.max_objects = 5}));
  EXPECT_EQ(cache.Stats().renders, 5u);
}

TEST(RenderCache, BytesAreBounded) {
  RenderCache cache({.max_bytes = 6000});
  const RenderRequest request{.application = "web"};
  for (int i = 0; i < 20; ++i) {
    const Files files = {{"a.yaml", ConfigMap("a" + std::to_string(i), std::string(500, 'x'))}};
    ASSERT_TRUE(cache.Render(MakeMemoryTree(files), request));
    EXPECT_LE(cache.Stats().bytes, 6000u);
  }
  EXPECT_GT(cache.Stats().evictions, 10u);
  EXPECT_GT(cache.Stats().entries, 0u);
  // The newest is held, the oldest is gone.
  const auto again = [&](int i) {
    const auto before = cache.Stats().renders;
    EXPECT_TRUE(cache.Render(
        MakeMemoryTree({{"a.yaml", ConfigMap("a" + std::to_string(i), std::string(500, 'x'))}}),
        request));
    return cache.Stats().renders - before;
  };
  EXPECT_EQ(again(19), 0u);
  EXPECT_EQ(again(0), 1u);
}

TEST(RenderCache, ErrorsAndBrokenStoresAreNotKept) {
  RenderCache cache;
  const auto tree = std::make_shared<CountingTree>(Files{{"a.yaml", ConfigMap("a")}});
  const RenderRequest request{.application = "web"};
  tree->broken = true;
  const auto failed = cache.Render(tree, request);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), ErrorCode::kUnavailable);
  tree->broken = false;
  ASSERT_TRUE(cache.Render(tree, request));
  // A store that cannot answer never counts as unchanged.
  const auto broken = std::make_shared<CountingTree>(Files{{"a.yaml", ConfigMap("a")}});
  broken->broken = true;
  EXPECT_FALSE(cache.Render(broken, request));
  EXPECT_EQ(cache.Stats().hits, 0u);
  EXPECT_FALSE(DigestReads(*broken, {.files = {"a.yaml"}, .directories = {}}));
}

TEST(RenderCache, ThreadsShareOneRender) {
  RenderCache cache;
  const auto tree = std::make_shared<CountingTree>(Files{{"a.yaml", ConfigMap("a")}});
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        const RenderRequest request{.application = "web", .cluster = {.name = std::to_string(i)}};
        for (int k = 0; k < 20; ++k) good += cache.Render(tree, request).has_value() ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(good, 160);
  EXPECT_EQ(cache.Stats().renders, 1u);
  EXPECT_EQ(cache.Stats().hits + cache.Stats().shared, 159u);
}

}  // namespace
}  // namespace swell
